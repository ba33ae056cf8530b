#include "base/url.h"

#include <arpa/inet.h>

#include "base/scan.h"

enum { C_UNRESERVED = 1, C_SUB = 2, C_COLON = 4, C_AT = 8, C_SLASH = 16, C_QUESTION = 32, C_HEX = 64 };
#define C_PCHAR (C_UNRESERVED | C_SUB | C_COLON | C_AT)
#define C_PATH (C_PCHAR | C_SLASH)
#define C_QUERY (C_PATH | C_QUESTION)

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int class_of(char c)
{
	if (is_alpha(c) || is_digit(c))
		return is_hex(c) ? C_UNRESERVED | C_HEX : C_UNRESERVED;
	if (c == '\0')
		return 0;
	if (strchr("-._~", c))
		return C_UNRESERVED;
	if (strchr("!$&'()*+,;=", c))
		return C_SUB;
	switch (c) {
	case ':':
		return C_COLON;
	case '@':
		return C_AT;
	case '/':
		return C_SLASH;
	case '?':
		return C_QUESTION;
	default:
		return 0;
	}
}

/* true when s holds only characters of these classes and whole percent-escapes. */
static bool all_of(struct str s, int classes)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%') {
			if (s.n - i < 3 || !is_hex(s.p[i + 1]) || !is_hex(s.p[i + 2]))
				return false;
			i += 2;
		} else if (!(class_of(s.p[i]) & classes)) {
			return false;
		}
	}
	return true;
}

static bool scheme_ok(struct str s)
{
	if (s.n == 0 || !is_alpha(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_alpha(s.p[i]) && !is_digit(s.p[i]) && !memchr("+-.", s.p[i], 3))
			return false;
	return true;
}

/* Reads [v6 address] or [vX.future], and :port. */
static bool host_literal(struct str s, struct url *u)
{
	struct str inner, rest;
	if (!str_cut(str_span(s.p + 1, s.n - 1), ']', &inner, &rest) || inner.n == 0)
		return false;
	bool future = inner.p[0] == 'v' || inner.p[0] == 'V';
	for (size_t i = 0; i < inner.n; i++) {
		int class = class_of(inner.p[i]);
		if (future ? !(class & (C_UNRESERVED | C_SUB | C_COLON))
			   : !(class & (C_HEX | C_COLON)) && inner.p[i] != '.')
			return false;
	}
	u->host = inner;
	if (rest.n == 0)
		return true;
	if (rest.p[0] != ':')
		return false;
	u->port = str_span(rest.p + 1, rest.n - 1);
	return true;
}

/* = RFC 3986 3.2: "authority   = [ userinfo "@" ] host [ ":" port ]" */
static bool authority_parse(struct str s, struct url *u)
{
	struct str user, host;
	if (!str_cut(s, '@', &user, &host))
		host = s;
	else if (!all_of(user, C_UNRESERVED | C_SUB | C_COLON))
		return false;
	if (host.n && host.p[0] == '[') {
		if (!host_literal(host, u))
			return false;
	} else {
		str_cut(host, ':', &u->host, &u->port);
		if (!all_of(u->host, C_UNRESERVED | C_SUB))
			return false;
	}
	for (size_t i = 0; i < u->port.n; i++)
		if (!is_digit(u->port.p[i]))
			return false;
	return true;
}

/* Takes the text up to the first character of `stops`; *rest moves behind it. */
static struct str take_until(struct str *rest, const char *stops)
{
	size_t n = 0;
	while (n < rest->n && !(rest->p[n] && strchr(stops, rest->p[n])))
		n++;
	struct str head = str_span(rest->p, n);
	*rest = str_span(rest->p + n, rest->n - n);
	return head;
}

enum rc url_parse(struct str s, struct url *out)
{
	struct url u = { 0 };
	struct str rest;
	if (!str_cut(s, ':', &u.scheme, &rest) || !scheme_ok(u.scheme))
		return RC_INVALID;
	if (str_starts(rest, STR("//"))) {
		rest = str_span(rest.p + 2, rest.n - 2);
		u.authority = take_until(&rest, "/?#");
		if (!authority_parse(u.authority, &u))
			return RC_INVALID;
	}
	u.path = take_until(&rest, "?#");
	if (rest.n && rest.p[0] == '?') {
		rest = str_span(rest.p + 1, rest.n - 1);
		u.query = take_until(&rest, "#");
	}
	if (rest.n)
		u.fragment = str_span(rest.p + 1, rest.n - 1);
	if (!all_of(u.path, C_PATH) || !all_of(u.query, C_QUERY) || !all_of(u.fragment, C_QUERY))
		return RC_INVALID;
	*out = u;
	return RC_OK;
}

/* ---- origins ---- */

#define LABEL_MAX 63
#define NAME_MAX_CHARS 253
#define PORT_MAX 65535

static bool label_ok(struct str s, bool idn)
{
	for (size_t i = 0; i < s.n; i++) {
		bool escape = idn && s.p[i] == '%' && s.n - i > 2 && hex_value(s.p[i + 1]) >= 8;
		if (!escape && !is_alpha(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
		i += escape ? 2 : 0;
	}
	return s.n > 0 && s.n <= LABEL_MAX;
}

/* = WHATWG URL 3.5, "ends in a number checker": browsers read such a host as an IPv4 address, or not at all. */
static bool is_number(struct str label)
{
	size_t i = 0;
	if (label.n > 1 && label.p[0] == '0' && (label.p[1] | 0x20) == 'x')
		return true;
	while (i < label.n && is_digit(label.p[i]))
		i++;
	return i == label.n;
}

static bool ip_read(int family, struct str host, uint8_t out[sizeof(struct in6_addr)])
{
	char text[INET6_ADDRSTRLEN];
	if (host.n == 0 || host.n >= sizeof text)
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	return inet_pton(family, text, out) == 1;
}

static bool host_ok(struct str host, bool idn)
{
	uint8_t ip[sizeof(struct in6_addr)];
	struct str label = STR(""), rest = host;
	if (host.n == 0 || host.n > NAME_MAX_CHARS || host.p[host.n - 1] == '.')
		return false;
	while (str_next(&rest, '.', &label))
		if (!label_ok(label, idn))
			return false;
	return !is_number(label) || ip_read(AF_INET, host, ip);
}

bool url_is_web(const struct url *u, bool idn)
{
	uint8_t ip[sizeof(struct in6_addr)];
	uint64_t port = 0;
	if (!str_ieq(u->scheme, STR("https")) && !str_ieq(u->scheme, STR("http")))
		return false;
	if (u->authority.n == 0 || memchr(u->authority.p, '@', u->authority.n))
		return false;
	if (u->port.n && (str_u64(u->port, &port) != RC_OK || port > PORT_MAX))
		return false;
	return u->authority.p[0] == '[' ? ip_read(AF_INET6, u->host, ip) : host_ok(u->host, idn);
}

bool url_is_loopback(const struct url *u)
{
	uint8_t ip[sizeof(struct in6_addr)];
	if (str_ieq(u->host, STR("localhost")))
		return true;
	if (ip_read(AF_INET, u->host, ip))
		return ip[0] == 127;
	return ip_read(AF_INET6, u->host, ip) && memcmp(ip, &in6addr_loopback, sizeof in6addr_loopback) == 0;
}

/* Where path, query or fragment begin. A host in brackets stands before it. */
static size_t authority_end(struct str s)
{
	struct str scheme, rest;
	if (!str_cut(s, ':', &scheme, &rest))
		return s.n;
	if (str_starts(rest, STR("//"))) {
		rest = str_span(rest.p + 2, rest.n - 2);
		(void)take_until(&rest, "/?#");
	}
	return s.n - rest.n;
}

struct str url_ascii(struct arena *a, struct str s)
{
	struct buf b = BUF(a);
	size_t end = authority_end(s);
	for (size_t i = 0; i < s.n; i++) {
		bool loose = i >= end && s.p[i] && strchr("[]{}|^`\"<>", s.p[i]);
		if ((unsigned char)s.p[i] < 0x80 && !loose)
			buf_c(&b, s.p[i]);
		else
			buf_url(&b, str_span(s.p + i, 1));
	}
	return buf_str(&b);
}

enum rc url_decode(struct arena *a, struct str s, bool plus_is_space, struct str *out)
{
	bool plain =
		s.n && !memchr(s.p, '%', s.n) && !memchr(s.p, '\0', s.n) && !(plus_is_space && memchr(s.p, '+', s.n));
	if (plain) {
		*out = arena_str(a, s);
		return RC_OK;
	}
	char *to = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%') {
			if (s.n - i < 3 || !is_hex(s.p[i + 1]) || !is_hex(s.p[i + 2]))
				return RC_INVALID;
			c = (char)(hex_value(s.p[i + 1]) << 4 | hex_value(s.p[i + 2]));
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if (c == '\0')
			return RC_INVALID;
		to[n++] = c;
	}
	*out = str_span(to, n);
	return RC_OK;
}

enum rc url_pairs(struct arena *a, struct str s, struct pair **out)
{
	struct pair *list = NULL, **tail = &list;
	struct str part, key, value;
	size_t count = 0;
	while (str_next(&s, '&', &part)) {
		if (part.n == 0)
			continue;
		if (++count > URL_MAX_PAIRS)
			return RC_TOO_LARGE;
		str_cut(part, '=', &key, &value);
		struct pair *p = arena_new(a, struct pair);
		TRY(url_decode(a, key, true, &p->key));
		TRY(url_decode(a, value, true, &p->value));
		*tail = p;
		tail = &p->next;
	}
	*out = list;
	return RC_OK;
}

static const struct pair *pair_only(const struct pair *list, const char *key, bool any_case)
{
	struct str want = str_of(key);
	const struct pair *found = NULL;
	for (; list; list = list->next) {
		if (!(any_case ? str_ieq(list->key, want) : str_eq(list->key, want)))
			continue;
		if (found)
			return NULL;
		found = list;
	}
	return found;
}

const struct pair *pair_get(const struct pair *list, const char *key)
{
	return pair_only(list, key, false);
}

const struct pair *pair_get_icase(const struct pair *list, const char *key)
{
	return pair_only(list, key, true);
}

size_t pair_count(const struct pair *list, const char *key)
{
	struct str want = str_of(key);
	size_t n = 0;
	for (; list; list = list->next)
		n += str_eq(list->key, want);
	return n;
}
