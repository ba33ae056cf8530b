#include "base/url.h"
#include "consent/internal.h"
#include "registry/redirects.h"

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
	bool bare = url_parse(address, &u) == RC_OK && url_is_web(&u, true) && u.path.n == 0;
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
