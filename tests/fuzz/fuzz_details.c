/* authorization_details as JSON: exactly one known object, or a fault with a name. */
#include "oauth/oauth.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct grant g = { 0 };
	struct oauth_consent c;
	struct oauth_error err = { 0 };
	if (js_parse(&a, str_span(data, size), NULL, &g.details, NULL) != RC_OK)
		return 0;
	enum rc rc = oauth_details_parse(&a, &g, &c, &err);
	if ((rc == RC_OK) != (err.fault == OF_NONE))
		abort();
	if (rc == RC_OK && c.from.kind != URN_PERSON && c.from.kind != URN_ORG)
		abort();
	return 0;
}
