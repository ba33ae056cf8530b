/* Altinn 2, the older generation of consents, as an adapter over the rules that there are: links and requests to ask
 * by, codes and tokens, the allow-list, the lists, the import. */
#pragma once
#include <stddef.h>

#include "front/extension.h"
#include "page/site.h"

/* The context of the front: http_table.handlers. */
struct altinn2 {
	struct site site; /* first: req_site */
	struct extension_services services;
};
_Static_assert(offsetof(struct altinn2, site) == 0, "req_site");
static inline struct altinn2 *req_altinn2(const struct http_req *req)
{
	return req->handlers;
}

extern const struct extension altinn2_extension;
