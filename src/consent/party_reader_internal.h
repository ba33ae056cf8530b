/* Reads parties by uuid, each once. */
#pragma once
#include "base/map.h"
#include "store/store.h"

struct party_reader {
	struct arena *a;
	struct reader *r;
	struct map known; /* of struct party_reader_entry; its party is NULL where none is registered */
	struct uuid wanted[PARTIES_MAX];
	size_t n;
};
/* Marks a party for the next read. A nil uuid is ignored. */
MUST_USE enum rc party_reader_want(struct party_reader *reader, struct uuid uuid);
/* Reads the marked parties. Call it before party_reader_find. */
MUST_USE enum rc party_reader_fill(struct party_reader *reader);
const struct party *party_reader_find(const struct party_reader *reader,
				      struct uuid uuid); /* NULL: not registered, or never marked */
