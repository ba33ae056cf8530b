/* The language of a page, and of texts in it. */
#pragma once
#include "http/http.h"
#include "text/text.h"

/* The language that a page is shown in, by the first of these that names a shipped one: ?lng=, the cookie of the
 * language choice, the session, Accept-Language (RFC 9110 §12.5.4). Bokmål when none does. */
enum lang language_of(const struct http_req *req);
/* A code of ?lng= and of the cookie, such as "no_nb". false: it is none of a shipped language; *out is untouched. */
bool language_code_parse(struct str code, enum lang *out);
struct str language_code(enum lang lang);                     /* static text */
struct str language_choices(struct arena *a, enum lang page); /* HTML of the menu */
struct str language_links(struct arena *a, enum lang page);   /* HTML of the footer; buttons of the menu's form */
/* HTML attribute that marks a text in another language than its page; absent where both are the same. */
struct str language_mark(struct arena *a, enum lang page, enum lang text);
struct str language_name(enum lang lang); /* in the language itself; static text */
