#include "consent/book_internal.h"

struct book_entry {
	struct party *party;
};

enum rc book_fill(struct book *b)
{
	struct party *found[PARTIES_MAX] = { NULL };
	if (b->n == 0)
		return RC_OK;
	TRY(parties_by_uuid(b->r, b->a, b->wanted, b->n, found));
	for (size_t i = 0; i < b->n; i++) {
		struct book_entry *e = map_get(&b->known, uuid_bytes(&b->wanted[i]));
		e->party = found[i];
	}
	b->n = 0;
	return RC_OK;
}

enum rc book_want(struct book *b, struct uuid uuid)
{
	struct str key = uuid_bytes(&uuid);
	if (uuid_is_nil(uuid) || map_get(&b->known, key))
		return RC_OK;
	map_put(&b->known, b->a, arena_str(b->a, key), arena_new(b->a, struct book_entry));
	b->wanted[b->n++] = uuid;
	return b->n == PARTIES_MAX ? book_fill(b) : RC_OK;
}

const struct party *book_find(const struct book *b, struct uuid uuid)
{
	const struct book_entry *e = map_get(&b->known, uuid_bytes(&uuid));
	return e ? e->party : NULL;
}
