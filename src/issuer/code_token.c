#include "issuer/code_token.h"

#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "store/tokens.h"

/* ---- header and payload ---- */

struct str code_header(struct arena *a, int generation, struct str kid)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	if (generation < 3)
		jsw_kz(&w, "typ", "JWT");
	jsw_kz(&w, "alg", "RS256");
	if (generation >= 3)
		jsw_kstr(&w, "kid", kid);
	jsw_kstr(&w, "x5t", kid);
	if (generation >= 3)
		jsw_kz(&w, "typ", "JWT");
	jsw_end_obj(&w);
	return buf_str(&b);
}

/* "4628,1" for one service, and a list with commas between codes and a full stop between services. */
static struct str codes_joined(struct arena *a, const struct code_claims *c)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < c->n_services; i++)
		buf_fmt(&b, "%s%.*s,%" PRId64, i ? "." : "", STR_FMT(c->services[i].code), c->services[i].edition);
	return buf_str(&b);
}

/* All parameters of a service in one entry, behind an entry of the service itself. */
static void services_second(struct jsw *w, const struct code_service *s)
{
	struct arena *a = w->b->a;
	struct str id = arena_fmt(a, "%.*s,%" PRId64, STR_FMT(s->code), s->edition);
	struct buf b = BUF(a);
	jsw_str(w, id);
	if (!s->n_params)
		return;
	buf_add(&b, id);
	for (size_t i = 0; i < s->n_params; i++) {
		buf_c(&b, ',');
		buf_add(&b, s->params[i].name);
		buf_c(&b, '=');
		buf_add(&b, s->params[i].value);
	}
	jsw_str(w, buf_str(&b));
}

/* An entry for the service, and one for each of its parameters. */
static void services_third(struct jsw *w, const struct code_service *s)
{
	struct arena *a = w->b->a;
	struct str id = arena_fmt(a, "%.*s_%" PRId64, STR_FMT(s->code), s->edition);
	jsw_str(w, id);
	for (size_t i = 0; i < s->n_params; i++) {
		struct buf b = BUF(a);
		buf_add(&b, id);
		buf_c(&b, '_');
		buf_add(&b, s->params[i].name);
		buf_c(&b, '=');
		buf_add(&b, s->params[i].value);
		jsw_str(w, buf_str(&b));
	}
}

static void services_write(struct jsw *w, const struct code_claims *c)
{
	if (c->generation == 1) {
		jsw_kstr(w, "ServiceCodes", codes_joined(w->b->a, c));
		return;
	}
	jsw_key(w, "Services");
	if (c->generation == 3 && c->n_services == 1 && !c->services[0].n_params) {
		jsw_str(w, arena_fmt(w->b->a, "%.*s_%" PRId64, STR_FMT(c->services[0].code), c->services[0].edition));
		return;
	}
	jsw_arr(w);
	for (size_t i = 0; i < c->n_services; i++)
		if (c->generation == 2)
			services_second(w, &c->services[i]);
		else
			services_third(w, &c->services[i]);
	jsw_end_arr(w);
}

static void date_write(struct jsw *w, const char *key, int generation, int64_t seconds)
{
	if (generation == 3) {
		jsw_ki64(w, key, seconds);
		return;
	}
	struct clock_fields f = clock_local(seconds * CLOCK_SECOND);
	struct arena *a = w->b->a;
	jsw_kstr(w, key,
		 generation == 1 ? arena_fmt(a, "%02d.%02d.%04d %02d:%02d:%02d", f.day, f.month, f.year, f.hour,
					     f.minute, f.second)
				 : arena_fmt(a, "%04d-%02d-%02d %02d:%02d:%02d", f.year, f.month, f.day, f.hour,
					     f.minute, f.second));
}

static void times_write(struct jsw *w, const struct code_claims *c)
{
	if (c->generation < 3) { /* the order of the published tokens of that time */
		jsw_kz(w, "iss", CODE_TOKEN_ISSUER);
		jsw_ki64(w, "exp", c->nbf + CODE_TOKEN_LIFE_S);
		jsw_ki64(w, "nbf", c->nbf);
		return;
	}
	jsw_ki64(w, "nbf", c->nbf);
	jsw_ki64(w, "exp", c->nbf + CODE_TOKEN_LIFE_S);
	jsw_ki64(w, "iat", c->nbf);
	jsw_kz(w, "iss", CODE_TOKEN_ISSUER);
}

struct str code_payload(struct arena *a, const struct code_claims *c)
{
	char code[UUID_TEXT];
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	assert(c->generation >= 1 && c->generation <= 3 && c->n_services);
	jsw_obj(&w);
	services_write(&w, c);
	jsw_kstr(&w, "AuthorizationCode", uuid_text(c->code, code));
	jsw_kstr(&w, "OfferedBy", c->offered_by);
	jsw_kstr(&w, "CoveredBy", c->covered_by);
	if (c->handled_by.p)
		jsw_kstr(&w, "HandledBy", c->handled_by);
	if (c->required_delegator.p)
		jsw_kstr(&w, "RequiredDelegator", c->required_delegator);
	date_write(&w, "DelegatedDate", c->generation, c->delegated);
	date_write(&w, "ValidToDate", c->generation, c->valid_to);
	times_write(&w, c);
	jsw_end_obj(&w);
	return buf_str(&b);
}

enum rc code_sign(struct issuer *issuer, struct arena *a, const struct code_claims *c, struct str *token_out)
{
	struct signer *signer;
	TRY(keyring_altinn2_signer(issuer->keys, &signer));
	struct str header = code_header(a, c->generation, jwk_kid(signer_key(signer)));
	return signer_sign(signer, a, header, code_payload(a, c), token_out);
}

/* ---- the order ---- */

static enum rc deny(struct code_order *order, const char *why)
{
	order->why = why;
	return RC_DENIED;
}

/* The problem that a reader of the log would ask for first. */
static const char *reason(const struct problems *p)
{
	static const struct {
		enum problem_code code;
		const char *why;
	} rows[] = {
		{ PROB_NOT_FOUND, "the code is unknown, or of another organisation" },
		{ PROB_NOT_ACCEPTED, "the consent is not accepted" },
		{ PROB_REVOKED, "the consent is withdrawn" },
		{ PROB_EXPIRED, "the consent is expired or used up" },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		for (size_t k = 0; k < p->n; k++)
			if (p->items[k].code == rows[i].code)
				return rows[i].why;
	return "a party of the consent is not registered";
}

static enum rc claims_fill(struct arena *a, const struct registry *r, struct code_order *order, const struct consent *c,
			   struct code_claims *out)
{
	bool handler = c->handled_by.kind == URN_ORG && c->handled_by.value.p &&
		       str_eq(c->handled_by.value, order->asker) && !str_eq(c->to.value, order->asker);
	*out = (struct code_claims){
		.code = c->id,
		.offered_by = c->from.value,
		.covered_by = c->to.value,
		.handled_by = handler ? order->asker : STR_NONE,
		.required_delegator = c->required_delegator.kind == URN_PERSON ? c->required_delegator.value : STR_NONE,
		.delegated = c->answered / CLOCK_SECOND,
		.valid_to = consent_end(r, c) / CLOCK_SECOND,
		.nbf = clock_now() / CLOCK_SECOND,
	};
	if (c->from.kind == URN_PARTY_UUID || c->to.kind == URN_PARTY_UUID)
		return deny(order, "a party of the consent is not registered");
	return order->map(order->map_ctx, a, r, c, out, &order->why);
}

/* A part behind a comma that has a '=' reads as a parameter, to which nobody consented. */
static bool reads_twice(struct str value)
{
	struct str part, head, tail;
	(void)str_next(&value, ',', &part);
	while (str_next(&value, ',', &part))
		if (str_cut(part, '=', &head, &tail))
			return true;
	return false;
}

/* Only the second generation writes several parameters into one text. */
static bool claims_plain(const struct code_claims *c)
{
	for (size_t i = 0; c->generation == 2 && i < c->n_services; i++)
		for (size_t k = 0; k < c->services[i].n_params; k++)
			if (reads_twice(c->services[i].params[k].value))
				return false;
	return true;
}

static enum rc row_write(struct issuer *issuer, struct arena *a, const struct registry *r, struct code_order *order,
			 const struct consent *c, const struct code_claims *claims)
{
	uint8_t guard[32];
	rand_bytes(guard, sizeof guard);
	const struct token_row row = {
		.id = uuid_v4(),
		.client_id = arena_fmt(a, "org:%.*s", STR_FMT(order->asker)),
		.guard = str_span(guard, sizeof guard),
		.consumer = claims->covered_by,
		.supplier = claims->handled_by,
		.scope = STR(CODE_TOKEN_SCOPE),
		.consent = c->id,
		.consent_key = c->key,
		.giver = c->from_uuid,
		.issued = claims->nbf * CLOCK_SECOND,
		.expires = (claims->nbf + CODE_TOKEN_LIFE_S) * CLOCK_SECOND,
		.guard_until = (claims->nbf + CODE_TOKEN_LIFE_S) * CLOCK_SECOND,
		.basis = registry_basis(r),
	};
	enum rc rc = tokens_insert(issuer->consents->store, a, &row);
	return rc == RC_CONFLICT ? deny(order, "the consent ended meanwhile") : rc;
}

enum rc issuer_code_token(struct issuer *issuer, struct arena *a, struct code_order *order, struct str *token_out)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&issuer->consents->registry);
	const struct urn asker = { .kind = URN_ORG, .value = order->asker }, anybody = { 0 };
	struct problems p = PROBLEMS(a);
	struct code_claims claims;
	struct consent *c;
	assert(order->map && order->asker.p);
	enum rc rc = consent_lookup(issuer->consents, a, order->code, anybody, asker, &c, &p);
	if (rc == RC_NOT_FOUND || rc == RC_INVALID || rc == RC_DENIED)
		return deny(order, reason(&p));
	TRY(rc);
	TRY(claims_fill(a, r, order, c, &claims));
	if (!claims_plain(&claims))
		return deny(order, "a value reads as a parameter in the second generation");
	TRY(code_sign(issuer, a, &claims, token_out));
	return row_write(issuer, a, r, order, c, &claims);
}
