/* The operator's logo: a local file, checked at start and served as it is.
 *
 * Browsers run no script of an image. The answer carries a policy that allows none either, for a browser that opens the
 * address itself. */
#pragma once
#include "base/arena.h"

#define LOGO_MAX 65536 /* bytes of the file */

struct logo {
	struct str data; /* absent: there is no logo */
	const char *type;
	struct str file; /* its name in the address, which has the hash of the content */
};
/* `data` is the file and outlives the logo; texts live in `a`. RC_TOO_LARGE: more than LOGO_MAX bytes. RC_INVALID:
 * neither PNG nor SVG, or an SVG with a script, an event attribute, foreign elements, a document type, a style sheet of
 * its own, or a link to anything outside the file. Both write *why_out: what is wrong, without the file's name. */
MUST_USE enum rc logo_take(struct arena *a, struct str data, struct logo *out, struct str *why_out);
