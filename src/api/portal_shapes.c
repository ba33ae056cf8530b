#include "api/codec_internal.h"

#include <assert.h>

#include "base/clock.h"

/* The numbers that the front end knows. */
enum portal_party { PORTAL_PERSON = 1, PORTAL_ORGANISATION = 2, PORTAL_SUB_UNIT = 4 };

static enum portal_party type_of(const struct party *p)
{
	if (p->type == PARTY_PERSON)
		return PORTAL_PERSON;
	bool sub_unit = str_ieq(p->unit_type, STR("BEDR")) || str_ieq(p->unit_type, STR("AAFY"));
	return sub_unit ? PORTAL_SUB_UNIT : PORTAL_ORGANISATION;
}

/* The name stands as it is registered: the front end has its own rules for names. A party that is registered no longer
 * has the name "". */
static void party_write(struct jsw *w, const char *key, const struct party *p, struct urn u, struct uuid uuid)
{
	if (!u.value.p) {
		jsw_knull(w, key);
		return;
	}
	struct arena *a = w->b->a;
	const struct urn id = { .kind = URN_PARTY_UUID, .value = uuid_str(a, uuid), .uuid = uuid };
	jsw_key(w, key);
	jsw_obj(w);
	jsw_kstr(w, "id", urn_str(a, id));
	jsw_kstr(w, "name", p && p->name.p ? p->name : STR(""));
	jsw_ki64(w, "type", p ? type_of(p) : u.kind == URN_PERSON ? PORTAL_PERSON : PORTAL_ORGANISATION);
	jsw_end_obj(w);
}

static void from_write(struct jsw *w, const struct consent *c, const struct party *p)
{
	party_write(w, "fromParty", p, c->from, c->from_uuid);
}

static void to_write(struct jsw *w, const struct consent *c, const struct party *p)
{
	party_write(w, "toParty", p, c->to, c->to_uuid);
}

static void handler_write(struct jsw *w, const struct consent *c, const struct party *p)
{
	party_write(w, "handledByParty", p, c->handled_by, c->handled_by_uuid);
}

static void texts_write(struct jsw *w, const char *key, const struct texts *t)
{
	jsw_key(w, key);
	jsw_obj(w);
	for (enum lang lang = 0; lang < LANG_SHIPPED; lang++)
		jsw_kstr(w, lang_code(lang), t->t[lang].p ? t->t[lang] : STR(""));
	jsw_end_obj(w);
}

static void head_write(struct jsw *w, const struct consent *c, const struct unfilled_view *u)
{
	char id[UUID_TEXT];
	jsw_obj(w);
	jsw_kstr(w, "id", uuid_text(c->id, id));
	jsw_key(w, "rights");
	jsw_arr(w);
	for (size_t i = 0; i < u->n_rights; i++) {
		jsw_obj(w);
		jsw_kstr(w, "identifier", u->rights[i].identifier);
		texts_write(w, "title", &u->rights[i].title);
		texts_write(w, "consentTextHtml", &u->rights[i].html);
		jsw_end_obj(w);
	}
	jsw_end_arr(w);
	jsw_kbool(w, "isPoa", u->is_poa);
}

static void message_write(struct jsw *w, const struct consent *c, const struct unfilled_view *u)
{
	assert(!u->own_message || c->message_json.n);
	if (u->own_message)
		jsw_kraw(w, "consentMessage", c->message_json);
	else if (u->has_message)
		texts_write(w, "consentMessage", &u->message);
	else
		jsw_knull(w, "consentMessage");
}

static void tail_write(struct jsw *w, const struct consent *c, const struct unfilled_view *u)
{
	message_write(w, c, u);
	if (u->has_handled_by)
		texts_write(w, "handledBy", &u->handled_by);
	else
		jsw_knull(w, "handledBy");
	texts_write(w, "expiration", &u->expiration);
	from_write(w, c, u->from);
	to_write(w, c, u->to);
	handler_write(w, c, u->handler);
	jsw_kstr(w, "validTo", c->valid_to_text);
	codec_events(w, c);
	jsw_end_obj(w);
}

void codec_portal_request(struct jsw *w, const struct consent *c, const struct unfilled_view *u)
{
	head_write(w, c, u);
	texts_write(w, "title", &u->title);
	texts_write(w, "heading", &u->heading);
	texts_write(w, "serviceIntro", &u->intro);
	tail_write(w, c, u);
}

void codec_portal_consent(struct jsw *w, const struct consent *c, const struct unfilled_view *u)
{
	head_write(w, c, u);
	texts_write(w, "titleAccepted", &u->title_accepted);
	texts_write(w, "serviceIntroAccepted", &u->intro_accepted);
	tail_write(w, c, u);
}

void codec_portal_active(struct jsw *w, const struct consent_row *row)
{
	char id[UUID_TEXT], created[CLOCK_TEXT_MAX];
	const struct consent *c = row->consent;
	jsw_obj(w);
	jsw_kstr(w, "id", uuid_text(c->id, id));
	jsw_kbool(w, "isPendingConsent", c->status == ST_CREATED);
	jsw_kbool(w, "isPoa", row->is_poa);
	to_write(w, c, row->to);
	from_write(w, c, row->from);
	jsw_kstr(w, "createdDate", clock_text(c->created, created));
	jsw_kstr(w, "consentedDate", c->consented_text);
	jsw_end_obj(w);
}

void codec_portal_log(struct jsw *w, const struct consent_row *row)
{
	char id[UUID_TEXT];
	const struct consent *c = row->consent;
	jsw_obj(w);
	jsw_kstr(w, "id", uuid_text(c->id, id));
	jsw_kbool(w, "isPoa", row->is_poa);
	to_write(w, c, row->to);
	from_write(w, c, row->from);
	handler_write(w, c, row->handler);
	jsw_kstr(w, "validTo", c->valid_to_text);
	codec_events(w, c);
	jsw_end_obj(w);
}
