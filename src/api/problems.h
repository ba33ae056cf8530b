/* The codes and words that Altinn 3's clients know for what the rules refuse: AM-, STD- and validation codes, and the
 * framework's shape for a request that cannot be read. */
#pragma once
#include "consent/problem.h"
#include "http/http.h"

#define PROBLEM_TYPE "application/problem+json"
#define PROBLEM_UTF8 "application/problem+json; charset=utf-8"

/* One problem with its own status; two or more as STD-00001 with status 500. p->n must not be 0. */
void problems_write(struct http_res *res, const struct problems *p);

struct bind_error {
	struct str path;
	struct str message;
	struct bind_error *next;
};
/* Status 400, member "errors" keyed by path. */
void problem_binding(const struct http_req *req, struct http_res *res, const struct bind_error *errors);
/* type, title, status, traceId. */
void problem_plain(const struct http_req *req, struct http_res *res, int status);
