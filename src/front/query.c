#include "front/front.h"

#include <assert.h>

#include "base/b64.h"

/* The first name that comes again, in any letter case; absent: none. */
static struct str repeated(const struct pair *query)
{
	for (; query; query = query->next)
		for (const struct pair *p = query->next; p; p = p->next)
			if (str_ieq(p->key, query->key))
				return query->key;
	return STR_NONE;
}

enum rc front_query(struct http_req *req, struct http_res *res, const struct pair **out)
{
	const struct pair *query;
	if (http_query(req, &query) != RC_OK) {
		problem_plain(req, res, 400);
		return RC_ANSWERED;
	}
	struct str twice = repeated(query);
	if (twice.p)
		return front_invalid(req, res, twice, "The parameter may be there only once.");
	*out = query;
	return RC_OK;
}

struct str front_param(const struct pair *query, const char *name)
{
	const struct pair *p = pair_get_icase(query, name);
	return p && p->value.n ? p->value : STR_NONE;
}

enum rc front_param_required(struct http_req *req, struct http_res *res, const char *name, struct str *out)
{
	const struct pair *query;
	TRY(front_query(req, res, &query));
	struct str value = front_param(query, name);
	if (!value.p)
		return front_invalid(req, res, str_of(name), "is required");
	*out = value;
	return RC_OK;
}

enum rc front_number(struct http_req *req, struct http_res *res, const char *name, int64_t missing, int64_t *out)
{
	const struct pair *query;
	uint64_t n;
	TRY(front_query(req, res, &query));
	struct str value = front_param(query, name);
	*out = missing;
	if (!value.p)
		return RC_OK;
	if (str_u64(value, &n) != RC_OK || n > INT64_MAX)
		return front_invalid(req, res, str_of(name), "is no whole number");
	*out = (int64_t)n;
	return RC_OK;
}

/* ---- parameters of consents ---- */

static enum rc invalid(struct binder *b, const char *name)
{
	bind_fail(b, str_of(name), "The value is not valid.");
	return RC_INVALID;
}

enum rc query_status(struct binder *b, const struct pair *query, enum consent_status *out)
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

struct str query_page_token(struct arena *a, struct uuid last)
{
	assert(!uuid_is_nil(last));
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

enum rc query_page(struct binder *b, const struct pair *query, struct history_page *out)
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
