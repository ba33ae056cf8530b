#include "base/clock.h"
#include "consent/internal.h"
#include "model/iso6523.h"

static enum rc load(struct reader *r, struct arena *a, struct uuid id, bool with_events, struct consent **out,
		    struct problems *p)
{
	enum rc rc = consents_get(r, a, id, with_events, out, NULL);
	if (rc == RC_NOT_FOUND)
		(void)problems_add(p, PROB_NOT_FOUND, STR_NONE);
	return rc;
}

enum rc consent_load(struct consent_service *consents, struct arena *a, struct uuid id, struct consent **out,
		     struct problems *p)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	return load(r, a, id, true, out, p);
}

enum rc consent_load_at(struct consent_service *consents, struct arena *a, struct uuid id, bool with_events,
			struct consent **out, struct problems *p)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	TRY(load(r, a, id, with_events, out, p));
	return store_registry_epoch(r, &(*out)->epoch);
}

static bool is_org(struct urn u, struct str orgno)
{
	return u.value.p && u.kind == URN_ORG && str_eq(u.value, orgno);
}

enum rc consent_readable(struct consent_service *consents, struct arena *a, const struct consent *c, struct str orgno,
			 bool *out)
{
	if (is_org(c->to, orgno) || is_org(c->handled_by, orgno)) {
		*out = true;
		return RC_OK;
	}
	if (c->to.kind != URN_PARTY_UUID) {
		*out = false;
		return RC_OK;
	}
	const struct urn u = { .kind = URN_ORG, .value = orgno };
	struct party *found;
	TRY(parties_resolve(consents, a, &u, 1, &found));
	*out = found && uuid_eq(found->uuid, c->to_uuid);
	return RC_OK;
}

enum rc consent_show(struct consent_service *consents, struct arena *a, struct uuid id, const struct org_caller *who,
		     struct consent **out, struct problems *p)
{
	struct consent *c;
	bool readable;
	TRY(consent_load(consents, a, id, &c, p));
	TRY(consent_readable(consents, a, c, who->consumer, &readable));
	if (!readable) {
		(void)problems_add(p, PROB_NOT_AUTHORIZED, STR_NONE);
		return RC_DENIED;
	}
	consent_derive_expired(a, c);
	*out = c;
	return RC_OK;
}

struct match {
	bool from;
	bool to;
};

/* Identifiers of different kinds may name the same party. A token carries the number. */
static enum rc match_parties(struct consent_service *consents, struct arena *a, struct consent *c, struct urn from,
			     struct urn to, struct match *m, struct problems *p)
{
	enum { FROM, TO, STORED_FROM, STORED_TO, N };
	const struct urn urns[N] = { from, to, c->from, c->to };
	struct party *found[N];
	TRY(parties_resolve(consents, a, urns, N, found));
	if (from.value.p && !found[FROM])
		return party_unknown(p, a, from, PARTY_PERSON);
	if (!found[TO])
		return party_unknown(p, a, to, PARTY_ORG);
	m->from = !from.value.p || uuid_eq(found[FROM]->uuid, c->from_uuid);
	m->to = uuid_eq(found[TO]->uuid, c->to_uuid) ||
		(c->handled_by.value.p && uuid_eq(found[TO]->uuid, c->handled_by_uuid));
	if (found[STORED_FROM])
		c->from = party_urn(found[STORED_FROM]);
	if (found[STORED_TO])
		c->to = party_urn(found[STORED_TO]);
	return RC_OK;
}

static void state_problems(struct consent_service *consents, const struct consent *c, struct problems *p)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	if (!consent_live(consent_end(reg, c), clock_now()) || c->used)
		(void)problems_add(p, PROB_EXPIRED, STR_NONE);
	if (c->status == ST_REVOKED)
		(void)problems_add(p, PROB_REVOKED, STR_NONE);
	else if (c->status != ST_ACCEPTED)
		(void)problems_add(p, PROB_NOT_ACCEPTED, STR_NONE);
}

static enum rc lookup_read(struct consent_service *consents, struct arena *a, struct uuid id, struct consent **out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	return consents_get(r, a, id, false, out, NULL);
}

enum rc consent_lookup(struct consent_service *consents, struct arena *a, struct uuid id, struct urn from,
		       struct urn to, struct consent **out, struct problems *p)
{
	struct consent *c;
	enum rc rc = lookup_read(consents, a, id, &c);
	if (rc == RC_NOT_FOUND)
		(void)problems_add(p, PROB_NOT_FOUND, STR_NONE);
	if (rc != RC_OK)
		return rc;
	struct match m = {
		.from = !from.value.p || urn_eq(from, c->from),
		.to = urn_eq(to, c->to) || (c->handled_by.value.p && urn_eq(to, c->handled_by)),
	};
	bool as_number = c->from.kind != URN_PARTY_UUID && c->to.kind != URN_PARTY_UUID;
	if (!m.from || !m.to || !as_number)
		TRY(match_parties(consents, a, c, from, to, &m, p));
	if (!m.to)
		(void)problems_add(p, PROB_NOT_FOUND, STR_NONE);
	if (!m.from)
		(void)problems_add(p, PROB_FROM_MISMATCH, STR_NONE);
	state_problems(consents, c, p);
	if (p->n == 1 && p->items[0].code == PROB_NOT_FOUND)
		return RC_NOT_FOUND;
	if (p->n)
		return RC_INVALID;
	*out = c;
	return RC_OK;
}

void consent_claims(struct jsw *w, const struct consent *c)
{
	jsw_obj(w);
	jsw_kz(w, "type", "urn:altinn:consent");
	char id[UUID_TEXT];
	jsw_kstr(w, "id", uuid_text(c->id, id));
	jsw_kstr(w, "from", urn_str(w->b->a, c->from));
	iso6523_write(w, "to", c->to.value);
	jsw_kstr(w, "consented", c->consented_text);
	jsw_kstr(w, "validTo", c->valid_to_text);
	jsw_key(w, "consentRights");
	rights_write(w, c->rights, 0);
	jsw_end_obj(w);
}

struct str consent_view_uri(struct arena *a, struct str origin, const struct consent *c)
{
	char id[UUID_TEXT];
	struct buf uri = BUF(a);
	buf_add(&uri, origin);
	buf_lit(&uri, "/accessmanagement/ui/consent/request?id=");
	buf_add(&uri, uuid_text(c->id, id));
	return buf_str(&uri);
}
