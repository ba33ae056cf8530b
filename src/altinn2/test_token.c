/* The generator of test tokens, as the public one has it (spec altinn2.md section 11). Sandbox only. */
#include "altinn2/handlers.h"
#include "altinn2/requests.h"
#include "base/clock.h"
#include "front/front.h"
#include "issuer/code_token.h"

#define VALID_S (365 * 86400) /* from now to ValidToDate */

static void services_read(struct arena *a, const struct pair *query, struct str codes, struct code_claims *c,
			  struct altinn2_errors *e)
{
	struct str one, code, edition;
	uint64_t n;
	c->services = arena_array(a, struct code_service, ALTINN2_MAX_SERVICES);
	while (str_next(&codes, '.', &one)) {
		if (c->n_services == ALTINN2_MAX_SERVICES || !str_cut(one, '_', &code, &edition) ||
		    str_u64(code, &n) != RC_OK || str_u64(edition, &n) != RC_OK || n > ALTINN2_MAX_EDITION) {
			altinn2_error(e, A2_QUERY, "serviceCodes must be CODE_EDITION, separated by full stops");
			return;
		}
		struct code_service *s = &c->services[c->n_services++];
		*s = (struct code_service){ .code = code, .edition = (int64_t)n };
		s->params = arena_array(a, struct code_param, URL_MAX_PAIRS);
		struct str prefix = arena_fmt(a, "%.*s_", STR_FMT(one));
		for (const struct pair *p = query; p; p = p->next)
			if (str_starts(p->key, prefix) && p->key.n > prefix.n)
				s->params[s->n_params++] =
					(struct code_param){ str_span(p->key.p + prefix.n, p->key.n - prefix.n),
							     p->value };
	}
	if (!c->n_services)
		altinn2_error(e, A2_QUERY, "serviceCodes is required");
}

static struct str party(const struct pair *query, const char *name, bool required, struct altinn2_errors *e)
{
	struct str s = front_param(query, name);
	if ((s.p || required) && !model_orgno_valid(s) && !model_pid_valid(s))
		altinn2_error(e, A2_QUERY, "%s must be an identity or organisation number", name);
	return s;
}

enum rc altinn2_test_token(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct code_claims c = { .generation = ALTINN2_PAYLOADS, .code = uuid_v4(), .nbf = clock_now() / CLOCK_SECOND };
	const struct pair *query;
	struct str token;
	TRY(front_query(req, res, &query));
	services_read(req->arena, query, front_param(query, "serviceCodes"), &c, &e);
	c.offered_by = party(query, "offeredBy", true, &e);
	c.covered_by = party(query, "coveredBy", true, &e);
	c.handled_by = party(query, "handledBy", false, &e);
	struct str code = front_param(query, "authorizationCode");
	if (code.p && uuid_parse(code, &c.code) != RC_OK)
		altinn2_error(&e, A2_QUERY, "authorizationCode must be a UUID");
	if (e.n)
		return altinn2_errors_reply(res, &e);
	c.delegated = c.nbf;
	c.valid_to = c.nbf + VALID_S;
	TRY(code_sign(req_altinn2(req)->services.issuer, req->arena, &c, &token));
	http_reply(res, 200, "text/plain; charset=utf-8");
	buf_add(&res->body, token);
	return RC_OK;
}
