#include "base/b64.h"
#include "gate/internal.h"

#define CSRF_FIELD "csrf"

static const char *form_cookie_name(const struct http_req *req)
{
	return gate_secure(req) ? "__Host-samtykke-form" : "samtykke-form";
}

struct str csrf_token(const struct http_req *req)
{
	const struct caller *c = req_caller(req);
	return c && c->session ? b64url(req->arena, c->session->csrf) : STR_NONE;
}

static bool same(struct str got, struct str want)
{
	return got.n == want.n && want.n > 0 && str_eq_secret(got, want);
}

bool csrf_ok(const struct http_req *req, const struct session *s, bool header_counts)
{
	const struct pair *form, *field;
	struct str want = b64url(req->arena, s->csrf);
	if (header_counts && same(http_header(req, "X-XSRF-TOKEN"), want))
		return true;
	if (!http_content_type_is(req, "application/x-www-form-urlencoded") || http_form(req, &form) != RC_OK)
		return false;
	field = pair_get(form, CSRF_FIELD);
	return field && same(field->value, want);
}

struct str csrf_anonymous(struct http_req *req, struct http_res *res)
{
	return cookie_code(req, res, form_cookie_name(req));
}

bool csrf_anonymous_ok(const struct http_req *req, const struct pair *form)
{
	struct str code = http_cookie(req, form_cookie_name(req));
	const struct pair *field = pair_get(form, CSRF_FIELD);
	return code_shaped(code) && field && same(field->value, code);
}
