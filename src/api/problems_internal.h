/* The codes and texts that Altinn 3's clients know for the problems of the rules: AM-, STD- and validation codes. */
#pragma once
#include "consent/problem.h"
#include "http/http.h"

/* Answers with the problems of a rule; p->n must not be 0. One problem has its own status. Several are listed in one
 * document of code STD-00001 and status 500. */
void problems_write(struct http_res *res, const struct problems *p);
