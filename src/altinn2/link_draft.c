#include "altinn2/ask.h"
#include "altinn2/link_internal.h"
#include "altinn2/redirect.h"
#include "consent/draft.h"
#include "base/js.h"
#include "model/party.h"

struct drafting {
	struct arena *a;
	const struct link_order *order;
	const struct registry *reg;
	const struct altinn2_service *services[LINK_MAX_SERVICES];
	struct draft *draft;
	struct link_error *error;
};

static enum rc fault(struct drafting *d, enum link_fault kind, struct str name)
{
	*d->error = (struct link_error){ kind, name };
	return RC_INVALID;
}

struct org_caller link_caller(const struct link *link)
{
	return (struct org_caller){ .consumer = link->covered_by, .supplier = link->handled_by };
}

/* The default template, or one that brings its own message: the link's message does not count there. */
static bool template_ok(struct drafting *d, const struct resource *res)
{
	const struct consent_template *t = registry_template(d->reg, res->template_id);
	if (!t || str_ieq(t->id, STR("default")))
		return true;
	if (t->is_poa || !t->texts.overridden_context.t[LANG_NB].n)
		return false;
	d->draft->message_json = STR_NONE;
	return true;
}

static enum rc services_check(struct drafting *d)
{
	const struct link *link = d->order->link;
	bool keep = link->n > 0;
	for (size_t i = 0; i < link->n; i++) {
		const struct altinn2_service *s = altinn2_service(d->reg, link->services[i]);
		const struct resource *res = s ? registry_resource(d->reg, s->resource) : NULL;
		if (!res)
			return fault(d, LINK_SERVICE, link->services[i]);
		if (!altinn2_may_ask(s, link->covered_by))
			return fault(d, LINK_CONSUMER, s->id);
		if (!template_ok(d, res))
			return fault(d, LINK_TEMPLATE, s->id);
		keep = keep && altinn2_keeps_session(s, link->covered_by);
		d->services[i] = s;
	}
	d->draft->keep_session = keep;
	return RC_OK;
}

static enum rc metadata_read(struct drafting *d, const struct altinn2_service *s, const struct resource *res,
			     struct meta **at)
{
	for (size_t i = 0; i < res->n_metadata; i++) {
		struct str name = altinn2_name_of(s, res->metadata[i].key);
		struct str value = link_service_value(d->order->link, s->id, name);
		struct str whole = arena_fmt(d->a, "%.*s_%.*s", STR_FMT(s->id), STR_FMT(name));
		if (!value.n && res->metadata[i].optional)
			continue;
		if (!value.n)
			return fault(d, LINK_MISSING, whole);
		if (value.n > CONSENT_MAX_VALUE)
			return fault(d, LINK_VALUE, whole);
		*at = arena_new(d->a, struct meta);
		**at = (struct meta){ .key = res->metadata[i].key, .value = value };
		at = &(*at)->next;
	}
	return RC_OK;
}

static enum rc rights_read(struct drafting *d)
{
	struct draft_right **at = &d->draft->rights;
	for (size_t i = 0; i < d->order->link->n; i++) {
		const struct altinn2_service *s = d->services[i];
		struct draft_right *r = altinn2_right(d->a, s);
		TRY(metadata_read(d, s, registry_resource(d->reg, s->resource), &r->right.metadata));
		*at = r;
		at = &r->next;
		d->draft->n_rights++;
	}
	return RC_OK;
}

static struct str message_json(struct arena *a, const struct link *link, enum lang lang)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	if (!link->message.n)
		return STR_NONE;
	jsw_obj(&w);
	jsw_kstr(&w, lang_code(link->has_lang ? link->lang : lang), link->message);
	jsw_end_obj(&w);
	return buf_str(&b);
}

static struct urn giver_of(const struct link_order *order)
{
	struct str number = order->link->offered_by;
	if (!order->giver)
		return (struct urn){ 0 };
	if (!number.n)
		return party_urn(order->giver);
	return (struct urn){ .kind = model_pid_valid(number) ? URN_PERSON : URN_ORG, .value = number };
}

static enum rc unknown_party(struct drafting *d, const struct problem *problem)
{
	const struct link *link = d->order->link;
	if (str_ends(problem->key, link->covered_by))
		return fault(d, LINK_VALUE, STR("CoveredBy"));
	if (link->handled_by.n && str_ends(problem->key, link->handled_by))
		return fault(d, LINK_VALUE, STR("HandledBy"));
	return RC_DENIED;
}

static enum rc problem_say(struct drafting *d, const struct problems *p)
{
	const struct problem *first = p->n ? &p->items[0] : NULL;
	if (first && (first->code == PROB_UNKNOWN_ORG || first->code == PROB_UNKNOWN_PERSON))
		return unknown_party(d, first);
	for (size_t i = 0; first && i < first->n_validations; i++) {
		enum validation_code code = first->validations[i].code;
		if (code == VLD_FUTURE || code == VLD_MAX_VALIDITY)
			return fault(d, LINK_TIME, STR("ValidToDate"));
		if (code == VLD_REDIRECT)
			return fault(d, LINK_REDIRECT, STR("RedirectUrl"));
	}
	return fault(d, LINK_SERVICE, STR("Resources"));
}

static enum rc draft_fill(struct drafting *d)
{
	const struct link_order *order = d->order;
	const struct link *link = order->link;
	*d->draft = (struct draft){
		.id = order->id,
		.from = giver_of(order),
		.to = { .kind = URN_ORG, .value = link->covered_by },
		.valid_to = link->valid_to,
		.message_json = message_json(d->a, link, order->lang),
		.redirect_url = link->redirect,
		.origin = ORIGIN_ALTINN2_LINK,
		.redirect_checked = true,
	};
	TRY(services_check(d));
	if (!altinn2_redirect_allowed(d->a, d->reg, d->services, link->n, link->covered_by, link->redirect))
		return fault(d, LINK_REDIRECT, STR("RedirectUrl"));
	return rights_read(d);
}

enum rc link_draft(struct arena *a, const struct link_order *order, struct draft *draft, struct consent **out,
		   struct link_error *error)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&order->consents->registry);
	struct drafting d = { .a = a, .order = order, .reg = reg, .draft = draft, .error = error };
	const struct org_caller who = link_caller(order->link);
	struct problems problems = PROBLEMS(a);
	TRY(draft_fill(&d));
	enum rc rc = consent_draft(order->consents, a, draft, &who, out, &problems);
	if (rc == RC_DENIED)
		return fault(&d, LINK_CONSUMER, STR("Resources"));
	return rc == RC_INVALID ? problem_say(&d, &problems) : rc;
}

bool link_may_return(struct arena *a, struct consent_service *consents, const struct link *link)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	const struct altinn2_service *services[LINK_MAX_SERVICES];
	if (!link->n || !model_orgno_valid(link->covered_by) || !link->redirect.n ||
	    link->redirect.n > CONSENT_MAX_REDIRECT)
		return false;
	for (size_t i = 0; i < link->n; i++) {
		services[i] = altinn2_service(reg, link->services[i]);
		if (!services[i] || !altinn2_may_ask(services[i], link->covered_by))
			return false;
	}
	return altinn2_redirect_allowed(a, reg, services, link->n, link->covered_by, link->redirect);
}
