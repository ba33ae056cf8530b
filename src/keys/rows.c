#include "keys/rows_internal.h"

#include <assert.h>

static enum rc row_collect(void *ctx, const struct key_row *k)
{
	struct key_rows *rows = ctx;
	if (rows->published && k->remove_at && k->remove_at <= clock_now())
		return RC_OK;
	if (rows->published && rows->n == KEYRING_MAX)
		return RC_TOO_LARGE;
	arena_room(rows->a, rows->list, rows->n, &rows->cap, KEYRING_MAX);
	struct key_row *row = &rows->list[rows->n++];
	*row = *k;
	row->kid = arena_str(rows->a, k->kid);
	row->alg = arena_str(rows->a, k->alg);
	row->public_json = arena_str(rows->a, k->public_json);
	row->sealed = arena_str(rows->a, k->sealed);
	row->token_uri = arena_str(rows->a, k->token_uri);
	row->use = arena_str(rows->a, k->use);
	return RC_OK;
}

enum rc key_rows_read(struct store *s, struct arena *a, bool published, struct key_rows *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	*out = (struct key_rows){ .a = a, .published = published };
	TRY(reader_open(s, false, &r));
	return keys_each(r, row_collect, out);
}

enum rc key_row_find(struct store *s, struct arena *a, struct str kid, struct key_rows *all_out, struct key_row **out)
{
	TRY(key_rows_read(s, a, false, all_out));
	for (size_t i = 0; i < all_out->n; i++)
		if (str_eq(all_out->list[i].kid, kid)) {
			*out = &all_out->list[i];
			return RC_OK;
		}
	return RC_NOT_FOUND;
}

/* ---- states ---- */

const char *key_state_name(enum key_state s)
{
	static const char *const names[] = {
		[KEY_WAITING] = "waiting", [KEY_ACTIVE] = "active",   [KEY_IDLE] = "idle",
		[KEY_RETIRED] = "retired", [KEY_REMOVED] = "removed",
	};
	_Static_assert(LEN(names) == KEY_STATE__MAX, "a state without a name");
	assert((unsigned)s < KEY_STATE__MAX);
	return names[s];
}

bool key_rows_alike(const struct key_row *a, const struct key_row *b)
{
	return str_eq(a->alg, b->alg) && str_eq(a->use, b->use);
}

enum key_state key_row_state(const struct key_row *k, int64_t now)
{
	if (k->remove_at && k->remove_at <= now)
		return KEY_REMOVED;
	if (k->retire_at && k->retire_at <= now)
		return KEY_RETIRED;
	return k->active_from > now ? KEY_WAITING : KEY_ACTIVE;
}

/* Does `o` sign in place of `i`? Of the active keys of an algorithm the newest signs; of equally new ones the row that
 * was read last, as in the ring. */
static bool outranked(const struct key_info *i, const struct key_info *o)
{
	return o != i && o->state == KEY_ACTIVE && key_rows_alike(&o->row, &i->row) &&
	       (o->row.active_from > i->row.active_from || (o->row.active_from == i->row.active_from && o > i));
}

enum rc keyring_list(struct store *s, struct arena *a, int64_t now, struct key_info *out[], size_t *n_out)
{
	struct key_rows rows;
	TRY(key_rows_read(s, a, false, &rows));
	struct key_info *list = arena_array(a, struct key_info, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++)
		list[i] = (struct key_info){ rows.list[i], key_row_state(&rows.list[i], now) };
	for (size_t i = 0; i < rows.n; i++)
		for (size_t j = 0; j < rows.n && list[i].state == KEY_ACTIVE; j++)
			if (outranked(&list[i], &list[j]))
				list[i].state = KEY_IDLE;
	*out = list;
	*n_out = rows.n;
	return RC_OK;
}

struct wanted {
	const char *alg;
	bool found;
};

static enum rc row_signs(void *ctx, const struct key_row *k)
{
	struct wanted *w = ctx;
	w->found = w->found || (!k->use.n && str_is(k->alg, w->alg) && key_row_state(k, clock_now()) == KEY_ACTIVE);
	return RC_OK;
}

enum rc keyring_signs(struct reader *r, enum jose_alg alg)
{
	struct wanted w = { .alg = jose_alg_name(alg) };
	TRY(keys_each(r, row_signs, &w));
	return w.found ? RC_OK : RC_NOT_FOUND;
}

/* ---- times ---- */

enum rc key_keep_time(int64_t keep, bool despite_caches, int64_t *out, const char **why_out)
{
	*out = keep >= 0 ? keep : KEYRING_KEEP;
	if (*out >= KEYRING_KEEP_MIN || despite_caches)
		return RC_OK;
	*why_out = "a token may live two hours and verifiers keep the key set for 24: the old key must stay published "
		   "for 26";
	return RC_INVALID;
}
