/* The codes and texts that Altinn 3's clients know for the problems of the rules: AM-, STD- and validation codes. */
#pragma once
#include "consent/problem.h"
#include "http/http.h"

/* One problem with its own status; two or more as STD-00001 with status 500. p->n must not be 0. */
void problems_write(struct http_res *res, const struct problems *p);
