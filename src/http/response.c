#include "http/internal.h"

#include <assert.h>

#define HEADERS_FIRST 8

void response_reset(struct http_res *res, struct arena *a)
{
	*res = (struct http_res){ .arena = a, .body = BUF(a) };
}

void http_note(struct http_res *res, const char *event, const struct kv *facts)
{
	size_t n = 0;
	while (facts[n].key)
		n++;
	assert(event && n <= HTTP_MAX_FACTS);
	struct kv *copy = arena_array(res->arena, struct kv, n + 1);
	memcpy(copy, facts, n * sizeof *facts);
	copy[n] = (struct kv){ 0 };
	res->note.event = event;
	res->note.facts = copy;
}

void http_why(struct http_res *res, const char *why)
{
	if (!res->note.why.p)
		res->note.why = str_of(why);
}

static struct http_header *find(const struct http_res *res, struct str name)
{
	for (size_t i = 0; i < res->n_headers; i++)
		if (str_ieq(res->headers[i].name, name))
			return &res->headers[i];
	return NULL;
}

const struct http_header *response_header(const struct http_res *res, const char *name)
{
	return find(res, str_of(name));
}

void http_wait(struct http_res *res, struct uuid key, struct uuid owner, int64_t until_us)
{
	res->waits = true;
	res->wait_key = key;
	res->wait_owner = owner;
	res->wait_until = until_us;
}

static bool one_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return true;
}

static struct http_header *append(struct http_res *res)
{
	arena_room(res->arena, res->headers, res->n_headers, &res->cap_headers, HEADERS_FIRST);
	return &res->headers[res->n_headers++];
}

void http_set_header(struct http_res *res, const char *name, struct str value)
{
	struct str n = str_of(name);
	if (!one_line(value) || !one_line(n))
		return;
	struct http_header *h = str_ieq(n, STR("Set-Cookie")) ? NULL : find(res, n);
	if (!h)
		h = append(res);
	h->name = arena_str(res->arena, n);
	h->value = arena_str(res->arena, value.p ? value : STR(""));
}

void response_drop_headers(struct http_res *res)
{
	static const char *const allowed[] = { "WWW-Authenticate", "Retry-After", "Allow" };
	size_t n = 0;
	for (size_t i = 0; i < res->n_headers; i++)
		for (size_t k = 0; k < LEN(allowed); k++)
			if (str_ieq(res->headers[i].name, str_of(allowed[k])))
				res->headers[n++] = res->headers[i];
	res->n_headers = n;
}

void http_reply(struct http_res *res, int status, const char *content_type)
{
	assert(status >= 200 && status <= 599);
	res->status = status;
	res->content_type = content_type;
}

void http_redirect(struct http_res *res, int status, struct str location)
{
	http_reply(res, status, NULL);
	http_set_header(res, "Location", location);
}
