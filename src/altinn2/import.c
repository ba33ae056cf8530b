/* Consents as Altinn 2 exports them. */
#include <assert.h>
#include <stdlib.h>

#include "altinn2/fields.h"
#include "altinn2/internal.h"
#include "base/clock.h"
#include "base/map.h"
#include "consent/import.h"

#define MAX_RIGHTS 100
#define MAX_EVENTS 1000
static_assert(MAX_EVENTS <= IMPORT_EVENTS_MAX && IMPORT_CHUNK <= IMPORT_ROWS_MAX, "a row fits into a change");

struct row {
	struct arena *a;
	const struct registry *reg;
	struct reader *r;
	struct map parties; /* that rows of this call have named, by their texts */
	const struct js *v;
	struct consent *c;
	struct import_verdict *out;
	struct party *creator; /* NULL: not named */
};

static enum rc refuse(struct row *k, const char *code, const char *member, const char *what)
{
	k->out->state = IMPORT_REFUSED;
	k->out->code = code;
	k->out->why = arena_fmt(k->a, "%s %s", member, what);
	return RC_INVALID;
}

static enum rc time_read(struct row *k, const struct js *o, const char *member, int64_t *out)
{
	const struct js *v = altinn2_member(o, member);
	if (!js_is(v, JS_STRING) || clock_parse_local(v->s, out) != RC_OK)
		return refuse(k, "time", member, "is no date and time");
	return RC_OK;
}

/* ---- parties: by the UUID in the register, or by number ---- */

static enum rc party_find(struct row *k, const char *member, struct str text, struct party **out)
{
	struct uuid uuid;
	enum rc rc;
	*out = map_get(&k->parties, text);
	if (*out)
		return RC_OK;
	if (uuid_parse(text, &uuid) == RC_OK)
		rc = parties_by_uuid(k->r, k->a, &uuid, 1, out, NULL);
	else if (model_orgno_valid(text) || model_pid_valid(text))
		rc = parties_by_ident(k->r, k->a, &text, 1, out, NULL);
	else
		return refuse(k, "party", member, "is neither the UUID of a party nor a number");
	TRY(rc);
	if (!*out)
		return refuse(k, "unknown-party", member, "is not in the register of parties");
	map_put(&k->parties, k->a, text, *out);
	return RC_OK;
}

/* By the first of the names that is there; the second may be NULL. */
static enum rc party_read(struct row *k, const char *const names[2], bool required, struct party **out)
{
	*out = NULL;
	for (size_t i = 0; i < 2 && names[i]; i++) {
		const struct js *v = altinn2_member(k->v, names[i]);
		if (!v)
			continue;
		if (v->type != JS_STRING)
			return refuse(k, "party", names[i], "must be a text");
		return party_find(k, names[i], v->s, out);
	}
	return required ? refuse(k, "party", names[0], "is missing") : RC_OK;
}

static void party_set(const struct party *p, struct urn *urn, struct uuid *uuid)
{
	*urn = party_urn(p);
	*uuid = p->uuid;
}

static enum rc parties_read(struct row *k)
{
	static const char *const from[] = { "From", "OfferedBy" }, *const to[] = { "To", "CoveredBy" },
				 *const handler[] = { "HandledBy", NULL }, *const creator[] = { "CreatedBy", NULL };
	struct party *p;
	TRY(party_read(k, from, true, &p));
	party_set(p, &k->c->from, &k->c->from_uuid);
	TRY(party_read(k, to, true, &p));
	if (p->type != PARTY_ORG)
		return refuse(k, "party", to[0], "must be an organisation");
	party_set(p, &k->c->to, &k->c->to_uuid);
	TRY(party_read(k, handler, false, &p));
	if (p && p->type != PARTY_ORG)
		return refuse(k, "party", handler[0], "must be an organisation");
	if (p)
		party_set(p, &k->c->handled_by, &k->c->handled_by_uuid);
	return party_read(k, creator, false, &k->creator);
}

/* ---- resources ---- */

static enum rc metadata_read(struct row *k, const struct js *m, const struct altinn2_service *s, struct right *right)
{
	struct meta **end = &right->metadata;
	if (!m)
		return RC_OK;
	if (m->type != JS_OBJECT || m->n > SEED_MAX_METADATA)
		return refuse(k, "metadata", "Metadata", "must be an object with few members");
	JS_EACH(v, m) {
		if (v->type != JS_STRING)
			return refuse(k, "metadata", "Metadata", "must have texts");
		*end = arena_new(k->a, struct meta);
		**end = (struct meta){ .key = altinn2_key_of(k->a, s, v->key), .value = v->s };
		end = &(*end)->next;
	}
	return RC_OK;
}

static enum rc right_read(struct row *k, const struct js *v, struct right *right)
{
	static struct str consent_action[] = { STR_INIT("consent") };
	struct altinn2_errors faults = { .a = k->a };
	struct str id = altinn2_service_id(k->a, v, &faults);
	if (!id.p)
		return refuse(k, "service", "RequestResources", "needs ServiceCode and ServiceEditionCode");
	const struct altinn2_service *s = altinn2_service(k->reg, id);
	const struct resource *res = s ? registry_resource(k->reg, s->resource) : NULL;
	if (!res)
		return refuse(k, "unknown-service", "RequestResources", "names a service without a resource");
	*right = (struct right){ .actions = consent_action,
				 .n_actions = 1,
				 .resource_type = STR("urn:altinn:resource"),
				 .resource = s->resource,
				 .service = id };
	k->c->one_time |= res->one_time;
	return metadata_read(k, altinn2_member(v, "Metadata"), s, right);
}

static enum rc rights_read(struct row *k)
{
	const struct js *list = altinn2_member(k->v, "RequestResources");
	struct right **end = &k->c->rights;
	if (!js_is(list, JS_ARRAY) || !list->n || list->n > MAX_RIGHTS)
		return refuse(k, "resources", "RequestResources", "must be a list of 1 to 100");
	JS_EACH(v, list) {
		*end = arena_new(k->a, struct right);
		TRY(right_read(k, v, *end));
		end = &(*end)->next;
	}
	return RC_OK;
}

static enum rc message_read(struct row *k)
{
	const struct js *m = altinn2_member(k->v, "RequestMessage");
	struct buf b = BUF(k->a);
	struct jsw w = JSW(&b);
	if (!m || (m->type == JS_OBJECT && !m->n) || (m->type == JS_STRING && !m->s.n))
		return RC_OK;
	if (m->type != JS_OBJECT && m->type != JS_STRING)
		return refuse(k, "message", "RequestMessage", "must be an object of texts");
	jsw_obj(&w);
	if (m->type == JS_STRING)
		jsw_kstr(&w, "nb", m->s);
	bool seen[LANG__MAX] = { false };
	JS_EACH(v, m->type == JS_OBJECT ? m : NULL) {
		enum lang lang;
		if (v->type != JS_STRING || lang_parse_tag(v->key, &lang) != RC_OK || seen[lang])
			return refuse(k, "message", "RequestMessage", "must have one text a language");
		seen[lang] = true;
		jsw_kstr(&w, lang_code(lang), v->s);
	}
	jsw_end_obj(&w);
	k->c->message_json = buf_str(&b);
	return RC_OK;
}

/* ---- events ---- */

static enum rc type_read(struct row *k, const struct js *v, enum event_type *out)
{
	static const struct {
		const char *name;
		enum event_type type;
	} words[] = { { "created", EV_CREATED }, { "requested", EV_CREATED }, { "accepted", EV_ACCEPTED },
		      { "given", EV_ACCEPTED },  { "rejected", EV_REJECTED }, { "declined", EV_REJECTED },
		      { "revoked", EV_REVOKED }, { "withdrawn", EV_REVOKED }, { "deleted", EV_DELETED },
		      { "used", EV_USED },       { "expired", EV_EXPIRED } };
	const struct js *type = altinn2_member(v, "ConsentEventType");
	for (size_t i = 0; i < LEN(words) && js_is(type, JS_STRING); i++)
		if (str_ieq(type->s, str_of(words[i].name))) {
			*out = words[i].type;
			return RC_OK;
		}
	return refuse(k, "event", "ConsentEventType", "is not known");
}

/* The state that the event leads to. false: it cannot happen in the state that is. */
static bool step(struct row *k, const struct event *e)
{
	static const struct {
		enum consent_status from;
		enum consent_status to;
	} steps[EV__MAX] = {
		[EV_ACCEPTED] = { ST_CREATED, ST_ACCEPTED }, [EV_REJECTED] = { ST_CREATED, ST_REJECTED },
		[EV_REVOKED] = { ST_ACCEPTED, ST_REVOKED },  [EV_DELETED] = { ST_CREATED, ST_DELETED },
		[EV_USED] = { ST_ACCEPTED, ST_ACCEPTED },
	};
	struct consent *c = k->c;
	if (c->status != steps[e->type].from)
		return false;
	c->status = steps[e->type].to;
	if (e->type == EV_ACCEPTED || e->type == EV_REJECTED)
		c->answered = e->created;
	if (e->type == EV_USED && c->one_time && !c->used)
		c->used = e->created;
	return true;
}

static void performer_set(struct row *k, struct event *e)
{
	const struct consent *c = k->c;
	bool person = e->type == EV_ACCEPTED || e->type == EV_REJECTED || e->type == EV_REVOKED;
	if (person) {
		e->performed_by = c->from;
		e->performed_by_uuid = c->from_uuid;
	} else if (e->type == EV_CREATED && k->creator && k->creator->type == PARTY_ORG) {
		party_set(k->creator, &e->performed_by, &e->performed_by_uuid);
	} else {
		e->performed_by = c->to;
		e->performed_by_uuid = c->to_uuid;
	}
	if (e->type == EV_USED)
		e->detail = consent_use_detail(k->a, c->rights->resource, STR_NONE, e->created);
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	return x->created < y->created ? -1 : x->created > y->created ? 1 : (int)x->type - (int)y->type;
}

/* The language of the answer, by the number that Windows has for it. */
static void answer_read(struct row *k, const struct js *v)
{
	int64_t n;
	const struct js *lang = altinn2_member(v, "EventLanguage");
	if (lang && js_i64(lang, &n) == RC_OK)
		k->c->shown_language = n == 1044 ? STR("nb") : n == 2068 ? STR("nn") : n == 1033 ? STR("en") : STR_NONE;
}

static enum rc events_read(struct row *k, const struct js *list)
{
	struct consent *c = k->c;
	c->events = arena_array(k->a, struct event, (list ? list->n : 0) + 1);
	c->events[0] = (struct event){ .type = EV_CREATED, .created = c->created };
	c->n_events = 1;
	JS_EACH(v, list) {
		struct event e = { 0 };
		TRY(type_read(k, v, &e.type));
		TRY(time_read(k, v, "DelegatedDateTime", &e.created));
		if (e.created < c->created)
			return refuse(k, "event-order", "ConsentEvents", "has an event before the request");
		if (e.type == EV_ACCEPTED)
			answer_read(k, v);
		if (e.type != EV_CREATED &&
		    e.type != EV_EXPIRED) /* the one stands first, the other follows from ValidTo */
			c->events[c->n_events++] = e;
	}
	return RC_OK;
}

static enum rc history_read(struct row *k)
{
	const struct js *list = altinn2_member(k->v, "ConsentEvents");
	struct consent *c = k->c;
	if (list && (list->type != JS_ARRAY || list->n > MAX_EVENTS - 1))
		return refuse(k, "events", "ConsentEvents", "must be a list of fewer than 1000");
	TRY(events_read(k, list));
	qsort(c->events + 1, c->n_events - 1, sizeof *c->events, by_time);
	for (size_t i = 0; i < c->n_events; i++) {
		if (i && !step(k, &c->events[i]))
			return refuse(k, "event-order", "ConsentEvents", "has an event that cannot follow");
		performer_set(k, &c->events[i]);
	}
	return RC_OK;
}

/* ---- rows ---- */

static enum rc members_read(struct row *k)
{
	struct consent *c = k->c;
	TRY(time_read(k, k->v, "Created", &c->created));
	TRY(time_read(k, k->v, "ValidTo", &c->valid_to));
	TRY(parties_read(k));
	TRY(rights_read(k));
	TRY(message_read(k));
	return history_read(k);
}

static enum rc row_read(struct row *k, struct str json)
{
	static const struct js_opts opts = { .any_case = true };
	struct js_error e;
	const struct js *id;
	if (js_parse(k->a, json, &opts, &k->v, &e) != RC_OK)
		return refuse(k, "json", "The row", e.what);
	id = altinn2_member(k->v, "AuthorizationRequestId");
	if (!js_is(id, JS_STRING) || uuid_parse(id->s, &k->c->id) != RC_OK)
		return refuse(k, "id", "AuthorizationRequestId", "must be a UUID");
	k->out->id = uuid_str(k->a, k->c->id);
	*k->c = (struct consent){ .id = k->c->id, .redirect_url = STR(""), .origin = ORIGIN_ALTINN2 };
	return members_read(k);
}

struct batch {
	struct consent_service *consents;
	struct arena *a;
	struct import_verdict *out;
	bool dry_run;
	struct consent *items[IMPORT_CHUNK];
	size_t rows[IMPORT_CHUNK]; /* whose they are */
	size_t n;
	size_t events;
};

static enum rc batch_write(struct batch *b)
{
	bool existed[IMPORT_CHUNK] = { false };
	if (!b->dry_run)
		TRY(consent_import(b->consents, b->a, b->items, b->n, existed));
	for (size_t i = 0; i < b->n; i++)
		if (existed[i])
			b->out[b->rows[i]].state = IMPORT_STOOD;
	b->n = b->events = 0;
	return RC_OK;
}

static enum rc stands(struct row *k)
{
	struct consent *stored;
	int64_t version;
	enum rc rc = consents_get(k->r, k->a, k->c->id, false, &stored, &version);
	if (rc == RC_OK)
		k->out->state = IMPORT_STOOD;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc row_take(struct batch *b, struct row *k, struct str json, size_t i)
{
	k->out = &b->out[i];
	k->c = arena_new(b->a, struct consent);
	*k->out = (struct import_verdict){ .state = IMPORT_TAKEN };
	k->creator = NULL;
	enum rc rc = row_read(k, json);
	if (rc != RC_OK)
		return k->out->state == IMPORT_REFUSED ? RC_OK : rc;
	if (b->dry_run)
		return stands(k);
	if (b->events + k->c->n_events > IMPORT_EVENTS_MAX)
		TRY(batch_write(b));
	b->rows[b->n] = i;
	b->items[b->n++] = k->c;
	b->events += k->c->n_events;
	return RC_OK;
}

static enum rc take(struct consent_service *consents, struct arena *a, const struct str rows[], size_t n, bool dry_run,
		    struct import_verdict out[])
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	assert(n <= IMPORT_CHUNK);
	struct batch b = { .consents = consents, .a = a, .out = out, .dry_run = dry_run };
	struct row k = { .a = a, .reg = reg };
	TRY(reader_open(consents->store, false, &r));
	k.r = r;
	for (size_t i = 0; i < n; i++)
		TRY(row_take(&b, &k, rows[i], i));
	return batch_write(&b);
}

static const char *const members[] = { "AuthorizationRequestId",
				       "From",
				       "OfferedBy",
				       "To",
				       "CoveredBy",
				       "CreatedBy",
				       "HandledBy",
				       "Created",
				       "ValidTo",
				       "RequestMessage",
				       "RequestResources",
				       "ConsentEvents",
				       NULL };
const struct importer altinn2_importer = { .kind = "altinn2", .members = members, .take = take };
