/* Bodies of the consent API: bound within the limits, or refused with at least one path. */
#include "api/codec_internal.h"

#include "fuzz.h"

static void draft_check(const struct draft *d)
{
	size_t n = 0;
	for (const struct draft_right *r = d->rights; r; r = r->next, n++)
		if (r->n_resources == 0 || r->n_resources > CONSENT_MAX_RESOURCES ||
		    r->right.n_actions > CONSENT_MAX_ACTIONS)
			abort();
	if (n != d->n_rights || n > CONSENT_MAX_RIGHTS || d->redirect_url.n > CONSENT_MAX_REDIRECT)
		abort();
	if (!d->from.value.p || !d->to.value.p || uuid_is_nil(d->id))
		abort();
}

static void errors_check(const struct binder *b, enum rc rc)
{
	if ((rc == RC_OK) != (b->n == 0) || b->n > BIND_MAX_ERRORS)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct binder *draft = binder_new(&a), *lookup = binder_new(&a), *accept = binder_new(&a);
	struct lookup_request l;
	struct str language;
	struct draft d;
	const struct js *o;
	if (js_parse(&a, str_span(data, size), NULL, &o, NULL) != RC_OK || !js_is(o, JS_OBJECT))
		return 0;
	enum rc rc = codec_draft(draft, o, &d);
	errors_check(draft, rc);
	if (rc == RC_OK)
		draft_check(&d);
	errors_check(lookup, codec_lookup(lookup, o, &l));
	errors_check(accept, codec_accept(accept, o, &language));
	return 0;
}
