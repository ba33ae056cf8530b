#include "proof/receipt.h"

#include <assert.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/url.h"
#include "jose/jose.h"
#include "store/status.h"
#include "text/text.h"

#define SCHEMA "ISO/IEC TS 27560:2023"
#define LABEL "receipt" /* binds the store's secret to this use */

/* The inputs of every group. */
struct writing {
	struct jsw w;
	struct arena *a;
	const struct consent *c;
	const struct consent_snapshot *f;
	const struct receipt_order *o;
	uint8_t secret[STATUS_SEED_BYTES];
};

/* A person has another name towards each receiver. No name can be traced to the person without the secret. */
static struct str pairwise(const struct writing *r, struct uuid person)
{
	uint8_t in[STATUS_SEED_BYTES + sizeof LABEL - 1 + 2 * sizeof person.b], hash[32], *at = in;
	struct buf text = BUF(r->a);
	at = mempcpy(at, r->secret, sizeof r->secret);
	at = mempcpy(at, LABEL, sizeof LABEL - 1);
	at = mempcpy(at, r->c->to_uuid.b, sizeof person.b);
	memcpy(at, person.b, sizeof person.b);
	jose_sha256_into(str_span(in, sizeof in), hash);
	explicit_bzero(in, sizeof in);
	buf_b64url(&text, str_span(hash, sizeof hash));
	return buf_str(&text);
}

static struct str giver(const struct writing *r)
{
	const struct consent *c = r->c;
	if (c->from.kind == URN_ORG || r->o->number)
		return urn_str(r->a, c->from);
	return pairwise(r, c->from_uuid);
}

static void time_put(struct jsw *w, const char *key, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	jsw_kstr(w, key, clock_text(us - us % CLOCK_SECOND, text));
}

static void org_put(struct writing *r, struct snapshot_party who, struct str contact)
{
	jsw_obj(&r->w);
	jsw_kstr(&r->w, "name", who.name);
	jsw_kstr(&r->w, "organisation_number", who.orgno);
	if (contact.p)
		jsw_kstr(&r->w, "contact", contact);
	jsw_end_obj(&r->w);
}

static void header_put(struct writing *r)
{
	struct jsw *w = &r->w;
	jsw_key(w, "header");
	jsw_obj(w);
	jsw_kz(w, "schema_version", SCHEMA);
	jsw_kstr(w, "record_id", uuid_str(r->a, uuid_v4()));
	jsw_kz(w, "record_type", r->f->is_poa ? "power of attorney" : "consent");
	jsw_kstr(w, "consent_id", uuid_str(r->a, r->c->id));
	jsw_kstr(w, "pii_principal_id", giver(r));
	time_put(w, "issued_at", clock_now());
	jsw_end_obj(w);
}

/* The receiver's own pages: the origin of the redirect address. */
static struct str contact(const struct writing *r)
{
	struct url u;
	if (!r->c->redirect_url.p || url_parse(url_ascii(r->a, r->c->redirect_url), &u) != RC_OK ||
	    !url_is_web(&u, true))
		return STR_NONE;
	return arena_fmt(r->a, "%.*s://%.*s", STR_FMT(u.scheme), STR_FMT(u.authority));
}

/* Each data source once, in the order of the rights. */
static void sources_put(struct writing *r)
{
	const struct consent_snapshot *f = r->f;
	jsw_key(&r->w, "sources");
	jsw_arr(&r->w);
	for (size_t i = 0; i < f->n_rights; i++)
		if (snapshot_source(f, i))
			org_put(r, *snapshot_source(f, i), STR_NONE);
	jsw_end_arr(&r->w);
}

static void purpose_put(struct writing *r, const struct right *right, const struct snapshot_right *seen)
{
	struct jsw *w = &r->w;
	jsw_obj(w);
	jsw_kstr(w, "purpose", r->f->title);
	jsw_kstr(w, "resource", right->resource);
	jsw_kstr(w, "resource_version", right->version);
	jsw_kstrs(w, "actions", right->actions, right->n_actions);
	right_metadata_write(w, right);
	jsw_kstrs(w, "data_categories", seen ? &seen->title : &right->resource, 1);
	jsw_kz(w, "lawful_basis", "consent");
	jsw_key(w, "retention_period");
	jsw_obj(w);
	time_put(w, "until", r->c->valid_to);
	jsw_end_obj(w);
	jsw_end_obj(w);
}

static void processing_put(struct writing *r)
{
	struct jsw *w = &r->w;
	size_t i = 0;
	jsw_key(w, "processing");
	jsw_obj(w);
	jsw_key(w, "controllers");
	jsw_arr(w);
	org_put(r, r->f->to, contact(r));
	jsw_end_arr(w);
	jsw_key(w, "recipients");
	jsw_arr(w);
	org_put(r, r->f->to, STR_NONE);
	jsw_end_arr(w);
	if (r->f->handler.orgno.p) {
		jsw_key(w, "handled_by");
		org_put(r, r->f->handler, STR_NONE);
	}
	sources_put(r);
	jsw_key(w, "purposes");
	jsw_arr(w);
	for (const struct right *right = r->c->rights; right; right = right->next, i++)
		purpose_put(r, right, i < r->f->n_rights ? &r->f->rights[i] : NULL);
	jsw_end_arr(w);
	jsw_end_obj(w);
}

static void notice_put(struct writing *r)
{
	struct jsw *w = &r->w;
	jsw_key(w, "notice");
	jsw_obj(w);
	jsw_kz(w, "language", lang_code(r->f->lang));
	jsw_kstr(w, "text", text_plain(r->a, r->f->html));
	jsw_kstr(w, "html", r->f->html);
	jsw_kstr(w, "text_sha256", r->f->sha256);
	jsw_kstr(w, "template", r->f->template_id);
	jsw_ki64(w, "template_version", r->f->template_version);
	jsw_end_obj(w);
}

static const char *state(const struct consent *c)
{
	if (c->status == ST_ACCEPTED && c->used)
		return event_name(EV_USED);
	return status_name(c->status == ST_ACCEPTED && consent_expired(c) ? ST_EXPIRED : c->status);
}

static void event_put(struct writing *r)
{
	struct jsw *w = &r->w;
	const struct event *e = snapshot_event(r->c);
	struct uuid by = e ? e->performed_by_uuid : r->c->from_uuid;
	bool by_giver = uuid_eq(by, r->c->from_uuid);
	jsw_key(w, "event");
	jsw_obj(w);
	jsw_kz(w, "event_type", "explicit consent");
	time_put(w, "event_time", r->c->answered);
	jsw_kstr(w, "performed_by", by_giver ? giver(r) : pairwise(r, by));
	jsw_key(w, "authentication");
	jsw_obj(w);
	jsw_kstr(w, "acr", r->f->acr);
	jsw_kstr(w, "provider", r->f->provider);
	jsw_end_obj(w);
	time_put(w, "valid_to", r->c->valid_to);
	jsw_kstr(w, "withdrawal_method", r->o->withdrawal);
	jsw_kz(w, "state", state(r->c));
	jsw_end_obj(w);
}

enum rc receipt_write(struct consent_service *consents, struct arena *a, const struct consent *c,
		      const struct consent_snapshot *f, const struct receipt_order *o, struct str *json_out)
{
	struct buf b = BUF(a);
	struct writing r = { .w = JSW(&b), .a = a, .c = c, .f = f, .o = o };
	assert(!uuid_is_nil(c->to_uuid)); /* else a person has one name towards all receivers */
	TRY(status_seed(consents->store, a, r.secret));
	jsw_obj(&r.w);
	jsw_kstr(&r.w, "iss", o->issuer);
	header_put(&r);
	processing_put(&r);
	notice_put(&r);
	event_put(&r);
	jsw_end_obj(&r.w);
	explicit_bzero(r.secret, sizeof r.secret);
	*json_out = buf_str(&b);
	return RC_OK;
}

enum rc receipt_sign(struct consent_service *consents, struct keyring *keys, enum jose_alg alg,
		     const struct receipt_visit *v, const struct receipt_order *o, struct str *jwt_out)
{
	struct signer *signer;
	struct str json;
	TRY(receipt_write(consents, v->a, v->c, v->f, o, &json));
	TRY(keyring_signer(keys, alg, &signer));
	return signer_sign_long(signer, v->a, STR("\"typ\":\"" RECEIPT_TYPE "\""), json, jwt_out);
}
