#include "keys/rows_internal.h"

static enum rc row_collect(void *ctx, const struct key_row *k)
{
	struct key_rows *rows = ctx;
	if (rows->published && k->remove_at && k->remove_at <= clock_now())
		return RC_OK;
	if (rows->published && rows->n == KEYRING_MAX)
		return RC_TOO_LARGE;
	arena_room(rows->a, rows->list, rows->n, &rows->cap, KEYRING_MAX);
	struct key_row *own = &rows->list[rows->n++];
	*own = *k;
	own->kid = arena_str(rows->a, k->kid);
	own->alg = arena_str(rows->a, k->alg);
	own->public_json = arena_str(rows->a, k->public_json);
	own->sealed = arena_str(rows->a, k->sealed);
	own->token_uri = arena_str(rows->a, k->token_uri);
	return RC_OK;
}

enum rc key_rows_read(struct store *s, struct arena *a, bool published, struct key_rows *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	*out = (struct key_rows){ .a = a, .published = published };
	TRY(reader_open(s, false, &r));
	return keys_each(r, row_collect, out);
}

static enum rc row_find(struct store *s, struct arena *a, struct str kid, struct key_rows *all_out,
			struct key_row **out)
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
	return names[s];
}

static enum key_state state_of(const struct key_row *k, int64_t now)
{
	if (k->remove_at && k->remove_at <= now)
		return KEY_REMOVED;
	if (k->retire_at && k->retire_at <= now)
		return KEY_RETIRED;
	return k->active_from > now ? KEY_WAITING : KEY_ACTIVE;
}

/* Of those that could sign the newest does; as in the ring, where the row that was read last comes first. */
static bool outdone(const struct key_info *i, const struct key_info *o)
{
	return o != i && o->state == KEY_ACTIVE && str_eq(o->row.alg, i->row.alg) &&
	       (o->row.active_from > i->row.active_from || (o->row.active_from == i->row.active_from && o > i));
}

enum rc keyring_list(struct store *s, struct arena *a, int64_t now, struct key_info *out[], size_t *n_out)
{
	struct key_rows rows;
	TRY(key_rows_read(s, a, false, &rows));
	struct key_info *list = arena_array(a, struct key_info, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++)
		list[i] = (struct key_info){ rows.list[i], state_of(&rows.list[i], now) };
	for (size_t i = 0; i < rows.n; i++)
		for (size_t j = 0; j < rows.n && list[i].state == KEY_ACTIVE; j++)
			if (outdone(&list[i], &list[j]))
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
	w->found = w->found || (str_is(k->alg, w->alg) && state_of(k, clock_now()) == KEY_ACTIVE);
	return RC_OK;
}

enum rc keyring_signs(struct reader *r, enum jose_alg alg)
{
	struct wanted w = { .alg = jose_alg_name(alg) };
	TRY(keys_each(r, row_signs, &w));
	return w.found ? RC_OK : RC_NOT_FOUND;
}

/* ---- the end of a key ---- */

static bool signs_at(const struct key_rows *rows, struct str alg, int64_t at)
{
	for (size_t i = 0; i < rows->n; i++)
		if (str_eq(rows->list[i].alg, alg) && state_of(&rows->list[i], at) == KEY_ACTIVE)
			return true;
	return false;
}

/* From when on no key of the algorithm signs: now, or when one of them ends; INT64_MAX: never. */
static int64_t silent_from(const struct key_rows *rows, struct str alg, int64_t now)
{
	int64_t first = INT64_MAX;
	if (!signs_at(rows, alg, now))
		return now;
	for (size_t i = 0; i < rows->n; i++) {
		int64_t end = rows->list[i].retire_at;
		if (end > now && end < first && str_eq(rows->list[i].alg, alg) && !signs_at(rows, alg, end))
			first = end;
	}
	return first;
}

/* Does one of them sign, or is one to sign, without an end? */
static bool goes_on(const struct key_rows *rows, struct str alg)
{
	for (size_t i = 0; i < rows->n; i++)
		if (str_eq(rows->list[i].alg, alg) && !rows->list[i].retire_at)
			return true;
	return false;
}

static enum rc refuse(struct key_end *e, const char *why)
{
	e->why = why;
	return RC_INVALID;
}

/* Those that were to make way for a key that will not come get its end in place of theirs. */
static void rotation_cancel(struct key_rows *rows, const struct key_row *k, struct arena *a, struct key_end *e)
{
	e->going_on = arena_array(a, struct key_row, rows->n);
	e->n_going_on = 0;
	for (size_t i = 0; i < rows->n; i++) {
		struct key_row *old = &rows->list[i];
		if (!str_eq(old->kid, k->kid) && str_eq(old->alg, k->alg) && old->retire_at == k->active_from) {
			old->retire_at = k->retire_at;
			old->remove_at = k->remove_at;
			e->going_on[e->n_going_on++] = *old;
		}
	}
}

struct outlook {
	int64_t silent;
	bool goes_on;
};

static struct outlook outlook_of(const struct key_rows *rows, struct str alg, int64_t now)
{
	return (struct outlook){ silent_from(rows, alg, now), goes_on(rows, alg) };
}

static enum rc silence_check(const struct key_rows *rows, struct str alg, int64_t now, struct outlook before,
			     struct key_end *e)
{
	int64_t after = silent_from(rows, alg, now);
	bool none_signs = before.silent == now, lost = before.goes_on && !goes_on(rows, alg);
	if (e->last || none_signs || (after >= before.silent && !lost))
		return RC_OK;
	if (after == now)
		return refuse(e, "no other key of its algorithm signs: such tokens could not be given any more");
	return refuse(e, "the others of its algorithm are planned to end, and no key would sign from then on: let "
			 "one follow them first (samtykke key rotate)");
}

/* The key first, then those that go on. */
static enum rc end_store(struct store *s, struct arena *a, const struct key_row *k, const struct key_end *e)
{
	struct key_row *all = arena_array(a, struct key_row, e->n_going_on + 1);
	all[0] = *k;
	for (size_t i = 0; i < e->n_going_on; i++)
		all[i + 1] = e->going_on[i];
	return keys_set_times(s, a, all, e->n_going_on + 1);
}

static enum rc signing_end(struct key_rows *rows, struct key_row *k, int64_t now, struct arena *a, struct key_end *e)
{
	struct key_row was = *k;
	struct outlook before = outlook_of(rows, k->alg, now);
	k->retire_at = now;
	bool missed = !signs_at(rows, k->alg, was.active_from) || goes_on(rows, k->alg) < before.goes_on;
	if (state_of(&was, now) == KEY_WAITING && missed)
		rotation_cancel(rows, &was, a, e);
	return silence_check(rows, k->alg, now, before, e);
}

enum rc keyring_retire(struct store *s, struct arena *a, struct key_end *e)
{
	struct key_rows rows;
	struct key_row *k = NULL;
	int64_t now = clock_now(), keep = e->keep >= 0 ? e->keep : 0;
	TRY(row_find(s, a, e->kid, &rows, &k));
	enum key_state state = state_of(k, now);
	e->n_going_on = 0;
	if (state == KEY_REMOVED && e->compromised && !k->compromised) {
		k->compromised = true; /* it vouches for receipts no longer */
		return keys_set_times(s, a, k, 1);
	}
	if (state == KEY_REMOVED || (state == KEY_RETIRED && !e->compromised))
		return refuse(e, "the key is retired already");
	if (state != KEY_RETIRED)
		TRY(signing_end(&rows, k, now, a, e));
	if (!e->compromised && state == KEY_ACTIVE)
		TRY(keyring_keep(e->keep, false, &keep, &e->why));
	k->remove_at = now + keep;
	k->compromised = k->compromised || e->compromised;
	return end_store(s, a, k, e);
}

/* ---- certificates from others ---- */

static enum rc csr_write(struct arena *a, const struct jwk *k, const struct jwk *public, struct str subject,
			 struct str *pem_out)
{
	struct jwk_cert cert;
	if (!subject.p && jwk_cert_read(public, a, &cert) == RC_OK)
		subject = cert.subject;
	return jwk_csr(k, a, subject, pem_out);
}

enum rc keyring_csr(struct store *s, struct arena *a, struct str kid, const struct key_order *with, struct str *pem_out)
{
	struct key_rows rows;
	struct key_row *row = NULL;
	struct jwk *k = NULL, *public = NULL;
	TRY(row_find(s, a, kid, &rows, &row));
	enum rc rc = keyring_unseal(row, with->master, with->token, &k);
	if (rc == RC_OK)
		rc = keyring_jwk(a, row->public_json, &public);
	if (rc == RC_OK)
		rc = csr_write(a, k, public, with->subject, pem_out);
	jwk_unref(public);
	jwk_unref(k);
	return rc == RC_NOT_FOUND ? RC_FAIL : rc;
}

enum rc keyring_certify(struct store *s, struct arena *a, struct str kid, struct str chain, const char **why_out)
{
	struct key_rows rows;
	struct key_row *row = NULL;
	struct jwk *k = NULL;
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	TRY(row_find(s, a, kid, &rows, &row));
	TRY(keyring_jwk(a, row->public_json, &k));
	enum rc rc = jwk_set_chain(k, chain, clock_now(), why_out);
	if (rc == RC_OK) {
		jwk_write_public(&w, k);
		row->public_json = buf_str(&b);
		rc = keys_set_public(s, a, row);
	}
	jwk_unref(k);
	return rc;
}

/* ---- the master key ---- */

enum rc keyring_rekey(struct store *s, struct arena *a, const uint8_t from[32], const uint8_t to[32], size_t *n_out)
{
	struct key_rows rows;
	size_t n = 0;
	TRY(key_rows_read(s, a, false, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		struct key_row *row = &rows.list[i];
		struct str plain;
		if (row->token_uri.n)
			continue;
		TRY(seal_decrypt(a, from, row->sealed, row->kid, &plain));
		enum rc rc = seal_encrypt(a, to, plain, row->kid, &row->sealed);
		explicit_bzero((char *)(uintptr_t)plain.p, plain.n);
		TRY(rc);
		rows.list[n++] = *row;
	}
	*n_out = n;
	return keys_set_sealed(s, a, rows.list, n);
}
