/* The request as answers show it. */
#include <assert.h>

#include "altinn2/requests.h"
#include "base/clock.h"

const char *altinn2_request_status(enum request_state state)
{
	static const char *const names[REQUEST_STATES] = { "Unopened", "Opened", "Accepted", "Rejected" };
	assert((unsigned)state < REQUEST_STATES);
	return names[state];
}

/* "123456*****": the number of a person is shown to nobody. */
static struct str masked(struct arena *a, struct urn u)
{
	return u.kind == URN_PERSON && u.value.n == 11 ? arena_fmt(a, "%.6s*****", u.value.p) : u.value;
}

static void party_write(struct jsw *w, const char *name, struct str value)
{
	if (value.p)
		jsw_kstr(w, name, value);
	else
		jsw_knull(w, name);
}

static void service_write(struct jsw *w, const struct registry *reg, const struct right *r)
{
	const struct altinn2_service *s = r->service.p ? altinn2_service(reg, r->service) : NULL;
	struct str code, edition;
	jsw_obj(w);
	if (r->service.p && str_cut(r->service, '_', &code, &edition)) {
		jsw_kstr(w, "ServiceCode", code);
		jsw_key(w, "ServiceEditionCode");
		jsw_raw(w, edition);
	}
	jsw_key(w, "Metadata");
	jsw_obj(w);
	for (const struct meta *m = r->metadata; m; m = m->next) {
		jsw_key_str(w, s ? altinn2_name_of(s, m->key) : m->key);
		jsw_str(w, m->value);
	}
	jsw_end_obj(w);
	jsw_end_obj(w);
}

static void message_write(struct jsw *w, const struct consent *c)
{
	static const char *const names[][2] = { { "nb", "no-nb" }, { "nn", "no-nn" }, { "en", "en" } };
	const struct js *v;
	jsw_key(w, "RequestMessage");
	jsw_obj(w);
	if (c->message_json.p && js_parse(w->b->a, c->message_json, NULL, &v, NULL) == RC_OK)
		for (size_t i = 0; i < LEN(names); i++) {
			struct str text;
			if (js_member_str(v, names[i][0], &text) == RC_OK)
				jsw_kstr(w, names[i][1], text);
		}
	jsw_end_obj(w);
}

static void links_write(struct jsw *w, struct str origin, struct str id)
{
	struct arena *a = w->b->a;
	jsw_key(w, "_links");
	jsw_obj(w);
	altinn2_link_write(w, "self", arena_fmt(a, "%.*s/api/consentRequests/%.*s", STR_FMT(origin), STR_FMT(id)));
	altinn2_link_write(w, "gui",
			   arena_fmt(a, "%.*s/ui/AccessConsent/request?id=%.*s", STR_FMT(origin), STR_FMT(id)));
	jsw_end_obj(w);
}

void altinn2_request_write(struct jsw *w, const struct registry *reg, struct str origin, const struct consent *c,
			   bool hal)
{
	struct arena *a = w->b->a;
	struct str id = uuid_str(a, c->id);
	jsw_obj(w);
	jsw_kstr(w, "AuthorizationCode", id);
	jsw_kz(w, "RequestStatus", altinn2_request_status(request_state(c)));
	jsw_kstr(w, "CoveredBy", c->to.value);
	party_write(w, "HandledBy", c->handled_by.value);
	jsw_kstr(w, "OfferedBy", masked(a, c->from));
	party_write(w, "RequiredDelegator", masked(a, c->required_delegator));
	jsw_kstr(w, "Created", altinn2_local(a, c->created));
	jsw_kstr(w, "LastChanged", altinn2_local(a, request_changed(c)));
	jsw_kstr(w, "ValidTo", altinn2_local(a, c->valid_to));
	jsw_kstr(w, "RedirectUrl", c->redirect_url);
	jsw_kz(w, "PortalViewMode", c->view_mode == VIEW_SHOW ? "Show" : "Hide");
	jsw_key(w, "RequestResources");
	jsw_arr(w);
	for (const struct right *r = c->rights; r; r = r->next)
		service_write(w, reg, r);
	jsw_end_arr(w);
	message_write(w, c);
	jsw_key(w, "Errors");
	jsw_arr(w);
	jsw_end_arr(w);
	if (hal)
		links_write(w, origin, id);
	jsw_end_obj(w);
}
