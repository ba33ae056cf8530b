#include "gate/issuers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/url.h"
#include "jose/keyset.h"

#define ISSUER_TEXT_MAX 512 /* bytes of one address */

struct issuer {
	const struct issuers *owner;
	char name[ISSUER_TEXT_MAX + 1];
	char url[ISSUER_TEXT_MAX + 1];
	bool enduser;
	struct keyset *keys;
};

struct issuers {
	struct net_pool *pool;
	_Atomic int waiting; /* callers that wait for the keys of any issuer */
	struct issuer list[ISSUERS_MAX];
	size_t n;
};

/* ---- the setting ---- */

static bool address_copy(struct str text, char out[ISSUER_TEXT_MAX + 1])
{
	struct url u;
	if (text.n > ISSUER_TEXT_MAX || url_parse(text, &u) != RC_OK || !url_is_web(&u, false))
		return false;
	memcpy(out, text.p, text.n);
	return true;
}

static bool word_next(struct str *rest, struct str *word_out)
{
	*rest = str_trim(*rest);
	return rest->n && str_next(rest, ' ', word_out);
}

static enum rc issuer_read(struct str text, struct issuer *i)
{
	struct str name, url, mark;
	if (!word_next(&text, &name) || !word_next(&text, &url))
		return RC_INVALID;
	i->enduser = word_next(&text, &mark);
	if (i->enduser && (!str_is(mark, "enduser") || word_next(&text, &mark)))
		return RC_INVALID;
	return address_copy(name, i->name) && address_copy(url, i->url) ? RC_OK : RC_INVALID;
}

static enum rc list_read(struct arena *a, struct str text, struct issuers *s, struct str *err_out)
{
	struct str entry, rest = text;
	while (str_next(&rest, ',', &entry)) {
		if (s->n < ISSUERS_MAX && issuer_read(entry, &s->list[s->n]) == RC_OK) {
			s->n++;
			continue;
		}
		*err_out = s->n == ISSUERS_MAX
				   ? arena_fmt(a, "trusted_issuers: more than %d", ISSUERS_MAX)
				   : arena_fmt(a, "trusted_issuers: \"%.*s\" is not ISSUER JWKS-URL [enduser]",
					       STR_FMT(str_trim(entry)));
		return RC_INVALID;
	}
	return RC_OK;
}

/* ---- their keys ---- */

static void key_skipped(void *ctx, struct str kid, const char *why)
{
	const struct issuer *i = ctx;
	log_warn("issuer.key_skipped", KV("issuer", str_of(i->name)), KV("kid", kid), KV("why", why));
}

static enum rc keys_fetch(void *ctx, struct jwks *out)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct issuer *i = ctx;
	const struct net_req req = { .method = "GET", .url = i->url, .timeout_s = ISSUER_FETCH_S };
	const struct jwks_skip skip = { key_skipped, ctx };
	struct net_res res = { 0 };
	struct str why = STR_NONE;
	enum rc rc = net_pool_fetch(i->owner->pool, &a, &req, &res, &why);
	if (rc == RC_OK && res.status == 200 && keyset_read(&a, res.body, &skip, out) == RC_OK)
		return RC_OK;
	log_error("issuer.keys_kept", KV("issuer", str_of(i->name)), KV("status", res.status),
		  KV("why", why.p ? why : STR("")));
	return RC_BUSY;
}

static enum rc keys_open(struct issuers *s, const struct issuers_config *c)
{
	assert(s->n == 0 || c->pool);
	struct keyset_rule rule = {
		.fetch = keys_fetch,
		.max_age = ISSUER_KEYS_AGE_S * CLOCK_SECOND,
		.end_age = ISSUER_KEYS_END_S * CLOCK_SECOND,
		.empty_wait = c->min_wait_us,
		.wait = c->min_wait_us,
		.waiting = &s->waiting,
		.max_waiting = c->max_waiting,
	};
	for (size_t i = 0; i < s->n; i++) {
		s->list[i].owner = s;
		rule.ctx = &s->list[i];
		TRY(keyset_create(&rule, &s->list[i].keys));
	}
	return RC_OK;
}

enum rc issuers_create(struct arena *a, const struct issuers_config *c, struct issuers **out, struct str *err_out)
{
	struct issuers *s = calloc(1, sizeof *s);
	if (!s)
		return RC_FAIL;
	s->pool = c->pool;
	enum rc rc = list_read(a, str_of(c->text), s, err_out);
	if (rc == RC_OK)
		rc = keys_open(s, c);
	if (rc == RC_OK)
		*out = s;
	else
		issuers_destroy(s);
	return rc;
}

void issuers_destroy(struct issuers *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		keyset_destroy(s->list[i].keys);
	free(s);
}

static enum rc verify(const struct issuer *i, const struct jws *jws)
{
	struct jwk *key;
	enum rc rc = keyset_key(i->keys, jws->kid, jws->alg, &key);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_DENIED : RC_BUSY;
	rc = jws_verify(jws, key);
	jwk_unref(key);
	return rc;
}

enum rc issuers_verify(const struct issuers *s, struct str issuer, const struct jws *jws, struct issued_by *out)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct issuer *known = &s->list[i];
		if (!str_is(issuer, known->name))
			continue;
		*out = (struct issued_by){ str_of(known->name), known->enduser };
		return verify(known, jws);
	}
	return RC_NOT_FOUND;
}
