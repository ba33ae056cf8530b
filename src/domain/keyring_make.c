#include "domain/keyring_make.h"

#include "base/clock.h"
#include "domain/seed.h"

#define CERTIFICATE_LIFE (10 * 365 * CLOCK_DAY)
#define ROTATED_SUBJECT "Samtykke"

bool keyring_is_sandbox_key(const struct jwk *k)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct js *v;
	struct jwk *fixed = NULL;
	const char *why;
	if (js_parse(&a, domain_seed("sandbox-signing-key.json"), NULL, &v, NULL) != RC_OK ||
	    jwk_parse(v, &fixed, &why) != RC_OK)
		return false;
	bool same = str_eq(jwk_thumbprint(k, &a), jwk_thumbprint(fixed, &a));
	jwk_unref(fixed);
	return same;
}

struct rows {
	struct arena *a;
	struct key_row *list;
	size_t n, cap;
};

static enum rc row_collect(void *ctx, const struct key_row *k)
{
	struct rows *rows = ctx;
	if (k->remove_at && k->remove_at <= clock_now())
		return RC_OK;
	if (rows->n == rows->cap)
		return RC_TOO_LARGE;
	struct key_row *own = &rows->list[rows->n++];
	*own = *k;
	own->kid = arena_str(rows->a, k->kid);
	own->alg = arena_str(rows->a, k->alg);
	own->public_json = arena_str(rows->a, k->public_json);
	own->sealed = arena_str(rows->a, k->sealed);
	return RC_OK;
}

static enum rc rows_read(struct store *s, struct arena *a, struct rows *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	*out = (struct rows){ .a = a, .list = arena_array(a, struct key_row, KEYRING_MAX), .cap = KEYRING_MAX };
	TRY(reader_open(s, false, &r));
	return keys_each(r, row_collect, out);
}

static enum rc row_seal(struct arena *a, const struct jwk *k, const uint8_t master[32], struct key_row *row)
{
	struct buf secret = BUF(a), open = BUF(a);
	struct jsw s = JSW(&secret), o = JSW(&open);
	jwk_write_private(&s, k);
	jwk_write_public(&o, k);
	row->public_json = buf_str(&open);
	enum rc rc = seal_encrypt(a, master, buf_str(&secret), row->kid, &row->sealed);
	explicit_bzero(secret.p, secret.n);
	return rc;
}

static enum rc key_store(struct store *s, struct arena *a, struct jwk *k, const struct key_row *times,
			 const uint8_t master[32], struct str subject)
{
	struct key_row row = *times;
	if (keyring_is_sandbox_key(k))
		return RC_DENIED;
	row.kid = jwk_kid(k);
	row.alg = str_of(jose_alg_name(jwk_alg(k)));
	TRY(jwk_self_sign(k, subject, row.published, row.published + CERTIFICATE_LIFE));
	TRY(row_seal(a, k, master, &row));
	return keys_insert(s, a, &row);
}

static enum rc key_make(struct store *s, struct arena *a, enum jose_alg alg, const struct key_row *times,
			const uint8_t master[32], struct str subject, struct str *kid_out)
{
	struct jwk *k = NULL;
	TRY(jwk_generate(alg, STR_NONE, &k));
	enum rc rc = key_store(s, a, k, times, master, subject);
	if (rc == RC_OK)
		*kid_out = arena_str(a, jwk_kid(k));
	jwk_unref(k);
	return rc;
}

enum rc keyring_create(struct store *s, struct arena *a, enum jose_alg alg, struct str subject,
		       const uint8_t master[32], int64_t active_from, struct str *kid_out)
{
	struct rows rows;
	struct key_row times = { .published = clock_now(), .active_from = active_from };
	TRY(rows_read(s, a, &rows));
	if (rows.n == KEYRING_MAX)
		return RC_TOO_LARGE;
	if (!times.active_from)
		times.active_from = times.published;
	return key_make(s, a, alg, &times, master, subject, kid_out);
}

static bool rows_has_current(const struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		if (!rows->list[i].retire_at)
			return true;
	return false;
}

/* The new row is written before the old ones get their end: between the two the newest active key signs anyhow. */
enum rc keyring_rotate(struct store *s, struct arena *a, enum jose_alg alg, const uint8_t master[32], int64_t lead,
		       int64_t keep, struct str *kid_out)
{
	struct rows rows;
	struct key_row times = { .published = clock_now() };
	times.active_from = times.published + lead;
	TRY(rows_read(s, a, &rows));
	if (rows.n == KEYRING_MAX)
		return RC_TOO_LARGE;
	if (!rows_has_current(&rows))
		return RC_NOT_FOUND;
	TRY(key_make(s, a, alg, &times, master, STR(ROTATED_SUBJECT), kid_out));
	for (size_t i = 0; i < rows.n; i++) {
		struct key_row *old = &rows.list[i];
		if (old->retire_at)
			continue;
		old->retire_at = times.active_from;
		old->remove_at = times.active_from + keep;
		TRY(keys_set_times(s, a, old));
	}
	return RC_OK;
}
