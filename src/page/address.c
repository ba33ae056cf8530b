#include "page/address.h"

#include <assert.h>

bool address_is_local(struct str s)
{
	if (s.n == 0 || s.n > LOCAL_MAX || s.p[0] != '/')
		return false;
	bool path = true;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c == 0x7f || c == '\\')
			return false;
		if (c == '?' || c == '#')
			path = false;
		if (path && c == '/' && i > 0 && s.p[i - 1] == '/')
			return false;
	}
	return true;
}

static struct str value_find(const struct pair *pairs, const char *key)
{
	const struct pair *found = pair_get(pairs, key);
	return found && found->value.n ? found->value : STR_NONE;
}

struct str address_goto(const struct pair *pairs)
{
	struct str s = value_find(pairs, "goto");
	return address_is_local(s) ? s : STR_NONE;
}

struct str address_raw(const struct http_req *req)
{
	if (!req->query.p)
		return req->path;
	struct buf b = BUF(req->arena);
	buf_add(&b, req->path);
	buf_c(&b, '?');
	buf_add(&b, req->query);
	return buf_str(&b);
}

struct str home_address(const struct http_req *req)
{
	return req_site(req)->sandbox ? STR(PATH_SANDBOX) : STR(PATH_OVERVIEW);
}

enum msg home_label(const struct http_req *req)
{
	return req_site(req)->sandbox ? MSG_HOME_SANDBOX : MSG_HOME;
}

/* ---- addresses with parameters ---- */

struct address address_start(struct arena *a, struct str path)
{
	assert(address_is_local(path) && str_find(path, STR("?")) < 0);
	struct address to = { .b = BUF(a) };
	buf_add(&to.b, path);
	return to;
}

void address_put(struct address *to, const char *key, struct str value)
{
	if (!value.n)
		return;
	buf_c(&to->b, to->has_parameters ? '&' : '?');
	to->has_parameters = true;
	buf_z(&to->b, key);
	buf_c(&to->b, '=');
	buf_form(&to->b, value);
}

struct str address_str(const struct address *to)
{
	return buf_str(&to->b);
}

/* ---- the login ---- */

struct str login_address(const struct http_req *req, struct str back, int64_t level, bool fresh)
{
	const struct site *site = req_site(req);
	struct buf to = BUF(req->arena);
	if (!site->login_path.p)
		return STR_NONE;
	buf_add(&to, site->login_path);
	buf_lit(&to, "?goto=");
	buf_url(&to, back);
	if (level)
		buf_fmt(&to, "&level=%lld", (long long)level);
	if (fresh)
		buf_lit(&to, "&fresh=1");
	return buf_str(&to);
}

struct str login_again_address(const struct http_req *req, struct str back)
{
	return req_site(req)->login_elsewhere ? login_address(req, back, 0, false) : back;
}

int64_t login_level(const struct pair *pairs)
{
	struct str level = value_find(pairs, "level");
	return str_is(level, "4") ? 4 : str_is(level, "3") ? 3 : 0;
}

/* ---- one consent ---- */

enum rc consent_params_read(const struct pair *pairs, struct consent_params *out)
{
	struct consent_params params = { .stay = value_find(pairs, "skiplogout").p != NULL,
					 .back = value_find(pairs, "backtopage") };
	if (!address_is_local(params.back))
		params.back = STR_NONE;
	TRY(uuid_parse(value_find(pairs, "id"), &params.id));
	*out = params;
	return RC_OK;
}

struct str consent_address(struct arena *a, const struct consent_params *params)
{
	struct buf b = BUF(a);
	buf_lit(&b, PATH_CONSENT "?id=");
	buf_add(&b, uuid_str(a, params->id));
	if (params->stay)
		buf_lit(&b, "&skiplogout=true");
	if (params->back.p) {
		buf_lit(&b, "&backtopage=");
		buf_url(&b, params->back);
	}
	return buf_str(&b);
}

struct str consent_back_address(const struct consent_params *params)
{
	return params->back.p ? params->back : STR(PATH_OVERVIEW);
}

struct str consent_leave_address(struct arena *a, struct uuid consent)
{
	return arena_fmt(a, "/accessmanagement/api/v1/consent/request/%.*s/logout", STR_FMT(uuid_str(a, consent)));
}

static struct str id_address(struct arena *a, const char *path, struct uuid consent)
{
	return arena_fmt(a, "%s?id=%.*s", path, STR_FMT(uuid_str(a, consent)));
}

struct str details_address(struct arena *a, struct uuid consent)
{
	return id_address(a, PATH_DETAILS, consent);
}

struct str withdraw_address(struct arena *a, struct uuid consent)
{
	return id_address(a, PATH_WITHDRAW, consent);
}

struct str receipt_address(struct arena *a, struct uuid consent)
{
	return id_address(a, PATH_RECEIPT, consent);
}
