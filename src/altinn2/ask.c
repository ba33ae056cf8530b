#include "altinn2/ask.h"

#include <assert.h>

#include "altinn2/redirect.h"

const struct meta *altinn2_param(struct arena *a, const struct altinn2_asked *asked, struct str key)
{
	for (const struct meta *m = asked->metadata; m; m = m->next)
		if (str_ieq(altinn2_key_of(a, asked->service, m->key), key))
			return m;
	return NULL;
}

static void metadata_check(struct arena *a, const struct resource *res, const struct altinn2_asked *asked,
			   struct altinn2_errors *e)
{
	for (size_t i = 0; i < res->n_metadata; i++) {
		const struct meta *m = altinn2_param(a, asked, res->metadata[i].key);
		if ((!m && !res->metadata[i].optional) || (m && !str_trim(m->value).n))
			altinn2_error(e, A2_METADATA, "%.*s: the metadata parameter %.*s is missing or empty",
				      STR_FMT(asked->id),
				      STR_FMT(altinn2_name_of(asked->service, res->metadata[i].key)));
	}
}

static void srr_check(const struct altinn2_ask *ask, const struct altinn2_asked *asked, struct altinn2_errors *e)
{
	const struct srr_entry *entry = altinn2_srr(asked->service, ask->covered_by);
	if (!altinn2_may_ask(asked->service, ask->covered_by))
		altinn2_error(e, A2_SRR, "%.*s is not registered for the service %.*s", STR_FMT(ask->covered_by),
			      STR_FMT(asked->id));
	if (!ask->handled_by.p || ask->delegated)
		return;
	if (!entry || !str_eq(entry->handled_by, ask->handled_by))
		altinn2_error(e, A2_SUPPLIER, "%.*s is not registered as the supplier of %.*s for the service %.*s",
			      STR_FMT(ask->handled_by), STR_FMT(ask->covered_by), STR_FMT(asked->id));
}

static void message_check(const struct registry *r, const struct altinn2_ask *ask, struct str template_id,
			  struct altinn2_errors *e)
{
	const struct consent_template *t = registry_template(r, template_id);
	if (ask->message_json.p && t && !t->message_in_request)
		altinn2_error(e, A2_MESSAGE, "RequestMessage must not be given: the template has its own");
}

static void service_check(struct arena *a, const struct registry *r, const struct altinn2_ask *ask,
			  const struct altinn2_asked *asked, struct str *template_io, struct altinn2_errors *e)
{
	const struct resource *res = asked->service ? registry_resource(r, asked->service->resource) : NULL;
	if (!res) {
		altinn2_error(e, A2_SERVICE, "There is no service %.*s", STR_FMT(asked->id));
		return;
	}
	srr_check(ask, asked, e);
	metadata_check(a, res, asked, e);
	if (!template_io->n)
		*template_io = res->template_id;
	else if (!str_ieq(*template_io, res->template_id))
		altinn2_error(e, A2_TEMPLATE, "Services with different templates cannot be asked for in one request");
}

static void redirect_check(struct arena *a, const struct registry *r, const struct altinn2_ask *ask,
			   struct altinn2_errors *e)
{
	const struct altinn2_service *services[ALTINN2_MAX_SERVICES];
	size_t n = 0;
	for (size_t i = 0; i < ask->n_services; i++)
		if (ask->services[i].service)
			services[n++] = ask->services[i].service;
	if (!altinn2_redirect_allowed(a, r, services, n, ask->covered_by, ask->redirect_url))
		altinn2_error(e, A2_REDIRECT, "RedirectUrl is not among the registered domains of %.*s",
			      STR_FMT(ask->covered_by));
}

void altinn2_ask_check(struct arena *a, const struct registry *r, struct altinn2_ask *ask, struct altinn2_errors *e)
{
	struct str template_id = STR_NONE;
	assert(ask->n_services <= ALTINN2_MAX_SERVICES);
	if (ask->from.value.p && str_eq(ask->from.value, ask->covered_by))
		altinn2_error(e, A2_SELF, "CoveredBy and OfferedBy are the same");
	if (!ask->n_services)
		altinn2_error(e, A2_FIELD, "No service is asked for");
	for (size_t i = 0; i < ask->n_services; i++) {
		ask->services[i].service = altinn2_service(r, ask->services[i].id);
		service_check(a, r, ask, &ask->services[i], &template_id, e);
	}
	if (template_id.n)
		message_check(r, ask, template_id, e);
	redirect_check(a, r, ask, e);
}

struct draft_right *altinn2_right(struct arena *a, const struct altinn2_service *s)
{
	struct draft_right *d = arena_new(a, struct draft_right);
	*d = (struct draft_right){ .n_resources = 1 };
	d->right = (struct right){
		.resource_type = STR("urn:altinn:resource"), .resource = s->resource, .service = s->id, .n_actions = 1
	};
	d->right.actions = arena_array(a, struct str, 1);
	d->right.actions[0] = STR("consent");
	return d;
}

static struct draft_right *right_of(struct arena *a, const struct registry *r, const struct altinn2_asked *asked)
{
	const struct resource *res = registry_resource(r, asked->service->resource);
	struct draft_right *d = altinn2_right(a, asked->service);
	struct meta **at = &d->right.metadata;
	assert(res);
	for (size_t i = 0; i < res->n_metadata; i++) {
		const struct meta *m = altinn2_param(a, asked, res->metadata[i].key);
		if (!m)
			continue;
		*at = arena_new(a, struct meta);
		(*at)->key = res->metadata[i].key;
		(*at)->value = m->value;
		at = &(*at)->next;
	}
	return d;
}

struct draft altinn2_ask_draft(struct arena *a, const struct registry *r, const struct altinn2_ask *ask,
			       enum consent_origin origin, struct uuid id)
{
	struct draft d = {
		.id = id,
		.from = ask->from,
		.to = { .kind = URN_ORG, .value = ask->covered_by },
		.required_delegator = ask->required_delegator,
		.valid_to = ask->valid_to,
		.message_json = ask->message_json,
		.redirect_url = ask->redirect_url,
		.view_mode = ask->view_mode,
		.origin = origin,
		.keep_session = true,
		.redirect_checked = true,
		.n_rights = ask->n_services,
	};
	struct draft_right **at = &d.rights;
	for (size_t i = 0; i < ask->n_services; i++) {
		const struct altinn2_asked *asked = &ask->services[i];
		*at = right_of(a, r, asked);
		at = &(*at)->next;
		d.keep_session = d.keep_session && altinn2_keeps_session(asked->service, ask->covered_by);
	}
	return d;
}
