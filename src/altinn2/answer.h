/* What calls of Altinn 2 share: the body that they read, HAL, local times, lists that go on behind a mark. */
#pragma once
#include "altinn2/errors.h"
#include "store/lists.h"

#define HAL_TYPE "application/hal+json; charset=utf-8"
#define PLAIN_TYPE "application/json; charset=utf-8"

/* The body as a JSON object, or a list too where `list` is set; names of members match in any letter case. NULL: it is
 * neither, or a member stands twice, which adds an error. */
const struct js *altinn2_json(struct http_req *req, bool list, struct altinn2_errors *e);
/* Does the Accept header name the media type, with a weight above 0? */
bool altinn2_accepts(const struct http_req *req, const char *type);
/* The index of the media type that the Accept header prefers (RFC 9110 §12.5.1): by weight, then by the more specific
 * range, then by the order of the header, then by that of the types. 0 when it takes none of them. */
size_t altinn2_prefers(const struct http_req *req, const char *const *types, size_t n);
/* A member of _links: "NAME":{"href":…} */
void altinn2_link_write(struct jsw *w, const char *name, struct str href);
/* The naive local time of Altinn 2's answers: 2025-04-11T12:00:00.000 */
struct str altinn2_local(struct arena *a, int64_t us);

/* ---- the place behind which the next page begins, as the parameter `continuation` has it: TIME_KEY ---- */
struct str altinn2_mark_text(struct arena *a, struct list_mark mark);
/* Absent is the first page. A text that altinn2_mark_text does not make adds an error. */
struct list_mark altinn2_mark_read(struct str continuation, struct altinn2_errors *e);
