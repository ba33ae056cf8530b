#include <assert.h>

#include "keys/keyring.h"

#include "jose/pkcs11.h"
#include "keys/rows_internal.h"
#include "keys/seal_internal.h"

#define CERTIFICATE_LIFE (10 * 365 * CLOCK_DAY)
#define SUBJECT "Samtykke"

/* ---- the key itself ---- */

static enum rc refuse(struct key_order *o, const char *why)
{
	o->why = why;
	return RC_INVALID;
}

static enum rc import(struct key_order *o, struct jwk **out)
{
	if (jwk_from_pem(o->import, o->alg, STR_NONE, out) != RC_OK || !jwk_is_private(*out))
		return refuse(o, "what is imported is no private key of that algorithm in PEM, without a pass phrase");
	return RC_OK;
}

static enum rc key_get(struct key_order *o, struct jwk **out)
{
	unsigned bits = o->bits ? o->bits : KEYRING_BITS;
	if (o->bits && (bits < JOSE_RSA_MIN_BITS || bits > KEYRING_BITS_MAX))
		return refuse(o, "an RSA key must have 2048 to 4096 bits");
	if (o->bits && o->alg != JOSE_RS256 && o->alg != JOSE_PS256)
		return refuse(o, "only an RSA key has a number of bits to choose");
	if (o->token_uri.p)
		return p11_key(o->token, o->token_uri, o->alg, bits, out, &o->why);
	if (o->import.p)
		return import(o, out);
	return jwk_generate_sized(o->alg, bits, STR_NONE, out);
}

static enum rc key_check(const struct jwk *k, struct key_order *o)
{
	if (keyring_is_sandbox_key(k))
		return RC_DENIED;
	if (jwk_bits(k) > KEYRING_BITS_MAX)
		return refuse(o, "an RSA key must have 2048 to 4096 bits");
	return RC_OK;
}

static enum rc certificate(struct jwk *k, struct key_order *o, int64_t published)
{
	if (o->chain.p)
		return jwk_set_chain(k, o->chain, clock_now(), &o->why);
	enum rc rc =
		jwk_self_sign(k, o->subject.p ? o->subject : STR(SUBJECT), published, published + CERTIFICATE_LIFE);
	return rc == RC_INVALID ? refuse(o, "the subject is no name such as CN=Issuer,O=Agency,C=NO") : rc;
}

/* The kid of a key for Altinn 2 is the thumbprint of its certificate. */
static enum rc key_name(struct jwk *k, struct key_order *o, struct arena *a, int64_t published)
{
	TRY(key_check(k, o));
	TRY(certificate(k, o, published));
	return str_is(o->use, KEY_USE_ALTINN2) ? jwk_set_kid(k, jwk_x5t(k, a)) : RC_OK;
}

/* The key with its certificate and kid. On a command line a kid that begins with a dash would be read as an option: of
 * generated keys it is never one. */
static enum rc key_named(struct key_order *o, struct arena *a, int64_t published, struct jwk **out)
{
	bool generated = !o->import.p && !o->token_uri.p;
	for (;;) {
		TRY(key_get(o, out));
		TRY(key_name(*out, o, a, published));
		if (!generated || !str_starts(jwk_kid(*out), STR("-")))
			return RC_OK;
		jwk_unref(*out);
		*out = NULL;
	}
}

static enum rc key_store(struct store *s, struct arena *a, const struct jwk *k, const struct key_order *o,
			 const struct key_row *times, const struct key_rows *old)
{
	struct key_row row = *times;
	struct buf open = BUF(a);
	struct jsw w = JSW(&open);
	row.alg = str_of(jose_alg_name(jwk_alg(k)));
	row.token_uri = o->token_uri;
	row.use = o->use;
	row.kid = jwk_kid(k);
	jwk_write_public(&w, k);
	row.public_json = buf_str(&open);
	assert(o->token_uri.p || o->master);
	if (!o->token_uri.p)
		TRY(keyring_seal(a, k, o->master, &row));
	return keys_rotate(s, a, &row, old->list, old->n);
}

static enum rc use_check(struct key_order *o)
{
	if (str_is(o->use, KEY_USE_ALTINN2) && o->alg != JOSE_RS256)
		return refuse(o, "tokens of Altinn 2 are signed with RS256");
	return RC_OK;
}

static enum rc key_make(struct store *s, struct arena *a, struct key_order *o, const struct key_row *times,
			const struct key_rows *old, struct str *kid_out)
{
	struct jwk *k = NULL;
	enum rc rc = use_check(o);
	if (rc == RC_OK)
		rc = key_named(o, a, times->published, &k);
	if (rc == RC_OK)
		rc = key_store(s, a, k, o, times, old);
	if (rc == RC_OK)
		*kid_out = arena_str(a, jwk_kid(k));
	jwk_unref(k);
	return rc;
}

/* ---- times ---- */

/* `first`: the store has no key of its use yet, so that no verifier has fetched a key set. */
static enum rc lead_time(struct key_order *o, bool first, int64_t *out)
{
	int64_t lead = o->lead >= 0 ? o->lead : first ? 0 : KEYRING_LEAD;
	if (lead < KEYRING_LEAD_MIN && !first && !o->despite_caches)
		return refuse(o, "verifiers keep the key set for 24 hours, and may have got it from a cache that was "
				 "an hour old: the new key must be published for 26 before it signs");
	*out = lead;
	return RC_OK;
}

static bool any_of_use(const struct key_rows *rows, struct str use)
{
	for (size_t i = 0; i < rows->n; i++)
		if (str_eq(rows->list[i].use, use))
			return true;
	return false;
}

enum rc keyring_create(struct store *s, struct arena *a, struct key_order *o, struct str *kid_out)
{
	struct key_rows rows;
	struct key_row times = { .published = clock_now() };
	int64_t lead;
	TRY(key_rows_read(s, a, true, &rows));
	if (rows.n == KEYRING_MAX)
		return RC_TOO_LARGE;
	TRY(lead_time(o, !any_of_use(&rows, o->use), &lead));
	times.active_from = times.published + lead;
	return key_make(s, a, o, &times, &(struct key_rows){ .n = 0 }, kid_out);
}

static int64_t end_of(const struct key_row *row)
{
	return row->retire_at ? row->retire_at : INT64_MAX;
}

/* Does the key sign longer than every other one of the algorithm? A new key replaces these. */
static bool ends_last(const struct key_rows *rows, const struct key_row *row, const struct key_row *like)
{
	if (!key_rows_alike(row, like) || end_of(row) <= clock_now())
		return false;
	for (size_t i = 0; i < rows->n; i++)
		if (key_rows_alike(&rows->list[i], row) && end_of(&rows->list[i]) > end_of(row))
			return false;
	return true;
}

/* The newest key that a new one replaces; NULL: none. */
static struct key_row *replaced(const struct key_rows *rows, const struct key_row *like)
{
	struct key_row *best = NULL;
	for (size_t i = 0; i < rows->n; i++) {
		struct key_row *row = &rows->list[i];
		if (ends_last(rows, row, like) && (!best || row->active_from >= best->active_from))
			best = row;
	}
	return best;
}

static struct str subject_of(struct arena *a, const struct key_row *row)
{
	struct jwk *k = NULL;
	struct jwk_cert cert;
	if (keyring_jwk(a, row->public_json, &k) != RC_OK)
		return STR_NONE;
	struct str subject = jwk_cert_read(k, a, &cert) == RC_OK ? cert.subject : STR_NONE;
	jwk_unref(k);
	return subject.n ? subject : STR_NONE;
}

/* The keys that a new one replaces, with their new times. */
static struct key_rows old_retire(const struct key_rows *rows, const struct key_row *like, int64_t at, int64_t keep)
{
	struct key_rows old = { .list = arena_array(rows->a, struct key_row, rows->n) };
	for (size_t i = 0; i < rows->n; i++) {
		if (!ends_last(rows, &rows->list[i], like))
			continue;
		assert(old.n < rows->n);
		struct key_row *o = &old.list[old.n++];
		*o = rows->list[i];
		o->retire_at = at;
		o->remove_at = at + keep;
	}
	return old;
}

enum rc keyring_rotate(struct store *s, struct arena *a, struct key_order *o, struct str *kid_out)
{
	struct key_rows rows;
	struct key_row times = { .published = clock_now() };
	int64_t lead, keep;
	TRY(key_rows_read(s, a, true, &rows));
	if (rows.n == KEYRING_MAX)
		return RC_TOO_LARGE;
	const struct key_row like = { .alg = str_of(jose_alg_name(o->alg)), .use = o->use };
	const struct key_row *old = replaced(&rows, &like);
	if (!old)
		return RC_NOT_FOUND;
	TRY(lead_time(o, false, &lead));
	TRY(key_keep_time(o->keep, o->despite_caches, &keep, &o->why));
	times.active_from = times.published + lead;
	if (!o->subject.p)
		o->subject = subject_of(a, old);
	rows = old_retire(&rows, &like, times.active_from, keep);
	return key_make(s, a, o, &times, &rows, kid_out);
}
