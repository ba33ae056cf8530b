#include "consent/party_reader_internal.h"

#include <assert.h>

struct party_reader_entry {
	struct party *party;
};

enum rc party_reader_fill(struct party_reader *reader)
{
	struct party *found[PARTIES_MAX] = { NULL };
	if (reader->n == 0)
		return RC_OK;
	TRY(parties_by_uuid(reader->r, reader->a, reader->wanted, reader->n, found, NULL));
	for (size_t i = 0; i < reader->n; i++) {
		struct party_reader_entry *e = map_get(&reader->known, uuid_bytes(&reader->wanted[i]));
		assert(e);
		e->party = found[i];
	}
	reader->n = 0;
	return RC_OK;
}

enum rc party_reader_want(struct party_reader *reader, struct uuid uuid)
{
	struct str key = uuid_bytes(&uuid);
	if (uuid_is_nil(uuid) || map_get(&reader->known, key))
		return RC_OK;
	assert(reader->n < PARTIES_MAX);
	map_put(&reader->known, reader->a, arena_str(reader->a, key), arena_new(reader->a, struct party_reader_entry));
	reader->wanted[reader->n++] = uuid;
	return reader->n == PARTIES_MAX ? party_reader_fill(reader) : RC_OK;
}

const struct party *party_reader_find(const struct party_reader *reader, struct uuid uuid)
{
	const struct party_reader_entry *e = map_get(&reader->known, uuid_bytes(&uuid));
	return e ? e->party : NULL;
}
