/* Handlers of the pages, called on a small world without a server. */
#pragma once
#include "consent_world.h"
#include "page/address.h"
#include "web/handlers_internal.h"
#include "page/page.h"

struct browser {
	struct world *w;
	struct gate gate;
	struct web web;
	struct session session;
	struct caller caller;
	struct http_header headers[4];
	size_t n_headers;
	struct http_res res;
};

static inline struct browser browser_of(struct world *w, const struct party *who, int64_t level)
{
	struct browser b = { .w = w };
	b.web.site.consents = &w->d;
	b.gate.store = w->d.store;
	b.gate.registry = &w->d.registry;
	b.web.site.sandbox = true;
	b.web.site.public_url = STR("http://127.0.0.1:8080");
	b.web.site.login_path = STR("/sandbox/login");
	if (!who)
		return b;
	b.session = (struct session){ .id_hash = STR("0123456789abcdef0123456789abcdef"),
				      .party = who->uuid,
				      .level = level,
				      .csrf = STR("fedcba9876543210fedcba9876543210") };
	b.caller = (struct caller){ .kind = CALLER_PERSON_SESSION };
	b.caller.person.party = who->uuid;
	b.caller.person.level = level;
	return b;
}

static inline void browser_header(struct browser *b, const char *name, const char *value)
{
	b->headers[b->n_headers++] = (struct http_header){ str_of(name), str_of(value) };
}

static inline struct http_req browser_req(struct browser *b, enum http_method m, const char *path, struct str query)
{
	struct http_req req = {
		.arena = &b->w->a, .method = m, .path = str_of(path), .checks = &b->gate, .handlers = &b->web
	};
	req.query = query;
	req.headers = b->headers;
	req.n_headers = b->n_headers;
	if (b->session.id_hash.p) {
		b->caller.session = &b->session;
		req.caller = &b->caller;
	}
	b->res = (struct http_res){ .arena = &b->w->a, .body = BUF(&b->w->a) };
	return req;
}

/* The handler has answered: itself, or through a helper. */
static inline void check_answered(enum rc rc)
{
	if (rc != RC_OK)
		CHECK_RC(rc, RC_ANSWERED);
}

static inline struct str browser_get(struct browser *b, http_handler *handler, const char *path, struct str query)
{
	struct http_req req = browser_req(b, HTTP_GET, path, query);
	check_answered(handler(&req, &b->res));
	return buf_str(&b->res.body);
}

static inline struct str browser_post(struct browser *b, http_handler *handler, const char *path, struct str form)
{
	struct http_req req = browser_req(b, HTTP_POST, path, STR_NONE);
	struct http_header with_type[5];
	memcpy(with_type, b->headers, sizeof b->headers);
	with_type[req.n_headers++] =
		(struct http_header){ STR("Content-Type"), STR("application/x-www-form-urlencoded") };
	req.headers = with_type;
	req.body = form;
	check_answered(handler(&req, &b->res));
	return buf_str(&b->res.body);
}

static inline struct str browser_answer_header(const struct browser *b, const char *name)
{
	for (size_t i = 0; i < b->res.n_headers; i++)
		if (str_ieq(b->res.headers[i].name, str_of(name)))
			return b->res.headers[i].value;
	return STR_NONE;
}

static inline size_t occurrences(struct str html, const char *needle)
{
	size_t n = 0;
	ptrdiff_t at;
	while ((at = str_find(html, str_of(needle))) >= 0) {
		n++;
		html = str_span(html.p + at + 1, html.n - (size_t)at - 1);
	}
	return n;
}

static inline void check_page(const struct browser *b, int status, const char *has)
{
	struct str html = buf_str(&b->res.body);
	assert_int_equal(b->res.status, status);
	if (str_find(html, str_of(has)) < 0)
		fail_msg("\"%s\" is not in:\n%.*s", has, STR_FMT(html));
	assert_int_equal(occurrences(html, "<h1"), 1);
	assert_int_equal(occurrences(html, "<main "), 1);
	assert_int_equal(occurrences(html, "</html>"), 1);
	assert_int_equal(occurrences(html, "role=\"menuitemradio\""), 3);
	assert_int_equal(occurrences(html, "aria-label=\"Språk/language\""), 1);
	assert_int_equal(occurrences(html, "@@"), 0);
	assert_int_equal(occurrences(html, "<script"), 0);
	assert_int_equal(occurrences(html, ELENA), 0);
	CHECK(browser_answer_header(b, "Content-Security-Policy").n > 0);
	CHECK_STR(browser_answer_header(b, "Cache-Control"), STR("no-store"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
