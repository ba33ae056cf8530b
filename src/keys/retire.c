/* The end of a key: what it leaves behind, and which key signs after it. */
#include <assert.h>

#include "keys/keyring.h"

#include "keys/rows_internal.h"

static bool signs_at(const struct key_rows *rows, const struct key_row *like, int64_t at)
{
	for (size_t i = 0; i < rows->n; i++)
		if (key_rows_alike(&rows->list[i], like) && key_row_state(&rows->list[i], at) == KEY_ACTIVE)
			return true;
	return false;
}

/* The time from which no key of the algorithm signs: now, or the end of one of them; INT64_MAX: never. */
static int64_t silent_from(const struct key_rows *rows, const struct key_row *like, int64_t now)
{
	int64_t first = INT64_MAX;
	if (!signs_at(rows, like, now))
		return now;
	for (size_t i = 0; i < rows->n; i++) {
		int64_t end = rows->list[i].retire_at;
		if (end > now && end < first && key_rows_alike(&rows->list[i], like) && !signs_at(rows, like, end))
			first = end;
	}
	return first;
}

/* Does a key of the algorithm sign, now or later, without a planned end? */
static bool has_endless(const struct key_rows *rows, const struct key_row *like)
{
	for (size_t i = 0; i < rows->n; i++)
		if (key_rows_alike(&rows->list[i], like) && !rows->list[i].retire_at)
			return true;
	return false;
}

static enum rc refuse(struct key_end *e, const char *why)
{
	e->why = why;
	return RC_INVALID;
}

/* Keys that were to make way for `k`, which will never sign, get its end in place of theirs. */
static void rotation_cancel(struct key_rows *rows, const struct key_row *k, struct arena *a, struct key_end *e)
{
	e->going_on = arena_array(a, struct key_row, rows->n);
	e->n_going_on = 0;
	for (size_t i = 0; i < rows->n; i++) {
		struct key_row *old = &rows->list[i];
		if (!str_eq(old->kid, k->kid) && key_rows_alike(old, k) && old->retire_at == k->active_from) {
			old->retire_at = k->retire_at;
			old->remove_at = k->remove_at;
			e->going_on[e->n_going_on++] = *old;
		}
	}
}

struct outlook {        /* of an algorithm */
	int64_t silent; /* as silent_from */
	bool endless;   /* as has_endless */
};

static struct outlook outlook_of(const struct key_rows *rows, const struct key_row *like, int64_t now)
{
	return (struct outlook){ silent_from(rows, like, now), has_endless(rows, like) };
}

static enum rc silence_check(const struct key_rows *rows, const struct key_row *like, int64_t now,
			     struct outlook before, struct key_end *e)
{
	int64_t after = silent_from(rows, like, now);
	bool none_signs = before.silent == now, lost = before.endless && !has_endless(rows, like);
	if (e->last || none_signs || (after >= before.silent && !lost))
		return RC_OK;
	if (after == now)
		return refuse(e, "no other key of its algorithm signs: such tokens could not be given any more");
	return refuse(e, "the others of its algorithm are planned to end, and no key would sign from then on: let "
			 "one follow them first (samtykke key rotate)");
}

/* Stores the times of the key first, then those of the keys that sign on. */
static enum rc end_store(struct store *s, struct arena *a, const struct key_row *k, const struct key_end *e)
{
	struct key_row *all = arena_array(a, struct key_row, e->n_going_on + 1);
	assert(k->retire_at && k->remove_at >= k->retire_at);
	all[0] = *k;
	for (size_t i = 0; i < e->n_going_on; i++)
		all[i + 1] = e->going_on[i];
	return keys_set_times(s, a, all, e->n_going_on + 1);
}

static enum rc signing_end(struct key_rows *rows, struct key_row *k, int64_t now, struct arena *a, struct key_end *e)
{
	struct key_row before_end = *k;
	struct outlook before = outlook_of(rows, k, now);
	k->retire_at = now;
	bool missed = !signs_at(rows, k, before_end.active_from) || has_endless(rows, k) < before.endless;
	if (key_row_state(&before_end, now) == KEY_WAITING && missed)
		rotation_cancel(rows, &before_end, a, e);
	return silence_check(rows, k, now, before, e);
}

enum rc keyring_retire(struct store *s, struct arena *a, struct key_end *e)
{
	struct key_rows rows;
	struct key_row *k = NULL;
	int64_t now = clock_now(), keep = e->keep >= 0 ? e->keep : 0;
	TRY(key_row_find(s, a, e->kid, &rows, &k));
	enum key_state state = key_row_state(k, now);
	e->n_going_on = 0;
	if (state == KEY_REMOVED && e->compromised && !k->compromised) {
		k->compromised = true; /* receipts can no longer be verified with it */
		return keys_set_times(s, a, k, 1);
	}
	if (state == KEY_REMOVED || (state == KEY_RETIRED && !e->compromised))
		return refuse(e, "the key is retired already");
	if (state != KEY_RETIRED)
		TRY(signing_end(&rows, k, now, a, e));
	if (!e->compromised && state == KEY_ACTIVE)
		TRY(key_keep_time(e->keep, false, &keep, &e->why));
	k->remove_at = now + keep;
	k->compromised = k->compromised || e->compromised;
	return end_store(s, a, k, e);
}
