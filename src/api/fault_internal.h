/* The issuer's faults as its clients know them: OAuth error, MP code and text. */
#pragma once
#include "http/http.h"
#include "oauth/oauth.h"

#define FAULT_MAX_DETAIL 300 /* bytes of the caller's text that an answer repeats; the rest is left out */

/* Answers with the fault as JSON and logs it. Answer and log carry the trace id. `issuer`: with its slash; the answer
 * links to the code's help there. */
void fault_write(const struct http_req *req, struct http_res *res, struct str issuer, const struct oauth_error *err);
/* The cause of a code ("MP-124", in any letter case) and the remedy: one or two sentences, static text. NULL: there is
 * no such code. */
const char *fault_help(struct str code);
/* The code of a fault, or "" for a fault without one. Static text. */
const char *fault_code(enum oauth_fault f);
