/* Parties by uuid, each read once. */
#pragma once
#include "base/map.h"
#include "store/store.h"

struct book {
	struct arena *a;
	struct reader *r;
	struct map known; /* of struct book_entry: its party is NULL when not registered */
	struct uuid wanted[PARTIES_MAX];
	size_t n;
};
/* A nil uuid is nobody. */
MUST_USE enum rc book_want(struct book *b, struct uuid uuid);
/* Reads what is wanted still; needed before book_find. */
MUST_USE enum rc book_fill(struct book *b);
const struct party *book_find(const struct book *b, struct uuid uuid); /* NULL: not registered, or never wanted */
