#include "fuzz.h"

#include "base/b64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str text = str_span(data, size), out;
	/* strict: there is one text for any bytes */
	if (b64url_decode(&a, text, &out) == RC_OK)
		HOLDS(str_eq(b64url(&a, out), text));
	if (b64_decode(&a, text, &out) == RC_OK)
		HOLDS(str_eq(b64(&a, out), text));
	HOLDS(b64url_decode(&a, b64url(&a, text), &out) == RC_OK && str_eq(out, text));
	HOLDS(b64_decode(&a, b64(&a, text), &out) == RC_OK && str_eq(out, text));
	return 0;
}
