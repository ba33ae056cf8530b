#include "http/internal.h"

#include "base/scan.h"

static const char *const methods[] = {
	[HTTP_GET] = "GET",     [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",       [HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};
_Static_assert(LEN(methods) == HTTP_METHOD__MAX, "a name for each method");

const char *http_method_name(enum http_method m)
{
	return m < HTTP_METHOD__MAX ? methods[m] : "";
}

enum http_method request_method(struct str name)
{
	unsigned i = 0;
	while (i < HTTP_METHOD__MAX && !str_is(name, methods[i]))
		i++;
	return (enum http_method)i;
}

/* Refuses %00, and broken escapes when `strict`: no path has them. */
static bool escapes_ok(struct str s, bool strict)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%')
			continue;
		bool whole = s.n - i > 2 && hex_value(s.p[i + 1]) >= 0 && hex_value(s.p[i + 2]) >= 0;
		if (!whole && strict)
			return false;
		if (whole && s.p[i + 1] == '0' && s.p[i + 2] == '0')
			return false;
	}
	return true;
}

static bool visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static bool is_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(set, s.p[i]))
			return false;
	return true;
}

/* reg-name or IPv4address of RFC 3986 §3.2.2; it may be empty. */
static bool is_name(struct str s)
{
	return str_only(s, "-._~!$&'()*+,;=%") && escapes_ok(s, true);
}

/* uri-host [ ":" port ] (RFC 9110 §7.2). */
static bool is_host(struct str s)
{
	struct str name, port, address;
	if (s.n && s.p[0] == '[') {
		bool closed = str_cut(str_span(s.p + 1, s.n - 1), ']', &address, &port);
		if (!closed || address.n < 2 || !is_of(address, "0123456789abcdefABCDEF:.") ||
		    (port.n && port.p[0] != ':'))
			return false;
		return port.n == 0 || is_of(str_span(port.p + 1, port.n - 1), "0123456789");
	}
	return str_cut(s, ':', &name, &port) ? is_name(name) && is_of(port, "0123456789") : is_name(s);
}

/* RFC 9112 §3.2.2: a server accepts the absolute form as well. Its authority is not used, but must be one. Anything
 * else stays as it is, and is refused as no path. */
static struct str origin_form(struct str target)
{
	struct str scheme, rest, authority;
	if (!str_cut(target, ':', &scheme, &rest) || !str_starts(rest, STR("//")))
		return target;
	if (!str_ieq(scheme, STR("http")) && !str_ieq(scheme, STR("https")))
		return target;
	rest = str_span(rest.p + 2, rest.n - 2);
	size_t end = 0;
	while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
		end++;
	authority = str_span(rest.p, end);
	if (authority.n == 0 || !is_host(authority))
		return target;
	return end < rest.n && rest.p[end] == '/' ? str_span(rest.p + end, rest.n - end)
	       : end == rest.n                    ? STR("/")
						  : target;
}

int request_target(struct http_req *r, struct str target)
{
	if (!str_cut(origin_form(target), '?', &r->path, &r->query))
		r->query = STR_NONE;
	if (r->path.n > HTTP_MAX_PATH || r->query.n > HTTP_MAX_QUERY)
		return 414;
	if (r->path.n == 0 || r->path.p[0] != '/' || !visible(r->path) || !visible(r->query))
		return 400;
	if (memchr(target.p, '#', target.n))
		return 400;
	return escapes_ok(r->path, true) && escapes_ok(r->query, false) ? 0 : 400;
}

static int fields_check(const struct http_req *r)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (r->headers[i].value.n > HTTP_MAX_HEADER)
			return 431;
	return r->n_headers > HTTP_MAX_HEADERS ? 431 : 0;
}

int request_headers_check(const struct http_req *r, bool http_1_0)
{
	size_t hosts = http_header_count(r, "Host");
	size_t lengths = http_header_count(r, "Content-Length");
	size_t codings = http_header_count(r, "Transfer-Encoding");
	uint64_t length;
	if (hosts > 1 || (hosts == 0 && !http_1_0) || !is_host(http_header(r, "Host")))
		return 400;
	if (lengths + codings > 1 || (codings && http_1_0))
		return 400;
	if (codings && !str_ieq(http_header(r, "Transfer-Encoding"), STR("chunked")))
		return 400;
	if (lengths && str_u64(http_header(r, "Content-Length"), &length) != RC_OK)
		return 400;
	return fields_check(r);
}

/* A page of the Internet could have its own name point to this machine (DNS rebinding), so such names do not count. */
static bool is_local_host(struct str host)
{
	static const struct str local = STR_INIT(".local");
	if (is_of(host, "0123456789.") || str_find(host, STR(":")) >= 0 || str_find(host, STR(".")) < 0)
		return true;
	return host.n > local.n && str_ieq(str_span(host.p + host.n - local.n, local.n), local);
}

struct str request_origin(const struct http_req *r, bool tls)
{
	struct url u;
	struct str origin = arena_fmt(r->arena, "%s://%.*s", tls ? "https" : "http", STR_FMT(http_header(r, "Host")));
	if (url_parse(origin, &u) != RC_OK || !url_is_web(&u, false) || u.path.n || u.query.p || u.fragment.p)
		return STR_NONE;
	return is_local_host(u.host) ? origin : STR_NONE;
}

uint64_t request_length(const struct http_req *r)
{
	uint64_t length;
	struct str text = http_header(r, "Content-Length");
	return text.p && str_u64(text, &length) == RC_OK ? length : 0;
}

struct str http_header(const struct http_req *r, const char *name)
{
	struct str want = str_of(name);
	for (size_t i = 0; i < r->n_headers; i++)
		if (r->headers[i].name.n == want.n && str_ieq(r->headers[i].name, want))
			return r->headers[i].value;
	return STR_NONE;
}

size_t http_header_count(const struct http_req *r, const char *name)
{
	struct str want = str_of(name);
	size_t n = 0;
	for (size_t i = 0; i < r->n_headers; i++)
		n += r->headers[i].name.n == want.n && str_ieq(r->headers[i].name, want);
	return n;
}

int http_weight(struct str params)
{
	struct str q;
	while (str_next(&params, ';', &q)) {
		q = str_trim(q);
		if (q.n < 3 || !str_ieq(str_span(q.p, 2), STR("q=")))
			continue;
		if (q.p[2] == '1')
			return 1000;
		int value = 0, unit = 100;
		for (size_t i = 4; i < q.n && q.p[i] >= '0' && q.p[i] <= '9'; i++, unit /= 10)
			value += (q.p[i] - '0') * unit;
		return value;
	}
	return 1000;
}

static struct str cookie_find(struct str header, struct str name)
{
	struct str part, key, value;
	while (str_next(&header, ';', &part))
		if (str_cut(str_trim(part), '=', &key, &value) && str_eq(key, name))
			return value;
	return STR_NONE;
}

struct str http_cookie(const struct http_req *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		if (!str_ieq(r->headers[i].name, STR("Cookie")))
			continue;
		struct str value = cookie_find(r->headers[i].value, str_of(name));
		if (value.p)
			return value;
	}
	return STR_NONE;
}

bool http_content_type_is(const struct http_req *r, const char *type)
{
	struct str media, parameters;
	(void)str_cut(http_header(r, "Content-Type"), ';', &media, &parameters);
	return media.p && str_ieq(str_trim(media), str_of(type));
}

static enum rc pairs(struct arena *a, struct str text, size_t max, const struct pair **out)
{
	struct pair *list;
	size_t n = 0;
	if (url_pairs(a, text, &list) != RC_OK)
		return RC_INVALID;
	for (const struct pair *p = list; p; p = p->next)
		n++;
	if (n > max)
		return RC_INVALID;
	*out = list;
	return RC_OK;
}

enum rc http_query(const struct http_req *r, const struct pair **out)
{
	return pairs(r->arena, r->query, URL_MAX_PAIRS, out);
}

enum rc http_form(const struct http_req *r, const struct pair **out)
{
	return pairs(r->arena, r->body, HTTP_MAX_FORM_PAIRS, out);
}
