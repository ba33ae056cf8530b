#include "gate/internal.h"

#include <assert.h>

#include "base/clock.h"
#include "gate/issuers.h"
#include "model/iso6523.h"

#define SCOPE_ORG "altinn:consentrequests.org"
#define SCOPES_TRUSTED "altinn:consentrequests."
#define SCOPE_ENDUSER "altinn:portal/enduser"

enum rc gate_refuse(struct http_res *res, int status, const char *why)
{
	assert(status == 401 || status == 403);
	if (status == 401)
		http_set_header(res, "WWW-Authenticate", STR("Bearer"));
	http_why(res, why);
	http_reply(res, status, NULL);
	return RC_ANSWERED;
}

/* The claim is an object, or a text that holds one. Absent: it is malformed. */
static struct str party_read(struct arena *a, const struct js *claim)
{
	struct str orgno = STR_NONE;
	const struct js *o = claim;
	if (js_is(claim, JS_STRING) && js_parse(a, claim->s, NULL, &o, NULL) != RC_OK)
		return STR_NONE;
	return iso6523_read(o, &orgno) == RC_OK ? orgno : STR_NONE;
}

/* The claim is a text or a list of texts. */
static struct str prefixes_read(struct arena *a, const struct js *claim)
{
	struct buf b = BUF(a);
	if (js_is(claim, JS_STRING))
		return claim->s;
	if (!js_is(claim, JS_ARRAY))
		return STR_NONE;
	JS_EACH(v, claim) {
		if (v->type != JS_STRING)
			return STR_NONE;
		buf_c(&b, ' ');
		buf_add(&b, v->s);
	}
	return buf_str(&b);
}

static int64_t level_read(const struct js *claims)
{
	const struct js *v = js_get(claims, "urn:altinn:authlevel");
	int64_t level = 0;
	uint64_t text;
	if (js_is(v, JS_STRING) && str_u64(v->s, &text) == RC_OK && text < 10)
		return (int64_t)text;
	return v && js_i64(v, &level) == RC_OK && level > 0 && level < 10 ? level : 0;
}

enum rc bearer_claims(struct arena *a, const struct js *claims, struct str issuer, int64_t now_s, int64_t skew_s,
		      struct bearer *out)
{
	struct bearer b = { 0 };
	struct jwt_times t;
	struct str iss, party;
	assert(issuer.n);
	if (!js_is(claims, JS_OBJECT) || js_member_str(claims, "iss", &iss) != RC_OK || !str_eq(iss, issuer))
		return RC_INVALID;
	TRY(jwt_times(claims, &t));
	if (!t.has_exp || t.exp <= now_s || (t.has_nbf && t.nbf > now_s + skew_s))
		return RC_INVALID;
	b.exp = t.exp;
	b.issuer = issuer;
	if (js_member_str(claims, "scope", &b.scope) != RC_OK)
		b.scope = STR("");
	b.consumer = party_read(a, js_get(claims, "consumer"));
	b.supplier = party_read(a, js_get(claims, "supplier"));
	b.prefixes = prefixes_read(a, js_get(claims, "consumer_prefix"));
	if (js_member_str(claims, "urn:altinn:party:uuid", &party) == RC_OK && uuid_parse(party, &b.party) != RC_OK)
		b.party = (struct uuid){ { 0 } };
	b.level = level_read(claims);
	*out = b;
	return RC_OK;
}

static enum rc token_read(const struct http_req *req, struct str *out)
{
	struct str scheme, token, value = http_header(req, "Authorization");
	if (http_header_count(req, "Authorization") != 1 || !str_cut(value, ' ', &scheme, &token))
		return RC_UNAUTHENTICATED;
	token = str_trim(token);
	if (!str_ieq(scheme, STR("Bearer")) || token.n == 0)
		return RC_UNAUTHENTICATED;
	*out = token;
	return RC_OK;
}

void bearer_narrow(struct arena *a, bool enduser, struct bearer *b)
{
	struct buf scopes = BUF(a);
	struct str rest = b->scope, word;
	while (str_next(&rest, ' ', &word)) {
		if (!str_starts(word, STR(SCOPES_TRUSTED)) && !(enduser && str_is(word, SCOPE_ENDUSER)))
			continue;
		if (scopes.n)
			buf_c(&scopes, ' ');
		buf_add(&scopes, word);
	}
	b->scope = scopes.n ? buf_str(&scopes) : STR("");
	b->prefixes = STR_NONE;
	if (enduser)
		return;
	b->party = (struct uuid){ { 0 } };
	b->level = 0;
}

/* Only iss is read before the signature is verified: it chooses the keys. */
static enum rc bearer_verify(struct http_req *req, struct str token, int64_t now_s, struct bearer *out)
{
	struct gate *gate = req_gate(req);
	const struct js *claims;
	struct jws jws;
	struct str iss;
	struct issued_by by = { gate->issuer, false };
	TRY(jws_parse(req->arena, token, &jws));
	if (jws.typ.p && !str_ieq(jws.typ, STR("JWT")))
		return RC_INVALID;
	TRY(js_parse(req->arena, jws.payload, NULL, &claims, NULL));
	if (!js_is(claims, JS_OBJECT) || js_member_str(claims, "iss", &iss) != RC_OK)
		return RC_INVALID;
	bool own = !gate->issuers || str_eq(iss, gate->issuer);
	if (own)
		TRY(keyring_verify(gate->keys, &jws));
	else
		TRY(issuers_verify(gate->issuers, iss, &jws, &by));
	TRY(bearer_claims(req->arena, claims, by.name, now_s, own ? 0 : CLOCK_SKEW_S, out));
	if (!own)
		bearer_narrow(req->arena, by.enduser, out);
	return RC_OK;
}

/* Every change of the platform's keys raises the registry's epoch. With the epoch in its key, the cache has no token
 * that was verified before the change. */
static void key_stamp(uint8_t key[32], int64_t epoch)
{
	for (size_t i = 0; i < 8; i++)
		key[31 - i] ^= (uint8_t)(epoch >> (8 * i));
}

enum rc bearer_read(struct http_req *req, struct bearer *out)
{
	struct gate *gate = req_gate(req);
	struct str token;
	uint8_t key[32];
	TRY(token_read(req, &token));
	int64_t now_s = clock_now() / CLOCK_SECOND;
	jose_sha256_into(token, key);
	key_stamp(key, registry_snapshot_epoch(gate->registry));
	if (token_cache_get(gate->tokens, key, now_s, req->arena, out))
		return RC_OK;
	enum rc rc = bearer_verify(req, token, now_s, out);
	if (rc != RC_OK)
		return rc == RC_BUSY ? rc : RC_UNAUTHENTICATED;
	struct bearer cached = *out;
	if (cached.exp > now_s + BEARER_CACHE_S)
		cached.exp = now_s + BEARER_CACHE_S;
	token_cache_put(gate->tokens, key, &cached);
	return RC_OK;
}

bool bearer_has_scope(const struct bearer *b, const char *any_of)
{
	struct str rest = str_of(any_of), word;
	if (!any_of)
		return true;
	while (str_next(&rest, ' ', &word))
		if (str_has_word(b->scope, word))
			return true;
	return false;
}

static const char *token_fault(const struct http_req *req)
{
	struct str token;
	return token_read(req, &token) == RC_OK ? "the token is not valid" : "no bearer token";
}

enum rc bearer_required(struct http_req *req, struct http_res *res, struct bearer *out)
{
	enum rc rc = bearer_read(req, out);
	if (rc == RC_BUSY)
		http_why(res, "the issuer's keys cannot be had");
	if (rc != RC_OK)
		return rc == RC_BUSY ? rc : gate_refuse(res, 401, token_fault(req));
	return bearer_has_scope(out, req->route->scope) ? RC_OK : gate_refuse(res, 403, "the token lacks the scope");
}

enum rc gate_bearer(struct http_req *req, struct http_res *res)
{
	struct bearer b;
	TRY(bearer_required(req, res, &b));
	struct caller *c = arena_new(req->arena, struct caller);
	c->kind = CALLER_ORG;
	c->scope = b.scope;
	c->prefixes = b.prefixes;
	c->org.consumer = b.consumer;
	c->org.supplier = b.supplier;
	c->org.has_org_scope = str_has_word(b.scope, STR(SCOPE_ORG));
	req->caller = c;
	return RC_OK;
}

enum rc gate_bearer_if(struct http_req *req, struct http_res *res)
{
	req->caller = NULL;
	return http_header_count(req, "Authorization") ? gate_bearer(req, res) : RC_OK;
}
