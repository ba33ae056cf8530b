#include "base/url.h"
#include "consent/internal.h"
#include "registry/redirects.h"

#define ALTINN2_REFUSAL "Status=Failed&ErrorMessage=User%%2520did%%2520not%%2520give%%2520consent"

bool redirect_allowed(struct str target, const struct str *allow, size_t n_allow)
{
	struct redirect_entry entry;
	struct url u;
	if (url_parse(target, &u) != RC_OK || !redirect_target_ok(&u, n_allow > 0))
		return false;
	for (size_t i = 0; i < n_allow; i++)
		if (redirect_entry_read(allow[i], &entry) == RC_OK && redirect_entry_matches(&entry, &u))
			return true;
	return n_allow == 0;
}

/* spec altinn2.md section 5: the message is percent-encoded twice, and a refusal names the request under another name.
 */
static struct str outcome_altinn2(struct arena *a, const struct consent *c)
{
	char id[UUID_TEXT];
	struct str code = uuid_text(c->id, id);
	if (c->status == ST_ACCEPTED || c->status == ST_REVOKED)
		return arena_fmt(a, "AuthorizationCode=%.*s&Status=OK", STR_FMT(code));
	if (c->status != ST_REJECTED)
		return STR_NONE;
	if (c->origin == ORIGIN_ALTINN2_LINK)
		return arena_fmt(a, ALTINN2_REFUSAL);
	return arena_fmt(a, ALTINN2_REFUSAL "&FailedAuthorizationCode=%.*s", STR_FMT(code));
}

static struct str outcome(struct arena *a, const struct consent *c)
{
	if (c->origin != ORIGIN_ALTINN3)
		return outcome_altinn2(a, c);
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
	bool bare = url_parse(address, &u) == RC_OK && url_is_web(&u, true) && u.path.n == 0;
	size_t path = bare ? (size_t)(u.authority.p + u.authority.n - address.p) : address.n;
	buf_add(b, (struct str){ address.p, path });
	if (bare)
		buf_c(b, '/');
	buf_add(b, (struct str){ address.p + path, address.n - path });
}

struct str consent_redirect(struct arena *a, const struct consent *c)
{
	return redirect_with(a, c->redirect_url, outcome(a, c));
}

struct str redirect_with(struct arena *a, struct str address, struct str params)
{
	struct str target = url_ascii(a, address), head, fragment;
	if (!params.p || !target.n)
		return target;
	struct buf b = BUF(a);
	bool has_fragment = str_cut(target, '#', &head, &fragment);
	if (has_fragment && fragment.n && fragment.p[0] == '/') { /* the page's own router reads the fragment */
		buf_add(&b, target);
		buf_outcome(&b, fragment, params);
		return buf_str(&b);
	}
	struct buf whole = BUF(a);
	buf_address(&whole, head);
	buf_add(&b, buf_str(&whole));
	buf_outcome(&b, buf_str(&whole), params);
	if (has_fragment) {
		buf_c(&b, '#');
		buf_add(&b, fragment);
	}
	return buf_str(&b);
}
