/* Problem documents (RFC 9457) as the framework of Altinn's APIs writes them. */
#pragma once
#include "front/bind.h"
#include "http/http.h"

#define PROBLEM_TYPE "application/problem+json"
#define PROBLEM_UTF8 "application/problem+json; charset=utf-8"

/* Opens the document's object and writes type, title and status. The caller closes it. */
void problem_head(struct jsw *w, int status);
/* Answers with `status` and a document of type, title, status and traceId. */
void problem_plain(const struct http_req *req, struct http_res *res, int status);
/* Answers 400. The member "errors" lists the first error of each path. */
void problem_binding(const struct http_req *req, struct http_res *res, const struct bind_error *errors);
