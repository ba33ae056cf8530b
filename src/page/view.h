/* Templates: small HTML files with holes. @@key@@ is a value, @@t:ID@@ is a message of text/messages.def.
 *
 * Templates have no logic: the caller decides what is shown, and puts one template into another as HTML. */
#pragma once
#include "base/embed.h"
#include "text/text.h"

extern const struct embed page_templates[], page_css[]; /* tools/embed.sh writes them */

/* Appends templates/<name>, which must exist. Values of `text` are escaped, and fill the {placeholders} of messages
 * too. Values of `html` are written as they are. Both lists end with a NULL key; either may be NULL. A key in neither
 * list writes nothing. */
void view(struct buf *b, const char *name, enum lang lang, const struct fill *text, const struct fill *html);
/* The same as a text in `a`. */
struct str view_str(struct arena *a, const char *name, enum lang lang, const struct fill *text,
		    const struct fill *html);
#define FILLS(...) ((const struct fill[]){ __VA_ARGS__, { 0 } })
