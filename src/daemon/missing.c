#include "base/log.h"
#include "daemon/internal.h"

static void template_seen(void *ctx, const struct consent_template *t)
{
	bool *any = ctx;
	(void)t;
	*any = true;
}

static bool has_template(struct service *s)
{
	bool any = false;
	const struct registry *r = registry_hold(&s->consents.registry);
	registry_templates_each(r, template_seen, &any);
	registry_release(r);
	return any;
}

/* True also when the store does not tell: this is no time to guess. */
static bool has_person(struct service *s)
{
	struct reader *r;
	bool any = true;
	if (reader_open(s->store, false, &r) != RC_OK)
		return true;
	if (parties_any_person(r, &any) != RC_OK)
		any = true;
	reader_close(r);
	return any;
}

void missing_tell(struct service *s)
{
	const struct settings *set = &s->settings;
	if (s->sandbox)
		return;
	if (!s->provider)
		log_warn("missing.login",
			 KV("why", "nobody can log in, and pages answer 503: set oidc.issuer and oidc.client_id"));
	if (!set->operator_contact)
		log_warn("missing.contact",
			 KV("why", "pages name no address for people with a problem: set operator.contact"));
	if (!has_template(s))
		log_warn("missing.template",
			 KV("why", "no resource can have a consent text: apply a document with templates"));
	if (!set->auto_register && !has_person(s))
		log_warn("missing.parties",
			 KV("why", "no person is registered, so every consent request is refused: "
				   "set parties.auto_register = on, or apply a document with parties"));
}
