#include "consent/party_reader_internal.h"

struct party_reader_entry {
	struct party *party;
};

enum rc party_reader_fill(struct party_reader *b)
{
	struct party *found[PARTIES_MAX] = { NULL };
	if (b->n == 0)
		return RC_OK;
	TRY(parties_by_uuid(b->r, b->a, b->wanted, b->n, found));
	for (size_t i = 0; i < b->n; i++) {
		struct party_reader_entry *e = map_get(&b->known, uuid_bytes(&b->wanted[i]));
		e->party = found[i];
	}
	b->n = 0;
	return RC_OK;
}

enum rc party_reader_want(struct party_reader *b, struct uuid uuid)
{
	struct str key = uuid_bytes(&uuid);
	if (uuid_is_nil(uuid) || map_get(&b->known, key))
		return RC_OK;
	map_put(&b->known, b->a, arena_str(b->a, key), arena_new(b->a, struct party_reader_entry));
	b->wanted[b->n++] = uuid;
	return b->n == PARTIES_MAX ? party_reader_fill(b) : RC_OK;
}

const struct party *party_reader_find(const struct party_reader *b, struct uuid uuid)
{
	const struct party_reader_entry *e = map_get(&b->known, uuid_bytes(&uuid));
	return e ? e->party : NULL;
}
