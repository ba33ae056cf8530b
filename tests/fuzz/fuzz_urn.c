/* Party URNs, as text and as JSON: what is accepted must print to something that reads back the same. */
#include "fuzz.h"

#include "model/model.h"

static void round_trip(struct arena *a, struct urn u)
{
	struct urn again;
	HOLDS(urn_parse(a, urn_str(a, u), &again) == RC_OK);
	HOLDS(urn_eq(u, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct urn u;
	const struct js *v;
	if (urn_parse(&a, str_span(data, size), &u) == RC_OK)
		round_trip(&a, u);
	if (js_parse(&a, str_span(data, size), NULL, &v, NULL) == RC_OK && urn_parse_js(&a, v, &u) == RC_OK)
		round_trip(&a, u);
	return 0;
}
