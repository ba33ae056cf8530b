#include "base/url.h"
#include "consent/internal.h"

/* Schemes that a browser resolves within itself. Such an address runs or reads content in the browser. */
static const struct str internal_schemes[] = {
	STR_INIT("javascript"), STR_INIT("data"),  STR_INIT("vbscript"),    STR_INIT("file"),
	STR_INIT("blob"),       STR_INIT("about"), STR_INIT("view-source"), STR_INIT("filesystem"),
};

static bool scheme_is_web(struct str scheme)
{
	return str_ieq(scheme, STR("https")) || str_ieq(scheme, STR("http"));
}

static struct str port_of(const struct url *u)
{
	if (u->port.n)
		return u->port;
	if (str_ieq(u->scheme, STR("https")))
		return STR("443");
	return str_ieq(u->scheme, STR("http")) ? STR("80") : STR_NONE;
}

static bool host_matches(struct str host, struct str pattern)
{
	if (!str_starts(pattern, STR("*.")))
		return str_ieq(host, pattern);
	struct str suffix = { pattern.p + 1, pattern.n - 1 };
	if (host.n <= suffix.n)
		return false;
	return str_ieq((struct str){ host.p + host.n - suffix.n, suffix.n }, suffix);
}

static bool origin_matches(const struct url *target, struct str entry)
{
	struct url allowed;
	if (url_parse(entry, &allowed) != RC_OK || !str_ieq(target->scheme, allowed.scheme))
		return false;
	if (!allowed.host.n)
		return !scheme_is_web(allowed.scheme);
	return host_matches(target->host, allowed.host) && str_eq(port_of(target), port_of(&allowed));
}

bool redirect_allowed(struct str target, const struct str *allow, size_t n_allow)
{
	struct url u;
	if (url_parse(target, &u) != RC_OK)
		return false;
	for (size_t i = 0; i < LEN(internal_schemes); i++)
		if (str_ieq(u.scheme, internal_schemes[i]))
			return false;
	if (scheme_is_web(u.scheme) && !u.host.n)
		return false;
	for (size_t i = 0; i < n_allow; i++)
		if (origin_matches(&u, allow[i]))
			return true;
	return n_allow == 0;
}

static struct str outcome(const struct consent *c)
{
	if (c->status == ST_ACCEPTED || c->status == ST_REVOKED)
		return STR("Status=OK");
	if (c->status == ST_REJECTED)
		return STR("Status=Failed&ErrorMessage=User+did+not+give+consent");
	return STR_NONE;
}

static void buf_outcome(struct buf *b, struct str before, struct str params)
{
	bool query = memchr(before.p, '?', before.n) != NULL;
	bool open = query && (before.p[before.n - 1] == '?' || before.p[before.n - 1] == '&');
	if (!open)
		buf_c(b, query ? '&' : '?');
	buf_add(b, params);
}

/* An address without a path gets one, as every browser would write it. */
static void buf_address(struct buf *b, struct str address)
{
	struct url u;
	bool bare = url_parse(address, &u) == RC_OK && scheme_is_web(u.scheme) && u.path.n == 0;
	size_t path = bare ? (size_t)(u.authority.p + u.authority.n - address.p) : address.n;
	buf_add(b, (struct str){ address.p, path });
	if (bare)
		buf_c(b, '/');
	buf_add(b, (struct str){ address.p + path, address.n - path });
}

struct str consent_redirect(struct arena *a, const struct consent *c)
{
	struct str params = outcome(c), target = url_ascii(a, c->redirect_url), head, fragment;
	if (!params.p || !target.n)
		return target;
	struct buf b = BUF(a);
	bool has_fragment = str_cut(target, '#', &head, &fragment);
	if (has_fragment && fragment.n && fragment.p[0] == '/') { /* the page's own router reads the fragment */
		buf_add(&b, target);
		buf_outcome(&b, fragment, params);
		return buf_str(&b);
	}
	struct buf address = BUF(a);
	buf_address(&address, head);
	buf_add(&b, buf_str(&address));
	buf_outcome(&b, buf_str(&address), params);
	if (has_fragment) {
		buf_c(&b, '#');
		buf_add(&b, fragment);
	}
	return buf_str(&b);
}
