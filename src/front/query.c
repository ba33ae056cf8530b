#include "front/front.h"
#include "base/b64.h"

static enum rc invalid(struct binder *b, const char *name)
{
	bind_fail(b, str_of(name), "The value is not valid.");
	return RC_INVALID;
}

enum rc codec_status(struct binder *b, const struct pair *query, enum consent_status *out)
{
	const struct pair *p = pair_get_icase(query, "status");
	uint64_t number;
	if (!p || status_parse(p->value, out) == RC_OK)
		return RC_OK;
	if (str_u64(p->value, &number) != RC_OK || number >= ST__MAX)
		return invalid(b, "status");
	*out = (enum consent_status)number;
	return RC_OK;
}

struct str codec_page_token(struct arena *a, struct uuid last)
{
	return b64url(a, uuid_bytes(&last));
}

static enum rc token_read(struct binder *b, const struct pair *p, struct uuid *out)
{
	struct str bytes;
	if (!p)
		return RC_OK;
	if (p->value.n != B64URL_LEN(sizeof out->b) || b64url_decode(b->a, p->value, &bytes) != RC_OK)
		return invalid(b, "continuationToken");
	memcpy(out->b, bytes.p, sizeof out->b);
	return uuid_is_nil(*out) ? invalid(b, "continuationToken") : RC_OK;
}

enum rc codec_page(struct binder *b, const struct pair *query, struct history_page *out)
{
	struct history_page page = { .limit = CONSENT_HISTORY_MAX };
	const struct pair *size = pair_get_icase(query, "pageSize");
	uint64_t n;
	if (size && (str_u64(size->value, &n) != RC_OK || n == 0 || n > CONSENT_PAGE_MAX))
		return invalid(b, "pageSize");
	if (size)
		page.limit = (size_t)n;
	TRY(token_read(b, pair_get_icase(query, "continuationToken"), &page.after));
	*out = page;
	return RC_OK;
}
