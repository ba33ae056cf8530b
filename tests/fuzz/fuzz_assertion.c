/* A client's grant: whatever is accepted stays within its limits and says why it is refused otherwise. */
#include "oauth/oauth.h"

#include "fuzz.h"

#define NOW INT64_C(1800000000)

/* The rest of the way without a signature: rules that read what the parser made. */
static void after(struct arena *a, const struct grant *g)
{
	static const struct client keyless = { .active = true };
	struct grant_check c = { .issuer = STR("https://issuer.example/"), .now = NOW };
	struct oauth_consent consent;
	struct oauth_error err = { 0 };
	const char *amr;
	if (oauth_grant_verify(a, g, NULL, &c, &amr, &err) == RC_OK ||
	    oauth_grant_verify(a, g, &keyless, &c, &amr, &err) == RC_OK)
		abort();
	(void)!oauth_target_check(g, &err);
	(void)!oauth_details_parse(a, g, &consent, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct oauth_error err = { 0 };
	struct grant g;
	if (oauth_grant_parse(&a, str_span(data, size), &g, &err) != RC_OK) {
		if (err.fault == OF_NONE)
			abort();
		return 0;
	}
	if (g.n_scopes > OAUTH_MAX_SCOPES || g.n_resources > OAUTH_MAX_RESOURCES || !g.iss.p)
		abort();
	after(&a, &g);
	return 0;
}
