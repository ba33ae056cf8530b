/* Small HTML files with holes: @@key@@ is a value, @@t:ID@@ a message of text/messages.def. Values are escaped unless
 * they were given as HTML. No logic in them: what is shown or not is decided by the caller, which puts one into
 * another. */
#pragma once
#include "base/embed.h"
#include "text/text.h"

extern const struct embed web_templates[], web_static[]; /* tools/embed.sh writes them */

/* Renders templates/<name>. `text` values are escaped and fill the {placeholders} of messages too; `html` ones are
 * written as they are. Either may be NULL; both end with a NULL key. A key that nobody gave writes nothing. */
void view(struct buf *b, const char *name, enum lang lang, const struct fill *text, const struct fill *html);
/* The same into an arena. */
struct str view_str(struct arena *a, const char *name, enum lang lang, const struct fill *text,
		    const struct fill *html);
#define FILLS(...) ((const struct fill[]){ __VA_ARGS__, { 0 } })
