#include "registry/redirects.h"

/* Schemes that a browser resolves within itself. Such an address runs or reads content in the browser. */
static const struct str internal_schemes[] = {
	STR_INIT("javascript"), STR_INIT("data"),  STR_INIT("vbscript"),    STR_INIT("file"),
	STR_INIT("blob"),       STR_INIT("about"), STR_INIT("view-source"), STR_INIT("filesystem"),
};

static bool scheme_is_web(struct str scheme)
{
	return str_ieq(scheme, STR("https")) || str_ieq(scheme, STR("http"));
}

bool redirect_target_ok(const struct url *target, bool listed)
{
	for (size_t i = 0; i < LEN(internal_schemes); i++)
		if (str_ieq(target->scheme, internal_schemes[i]))
			return false;
	return !scheme_is_web(target->scheme) || url_is_web(target, !listed);
}

static bool is_literal(const struct url *u)
{
	return u->authority.n > 0 && u->authority.p[0] == '[';
}

static bool has(struct str s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n);
}

/* No name lies below an IP address. */
static bool is_address(const struct url *u)
{
	size_t i = 0;
	while (i < u->host.n && (u->host.p[i] == '.' || (u->host.p[i] >= '0' && u->host.p[i] <= '9')))
		i++;
	return is_literal(u) || i == u->host.n;
}

enum rc redirect_entry_read(struct str text, struct redirect_entry *out)
{
	struct redirect_entry e = { .below = false };
	TRY(url_parse(text, &e.url));
	if (str_starts(e.url.host, STR("*."))) {
		e.below = true;
		e.url.host = str_span(e.url.host.p + 2, e.url.host.n - 2);
	}
	if (!redirect_target_ok(&e.url, true) || has(e.url.authority, '@') || has(e.url.host, '%') ||
	    has(e.url.host, '*') || (e.below && is_address(&e.url)))
		return RC_INVALID;
	*out = e;
	return RC_OK;
}

static struct str port_of(const struct url *u)
{
	if (u->port.n)
		return u->port;
	if (str_ieq(u->scheme, STR("https")))
		return STR("443");
	return str_ieq(u->scheme, STR("http")) ? STR("80") : STR_NONE;
}

/* An escape may stand for any character of a name. */
static bool host_matches(const struct redirect_entry *e, struct str host)
{
	struct str name = e->url.host;
	if (has(host, '%'))
		return false;
	if (!e->below)
		return str_ieq(host, name);
	return host.n > name.n + 1 && host.p[host.n - name.n - 1] == '.' && host.p[0] != '.' &&
	       str_ieq(str_span(host.p + host.n - name.n, name.n), name);
}

bool redirect_entry_matches(const struct redirect_entry *e, const struct url *target)
{
	if (!str_ieq(target->scheme, e->url.scheme))
		return false;
	if (!e->url.host.n)
		return true;
	return is_literal(target) == is_literal(&e->url) && host_matches(e, target->host) &&
	       str_eq(port_of(target), port_of(&e->url));
}
