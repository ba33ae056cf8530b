#include "jose/pkcs11_internal.h"

#include "base/scan.h"

#define SCHEME "pkcs11:"

/* A decoded id may hold any byte, zero included. */
static bool decode(struct arena *a, struct str s, struct str *out)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%') {
			buf_c(&b, s.p[i]);
			continue;
		}
		int high = s.n - i > 2 ? hex_value(s.p[i + 1]) : -1, low = s.n - i > 2 ? hex_value(s.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return false;
		buf_c(&b, (char)(high * 16 + low));
		i += 2;
	}
	*out = buf_str(&b);
	return out->n > 0;
}

static bool attribute(struct arena *a, struct str part, struct p11_uri *u)
{
	struct {
		const char *name;
		struct str *where;
	} const rows[] = {
		{ "token", &u->token }, { "serial", &u->serial }, { "object", &u->object }, { "id", &u->id }
	};
	struct str name;
	struct str value;
	if (!str_cut(part, '=', &name, &value))
		return false;
	for (size_t i = 0; i < LEN(rows); i++)
		if (str_is(name, rows[i].name))
			return !rows[i].where->p && decode(a, value, rows[i].where);
	return str_is(name, "type") && str_is(value, "private");
}

/* = RFC 7512. A query (place of the PIN, of the module) is refused: settings hold these. */
enum rc p11_uri_parse(struct arena *a, struct str uri, struct p11_uri *out)
{
	struct p11_uri u = { .token = STR_NONE };
	if (uri.n > P11_URI_MAX || !str_starts(uri, STR(SCHEME)) || memchr(uri.p, '?', uri.n) ||
	    memchr(uri.p, 0, uri.n))
		return RC_INVALID;
	struct str rest = { uri.p + sizeof SCHEME - 1, uri.n - (sizeof SCHEME - 1) }, part;
	while (rest.n && str_next(&rest, ';', &part))
		if (!attribute(a, part, &u))
			return RC_INVALID;
	if ((!u.token.p && !u.serial.p) || (!u.object.p && !u.id.p))
		return RC_INVALID;
	*out = u;
	return RC_OK;
}

bool p11_uri_ok(struct str uri)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct p11_uri u;
	return p11_uri_parse(&a, uri, &u) == RC_OK;
}
