/* The issuer's faults as its clients know them: OAuth error, MP code and text. */
#pragma once
#include "http/http.h"
#include "oauth/oauth.h"

#define FAULT_MAX_DETAIL 300 /* bytes of what the caller sent that are said back; the rest is left out */

/* JSON always; the trace id stands in the text and in the log. */
void fault_write(const struct http_req *req, struct http_res *res, struct str issuer, const struct oauth_error *err);
/* What is wrong, and what to do about it: one or two sentences, static. NULL: there is no such code. */
const char *fault_help(struct str code);
/* "MP-124", or "" for a fault without a code. */
const char *fault_code(enum oauth_fault f);
