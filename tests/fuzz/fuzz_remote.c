/* What another platform answers to a consent lookup: a consent about which everything is known, or none. */
#include "issuer/remote_internal.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct oauth_consent asked = { .from = { URN_PERSON, STR("01025161013") } };
	struct consent *c = NULL;
	struct buf b = BUF(&a);
	struct jsw w = JSW(&b);
	const struct js *o;
	const char *why;
	HOLDS(uuid_parse(STR("77ed0000-0000-4000-9eb4-5c1eb3f165a1"), &asked.id) == RC_OK);
	if (remote_read(&a, 200, str_span(data, size), &asked, &c, &why) == RC_OK) {
		HOLDS(size <= REMOTE_MAX_ANSWER && uuid_eq(c->id, asked.id) && urn_eq(c->from, asked.from));
		HOLDS(c->to.kind == URN_ORG && c->valid_to_text.n && c->consented_text.n && c->rights);
		consent_claims(&w, c);
		HOLDS(js_parse(&a, buf_str(&b), NULL, &o, NULL) == RC_OK);
	}
	HOLDS(remote_read(&a, 503, str_span(data, size), &asked, &c, &why) == RC_BUSY);
	HOLDS(remote_read(&a, 500, str_span(data, size), &asked, &c, &why) != RC_OK);
	return 0;
}
