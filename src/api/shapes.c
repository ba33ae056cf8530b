#include "api/codec_internal.h"
#include "base/clock.h"

#define NEVER "0001-01-01T00:00:00+00:00" /* stands for a missing time: clients cannot read null */

static void urn_write(struct jsw *w, const char *key, struct urn u)
{
	if (u.value.p)
		jsw_kstr(w, key, urn_str(w->b->a, u));
	else
		jsw_knull(w, key);
}

static void uuid_write(struct jsw *w, const char *key, struct uuid id)
{
	char text[UUID_TEXT];
	jsw_kstr(w, key, uuid_text(id, text));
}

static void time_write(struct jsw *w, const char *key, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	jsw_kstr(w, key, clock_text(us, text));
}

static void message_write(struct jsw *w, const char *key, const struct consent *c)
{
	if (c->message_json.p)
		jsw_kraw(w, key, c->message_json);
	else
		jsw_knull(w, key);
}

static void rights_key_write(struct jsw *w, const struct consent *c, bool with_version)
{
	jsw_key(w, "consentRights");
	rights_write(w, c->rights, RIGHTS_NULLS | (with_version ? RIGHTS_VERSIONS : 0));
}

static struct urn as_party(struct arena *a, struct urn u, struct uuid party)
{
	if (!u.value.p || uuid_is_nil(party))
		return u;
	return (struct urn){ .kind = URN_PARTY_UUID, .value = uuid_str(a, party), .uuid = party };
}

static void event_members_write(struct jsw *w, const struct event *e, struct urn performer, struct uuid consent)
{
	uuid_write(w, "consentEventID", e->id);
	time_write(w, "created", e->created);
	urn_write(w, "performedBy", performer);
	jsw_kz(w, "eventType", event_name(e->type));
	uuid_write(w, "consentRequestID", uuid_is_nil(e->id) ? e->id : consent);
}

/* A derived Expired event has no id: then consentEventID and consentRequestID are both nil. */
static void events_write(struct jsw *w, const struct consent *c, bool parties)
{
	jsw_key(w, "consentRequestEvents");
	jsw_arr(w);
	for (size_t i = 0; i < c->n_events; i++) {
		const struct event *e = &c->events[i];
		jsw_obj(w);
		event_members_write(
			w, e, parties ? as_party(w->b->a, e->performed_by, e->performed_by_uuid) : e->performed_by,
			c->id);
		jsw_end_obj(w);
	}
	jsw_end_arr(w);
}

void codec_events(struct jsw *w, const struct consent *c)
{
	events_write(w, c, true);
}

void codec_request_details(struct jsw *w, const struct consent *c, struct str view_uri)
{
	jsw_obj(w);
	uuid_write(w, "id", c->id);
	urn_write(w, "from", c->from);
	urn_write(w, "to", c->to);
	urn_write(w, "requiredDelegator", c->required_delegator);
	urn_write(w, "handledBy", c->handled_by);
	jsw_kstr(w, "validTo", c->valid_to_text);
	rights_key_write(w, c, false);
	message_write(w, "requestMessage", c);
	jsw_kz(w, "status", status_name(c->status));
	jsw_kstr(w, "consented", c->consented_text);
	jsw_kstr(w, "redirectUrl", c->redirect_url);
	events_write(w, c, false);
	jsw_kstr(w, "viewUri", view_uri);
	jsw_kz(w, "portalViewMode", view_mode_name(c->view_mode));
	jsw_end_obj(w);
}

void codec_consent_info(struct jsw *w, const struct consent *c)
{
	jsw_obj(w);
	uuid_write(w, "id", c->id);
	urn_write(w, "from", c->from);
	urn_write(w, "to", c->to);
	urn_write(w, "handledBy", c->handled_by);
	jsw_kstr(w, "consented", c->consented_text);
	jsw_kstr(w, "validTo", c->valid_to_text);
	rights_key_write(w, c, false);
	jsw_end_obj(w);
}

static void from_write(struct jsw *w, const struct consent *c)
{
	urn_write(w, "from", as_party(w->b->a, c->from, c->from_uuid));
}

static void to_write(struct jsw *w, const struct consent *c)
{
	urn_write(w, "to", as_party(w->b->a, c->to, c->to_uuid));
}

static void delegator_write(struct jsw *w, const struct consent *c)
{
	urn_write(w, "requiredDelegator", as_party(w->b->a, c->required_delegator, c->required_delegator_uuid));
}

static void handler_write(struct jsw *w, const struct consent *c)
{
	urn_write(w, "handledBy", as_party(w->b->a, c->handled_by, c->handled_by_uuid));
}

static void template_write(struct jsw *w, const struct consent *c, struct str view_uri)
{
	jsw_kstr(w, "viewUri", view_uri);
	jsw_kstr(w, "templateId", c->template_id);
	jsw_ki64(w, "templateVersion", c->template_version);
	jsw_kz(w, "portalViewMode", view_mode_name(c->view_mode));
}

void codec_bff_details(struct jsw *w, const struct consent *c, struct str view_uri)
{
	jsw_obj(w);
	uuid_write(w, "id", c->id);
	from_write(w, c);
	to_write(w, c);
	delegator_write(w, c);
	handler_write(w, c);
	jsw_kstr(w, "validTo", c->valid_to_text);
	rights_key_write(w, c, false);
	message_write(w, "requestmessage", c);
	jsw_kstr(w, "consented", c->consented_text);
	jsw_kstr(w, "redirectUrl", c->redirect_url);
	codec_events(w, c);
	template_write(w, c, view_uri);
	jsw_end_obj(w);
}

void codec_core_details(struct jsw *w, const struct consent *c)
{
	jsw_obj(w);
	uuid_write(w, "id", c->id);
	from_write(w, c);
	delegator_write(w, c);
	to_write(w, c);
	handler_write(w, c);
	jsw_kstr(w, "validTo", c->valid_to_text);
	rights_key_write(w, c, true);
	message_write(w, "requestMessage", c);
	jsw_kz(w, "consentRequestStatus", status_name(c->status));
	jsw_kstr(w, "consented", c->consented_text);
	codec_events(w, c);
	jsw_kstr(w, "redirectUrl", c->redirect_url);
	template_write(w, c, STR(""));
	jsw_end_obj(w);
}

/* Language and event id of the acceptance. null: the consent has not been accepted. */
static void context_write(struct jsw *w, const struct consent *c)
{
	for (size_t i = 0; i < c->n_events; i++) {
		if (c->events[i].type != EV_ACCEPTED)
			continue;
		jsw_key(w, "context");
		jsw_obj(w);
		jsw_kstr(w, "language", c->shown_language);
		uuid_write(w, "contextId", c->events[i].id);
		jsw_end_obj(w);
		return;
	}
	jsw_knull(w, "context");
}

void codec_core_consent(struct jsw *w, const struct consent *c)
{
	jsw_obj(w);
	uuid_write(w, "id", c->id);
	from_write(w, c);
	to_write(w, c);
	handler_write(w, c);
	jsw_kstr(w, "consented", c->consented_text.p ? c->consented_text : STR(NEVER));
	jsw_kstr(w, "validTo", c->valid_to_text);
	rights_key_write(w, c, true);
	message_write(w, "requestMessage", c);
	jsw_kstr(w, "templateId", c->template_id);
	context_write(w, c);
	codec_events(w, c);
	jsw_end_obj(w);
}

void codec_use(struct jsw *w, const struct use_event *u)
{
	jsw_obj(w);
	event_members_write(w, &u->event, u->event.performed_by, u->consent);
	jsw_kstr(w, "resource", u->resource);
	jsw_kstr(w, "reference", u->reference);
	jsw_kstr(w, "time", u->time_text);
	jsw_end_obj(w);
}
