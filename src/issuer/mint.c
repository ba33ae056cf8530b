#include "issuer/internal.h"

#include <assert.h>

#include "base/clock.h"
#include "base/log.h"
#include "issuer/remote_internal.h"
#include "publish/limits.h"
#include "store/tokens.h"

#define SCOPE_ORG STR("altinn:consentrequests.org")

/* One grant on its way to a token. */
struct mint {
	struct issuer *issuer;
	struct arena *a;
	struct token_order *order;
	const struct registry *registry;
	const struct client *client;
	struct grant grant;
	struct oauth_access access;
	const char *amr;     /* how the client showed who it is */
	struct str details;  /* absent: no consent */
	struct str status;   /* where its status stands; absent: the token does not say */
	struct uuid consent; /* nil = none */
	int64_t consent_key; /* as in struct token_row, with giver */
	struct uuid giver;
	int64_t iat; /* seconds, as exp */
	int64_t exp;
	struct oauth_error *err;
};

static enum rc fail(struct mint *m, enum oauth_fault fault, const char *detail)
{
	*m->err = (struct oauth_error){ .fault = fault, .detail = str_of(detail) };
	return RC_DENIED;
}

/* The reason is the log's: to the client it is all one. */
static enum rc unavailable(struct mint *m, const char *why)
{
	*m->err = (struct oauth_error){ .fault = OF_UNAVAILABLE, .why = why };
	return RC_DENIED;
}

/* Counted when the signature is known to be the client's, since nobody else may use its share up; and once, also where
 * the registry has changed meanwhile and the request is run again. */
static enum rc rate_check(struct mint *m)
{
	int64_t wait_s;
	if (m->order->counted || limit_take(&m->issuer->limit, m->client->budget, clock_mono(), &wait_s) == RC_OK) {
		m->order->counted = true;
		return RC_OK;
	}
	*m->err = (struct oauth_error){ .fault = OF_TOO_OFTEN, .wait_s = wait_s };
	return RC_DENIED;
}

static enum rc grant_check(struct mint *m)
{
	const struct oauth_scopes scopes = { m->registry, registry_scope, registry_delegated };
	struct grant_check check = { .issuer = m->issuer->url, .now = m->iat, .trust = m->issuer->trust };
	TRY(oauth_grant_parse(m->a, m->order->assertion, &m->grant, m->err));
	m->client = registry_client(m->registry, m->grant.iss);
	if (m->client)
		m->order->client_id = m->grant.iss;
	TRY(oauth_grant_verify(m->a, &m->grant, m->client, &check, &m->amr, m->err));
	TRY(rate_check(m));
	TRY(oauth_access_check(&m->grant, m->client, &scopes, &m->access, m->err));
	return oauth_target_check(&m->grant, m->err);
}

/* A handler that is no recipient gets the token only as the service owner that asked, and only as itself. */
static bool handler_ok(const struct mint *m, const struct consent *c, struct urn me)
{
	if (urn_eq(c->to, me) || !c->handled_by.value.p || !urn_eq(c->handled_by, me))
		return true;
	return c->by_owner && !m->grant.consumer_org.p;
}

/* The other platform gives a consent to its handler too, and does not say in which role that one asked for it: it was
 * as a service owner only if it has the scope for that. Anybody may register a scope; only its owner grants it. */
static enum rc consent_find_remote(struct mint *m, const struct oauth_consent *detail, struct urn me,
				   struct consent **out)
{
	const struct oauth_scopes scopes = { m->registry, registry_scope, registry_delegated };
	struct consent *c;
	TRY(remote_lookup(m->issuer, m->a, m->order->trace_id, detail, me, &c));
	c->handled_by = me;
	c->by_owner = oauth_scope_held(m->client, &scopes, SCOPE_ORG);
	*out = c;
	return RC_OK;
}

static enum rc consent_find(struct mint *m, const struct oauth_consent *detail, struct urn me, struct consent **out)
{
	struct problems p = PROBLEMS(m->a);
	if (m->issuer->remote)
		return consent_find_remote(m, detail, me, out);
	return consent_lookup(m->issuer->consents, m->a, detail->id, detail->from, me, out, &p);
}

static enum rc consent_read(struct mint *m)
{
	struct urn me = { .kind = URN_ORG, .value = m->access.consumer };
	struct oauth_consent detail;
	struct consent *c;
	if (!m->grant.details)
		return RC_OK;
	TRY(oauth_details_parse(m->a, &m->grant, &detail, m->err));
	enum rc rc = consent_find(m, &detail, me, &c);
	if (rc == RC_STALE)
		return rc;
	if (rc == RC_BUSY || rc == RC_FAIL || rc == RC_UNCERTAIN)
		return unavailable(m, "the consent cannot be looked up");
	if (rc != RC_OK || !handler_ok(m, c, me))
		return fail(m, OF_RAR_VALUE, "consent");
	int64_t end = (m->issuer->remote ? c->valid_to : consent_end(m->registry, c)) / CLOCK_SECOND;
	if (m->exp > end)
		m->exp = end;
	if (m->exp <= m->iat)
		return fail(m, OF_RAR_VALUE, "consent");
	struct buf b = BUF(m->a);
	struct jsw w = JSW(&b);
	consent_claims(&w, c);
	m->details = buf_str(&b);
	m->consent = c->id;
	m->consent_key = c->key;
	m->giver = c->from_uuid;
	if (m->issuer->status_claim && m->client->status_list &&
	    !m->issuer->remote) /* of the other platform, it says nothing */
		m->status = status_claim(m->issuer->status, m->a, c->key);
	return RC_OK;
}

/* What a grant may put into a token beside the rights of its consent fits as well: scopes, resource indicators,
 * prefixes, the register of a delegation; names, ids and times; and the header and signature of a key of
 * KEYRING_BITS_MAX. */
#define NAMES_MAX 4096
_Static_assert(CONSENT_MAX_CLAIMS + OAUTH_MAX_SCOPES * (OAUTH_MAX_SCOPE + 1) +
			       OAUTH_MAX_RESOURCES * (OAUTH_MAX_RESOURCE + 3) + SCOPE_PREFIXES_MAX * (SEED_MAX_ID + 3) +
			       SEED_MAX_URL + NAMES_MAX <=
		       (JOSE_COMPACT_MAX - 1024) / 4 * 3,
	       "a consent that is taken may not fit a token");

static enum rc token_sign(struct mint *m, struct str *token_out)
{
	struct buf claims = BUF(m->a);
	struct jsw w = JSW(&claims);
	struct str prefixes[SCOPE_PREFIXES_MAX];
	struct signer *signer;
	struct oauth_token t = {
		.issuer = m->issuer->url,
		.jti = rand_code(m->a, ISSUER_JTI_BYTES),
		.client = m->client,
		.grant = &m->grant,
		.access = &m->access,
		.amr = m->amr,
		.details = m->details,
		.no_audience = m->issuer->aud_unspecified ? "unspecified" : NULL,
		.prefixes = prefixes,
		.status = m->status,
		.iat = m->iat,
		.exp = m->exp,
	};
	if (m->issuer->consumer_prefix)
		t.n_prefixes = registry_prefixes(m->registry, m->access.consumer, prefixes);
	assert(t.n_prefixes <= LEN(prefixes) && t.exp > t.iat);
	oauth_token_claims(&w, &t);
	enum jose_alg alg = m->issuer->alg;
	if (m->access.alg.p)
		TRY(keyring_alg(m->access.alg, &alg));
	enum rc rc = keyring_signer(m->issuer->keys, alg, &signer);
	if (rc == RC_OK)
		rc = signer_sign(signer, m->a, STR_NONE, buf_str(&claims), token_out);
	if (rc == RC_OK)
		return RC_OK;
	if (rc == RC_TOO_LARGE && m->details.p) /* trying again does not help */
		return fail(m, OF_RAR_SIZE, NULL);
	const char *why = rc == RC_NOT_FOUND ? "no key of this algorithm signs now"
			  : rc == RC_BUSY    ? "the key's token does not answer"
					     : rc_name(rc);
	log_error("token.not_signed", KV("trace", m->order->trace_id), KV("alg", jose_alg_name(alg)), KV("why", why));
	return unavailable(m, why);
}

/* The end of the commit is not known: is the row there, and is it ours? A row that is not there may still appear. */
static enum rc row_reread(struct mint *m, const struct token_row *row)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct uuid id;
	if (reader_open(m->issuer->consents->store, false, &r) != RC_OK ||
	    tokens_guard_id(r, row->guard, row->issued, &id) != RC_OK) {
		*m->err = (struct oauth_error){ .fault = OF_OUTCOME, .why = "the end of the commit is not known" };
		return RC_DENIED;
	}
	return uuid_eq(id, row->id) ? RC_OK : fail(m, OF_REPLAY, NULL);
}

/* The grant has been used, or the consent was withdrawn after it had been read. */
static enum rc row_refused(struct mint *m, const struct token_row *row)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct uuid id;
	if (reader_open(m->issuer->consents->store, false, &r) != RC_OK)
		return unavailable(m, "the store does not answer");
	enum rc rc = tokens_guard_id(r, row->guard, row->issued, &id);
	if (rc == RC_NOT_FOUND)
		return fail(m, OF_RAR_VALUE, "consent");
	return rc == RC_OK ? fail(m, OF_REPLAY, NULL) : unavailable(m, "the store does not answer");
}

static enum rc row_write(struct mint *m)
{
	struct token_row row = {
		.id = uuid_v4(),
		.client_id = m->client->client_id,
		.guard = str_span(m->grant.guard, sizeof m->grant.guard),
		.consumer = m->access.consumer,
		.supplier = m->access.supplier,
		.scope = m->grant.scope_text,
		.consent = m->consent,
		.elsewhere = m->issuer->remote != NULL,
		.consent_key = m->consent_key,
		.giver = m->giver,
		.issued = m->iat * CLOCK_SECOND,
		.expires = m->exp * CLOCK_SECOND,
		.guard_until = (m->grant.exp + OAUTH_SKEW_S + 1) * CLOCK_SECOND,
		.basis = registry_basis(m->registry),
	};
	enum rc rc = tokens_insert(m->issuer->consents->store, m->a, &row);
	if (rc == RC_OK || rc == RC_STALE)
		return rc;
	if (rc == RC_CONFLICT)
		return row_refused(m, &row);
	return rc == RC_UNCERTAIN ? row_reread(m, &row) : unavailable(m, "the store does not answer");
}

/* A fault may name organisations of the registry's snapshot, and it outlives the snapshot. */
static void fault_keep(struct arena *a, struct oauth_error *err)
{
	if (err->consumer.p)
		err->consumer = arena_str(a, err->consumer);
	if (err->supplier.p)
		err->supplier = arena_str(a, err->supplier);
	if (err->detail.p)
		err->detail = arena_str(a, err->detail);
}

static enum rc mint_run(struct mint *m, struct issued_token *out)
{
	struct str token;
	TRY(grant_check(m));
	m->exp = m->iat + m->access.life_s;
	TRY(consent_read(m));
	TRY(token_sign(m, &token));
	TRY(row_write(m));
	*out = (struct issued_token){
		.token = token, .life_s = m->exp - m->iat, .scope = m->grant.scope_text, .consent = m->consent
	};
	return RC_OK;
}

enum rc issuer_token(struct issuer *issuer, struct arena *a, struct token_order *order, struct issued_token *out,
		     struct oauth_error *err_out)
{
	assert(issuer->keys && (issuer->status || !issuer->status_claim));
	CLEANUP(registry_releasep) const struct registry *registry = registry_hold(&issuer->consents->registry);
	struct mint m = { .issuer = issuer,
			  .a = a,
			  .order = order,
			  .registry = registry,
			  .iat = clock_now() / CLOCK_SECOND,
			  .err = err_out };
	*err_out = (struct oauth_error){ .fault = OF_NONE };
	enum rc rc = mint_run(&m, out);
	fault_keep(a, err_out);
	if (rc == RC_OK || rc == RC_STALE || (rc == RC_DENIED && err_out->fault != OF_NONE))
		return rc;
	return unavailable(&m, rc_name(rc));
}
