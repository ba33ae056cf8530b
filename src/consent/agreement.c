#include <assert.h>

#include "consent/internal.h"
#include "text/text.h"

static bool texts_any(const struct texts *t)
{
	for (enum lang lang = 0; lang < LANG__MAX; lang++)
		if (t->t[lang].n)
			return true;
	return false;
}

static void parties_keep(struct consent_service *consents, struct party *const found[], size_t n, int64_t epoch)
{
	for (size_t i = 0; i < n; i++)
		if (found[i])
			party_cache_put(consents->parties, found[i], epoch);
}

/* Each of them was read lately. */
static bool parties_known(struct consent_service *consents, struct arena *a, const struct uuid *uuids, size_t n,
			  struct party *found[], int64_t epoch)
{
	for (size_t i = 0; i < n; i++) {
		found[i] = party_cache_find(consents->parties, a, uuids[i], epoch);
		if (!found[i])
			return false;
	}
	return true;
}

static enum rc parties_read(struct consent_service *consents, struct arena *a, const struct uuid *uuids, size_t n,
			    struct party *found[])
{
	int64_t epoch;
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(parties_by_uuid(r, a, uuids, n, found, &epoch));
	parties_keep(consents, found, n, epoch);
	return RC_OK;
}

static enum rc parties_load(struct consent_service *consents, struct arena *a, const struct consent *c,
			    struct agreement *g)
{
	const struct uuid uuids[] = { c->from_uuid, c->to_uuid, c->handled_by_uuid };
	struct party *found[LEN(uuids)] = { NULL };
	size_t n = c->handled_by.value.p ? 3 : 2;
	if (!parties_known(consents, a, uuids, n, found, c->epoch))
		TRY(parties_read(consents, a, uuids, n, found));
	g->from = found[0];
	g->to = found[1];
	g->handler = found[2];
	return RC_OK;
}

static enum rc owner_load(struct consent_service *consents, struct arena *a, struct str orgno, int64_t epoch,
			  const struct party **out)
{
	struct party *found = party_cache_get(consents->parties, a, orgno, epoch);
	if (!found || !found->name.n) {
		int64_t now;
		CLEANUP(reader_closep) struct reader *r = NULL;
		TRY(reader_open(consents->store, false, &r));
		TRY(parties_by_ident(r, a, &orgno, 1, &found, &now));
		parties_keep(consents, &found, 1, now);
	}
	*out = found;
	return RC_OK;
}

/* A resource may leave out the name of its owner. Then it is the name that the register has. */
static enum rc owners_load(struct consent_service *consents, struct arena *a, const struct consent *c,
			   struct agreement *g)
{
	g->owners = arena_array(a, const struct party *, g->n_resources);
	for (size_t i = 0; i < g->n_resources; i++) {
		const struct resource *res = g->resources[i];
		if (!texts_any(&res->owner_name))
			TRY(owner_load(consents, a, res->owner_orgno, c->epoch, &g->owners[i]));
	}
	return RC_OK;
}

static enum rc resources_load(struct arena *a, const struct registry *reg, const struct consent *c, struct agreement *g)
{
	size_t n = 0;
	for (const struct right *r = c->rights; r; r = r->next)
		n++;
	g->resources = arena_array(a, const struct resource *, n);
	for (const struct right *r = c->rights; r; r = r->next) {
		const struct resource *res = registry_resource_at(reg, r->resource, r->version);
		if (!res)
			return RC_NOT_FOUND;
		g->one_time = g->one_time || res->one_time;
		g->resources[g->n_resources++] = res;
	}
	return RC_OK;
}

static const struct texts *texts_or(const struct texts *t, const struct texts *fallback)
{
	return texts_any(t) ? t : fallback;
}

/* The request's own message. A language that the platform does not know is the last resort. */
static bool own_message(struct arena *a, struct str json, struct agreement *g)
{
	const struct js *o;
	if (!json.n || js_parse(a, json, NULL, &o, NULL) != RC_OK)
		return false;
	JS_EACH(v, o) {
		enum lang lang;
		if (v->type != JS_STRING || v->s.n == 0)
			continue;
		bool exact = lang_parse(v->key, &lang) == RC_OK;
		if (exact || lang_parse_tag(v->key, &lang) == RC_OK)
			g->message.t[lang] = exact || !g->message.t[lang].n ? v->s : g->message.t[lang];
		else if (!g->message_other.p) {
			g->message_other = v->s;
			g->message_tag = v->key;
		}
	}
	return texts_any(&g->message) || g->message_other.p;
}

static void texts_choose(struct arena *a, const struct consent *c, struct agreement *g)
{
	const struct template_texts *t = &g->template->texts;
	bool org = g->from ? g->from->type == PARTY_ORG : c->from.kind == URN_ORG;
	g->title = &t->title[org];
	g->heading = &t->heading[org];
	g->intro = &t->service_intro[org];
	g->title_accepted = texts_or(&t->title_accepted, g->title);
	g->intro_accepted = texts_or(&t->service_intro_accepted[org], g->intro);
	g->expiration = g->one_time ? texts_or(&t->expiration_one_time, &t->expiration) : &t->expiration;
	g->handled_by = c->handled_by.value.p ? &t->handled_by : NULL;
	g->own_message = own_message(a, c->message_json, g);
	if (!g->own_message)
		g->message = t->overridden_context;
}

enum rc agreement_load(struct consent_service *consents, struct arena *a, const struct registry *reg,
		       const struct consent *c, struct agreement *out, enum agreement_part *missing_out)
{
	struct agreement g = { .template = registry_template_at(reg, c->template_id, c->template_version) };
	*missing_out = PART_TEMPLATE;
	if (!g.template)
		return RC_NOT_FOUND;
	*missing_out = PART_RESOURCE;
	TRY(resources_load(a, reg, c, &g));
	TRY(parties_load(consents, a, c, &g));
	TRY(owners_load(consents, a, c, &g));
	texts_choose(a, c, &g);
	*out = g;
	return RC_OK;
}

static const struct fill *metadata_fills(struct arena *a, const struct right *r)
{
	size_t n = 0;
	for (const struct meta *m = r->metadata; m; m = m->next)
		n++;
	struct fill *fills = arena_array(a, struct fill, n + 1);
	n = 0;
	for (const struct meta *m = r->metadata; m; m = m->next)
		fills[n++] = (struct fill){ .key = arena_cstr(a, m->key), .value = m->value };
	return fills;
}

size_t agreement_bytes(struct arena *a, const struct right *r, const struct resource *res)
{
	const struct fill *fills = metadata_fills(a, r);
	size_t most = 0;
	for (enum lang lang = 0; lang < LANG__MAX; lang++) {
		size_t n = res->title.t[lang].n + text_filled_bytes(res->consent_text.t[lang], fills);
		most = n > most ? n : most;
	}
	return most;
}

enum rc agreement_html(struct arena *a, const struct right *r, const struct resource *res, enum lang lang,
		       struct str *html_out, enum lang *lang_out)
{
	struct buf b = BUF(a);
	enum lang found = lang;
	TRY(buf_markdown(&b, texts_pick(&res->consent_text, lang, &found), metadata_fills(a, r)));
	*html_out = buf_str(&b);
	*lang_out = found;
	return RC_OK;
}

/* ---- in all languages, with its placeholders ---- */

static struct texts texts_copy(struct arena *a, const struct texts *t)
{
	struct texts copy;
	enum lang found;
	for (enum lang lang = 0; lang < LANG__MAX; lang++)
		copy.t[lang] = arena_str(a, texts_pick(t, lang, &found));
	return copy;
}

static enum rc rights_unfilled(struct arena *a, const struct consent *c, const struct agreement *g,
			       struct unfilled_view *out)
{
	enum lang found;
	out->rights = arena_array(a, struct unfilled_view_right, g->n_resources);
	for (const struct right *r = c->rights; r; r = r->next) {
		assert(out->n_rights < g->n_resources);
		const struct resource *res = g->resources[out->n_rights];
		struct unfilled_view_right *u = &out->rights[out->n_rights++];
		*u = (struct unfilled_view_right){ .identifier = r->resource, .title = texts_copy(a, &res->title) };
		for (enum lang lang = 0; lang < LANG__MAX; lang++)
			TRY(agreement_html(a, r, res, lang, &u->html.t[lang], &found));
	}
	return RC_OK;
}

enum rc unfilled_view_load(struct consent_service *consents, struct arena *a, const struct consent *c,
			   struct unfilled_view *out, enum agreement_part *missing_out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	struct agreement g;
	TRY(agreement_load(consents, a, reg, c, &g, missing_out));
	*missing_out = PART_PARTY;
	if (!g.from || !g.to)
		return RC_NOT_FOUND;
	struct unfilled_view u = {
		.is_poa = g.template->is_poa,
		.title = texts_copy(a, g.title),
		.heading = texts_copy(a, g.heading),
		.intro = texts_copy(a, g.intro),
		.title_accepted = texts_copy(a, g.title_accepted),
		.intro_accepted = texts_copy(a, g.intro_accepted),
		.expiration = texts_copy(a, g.expiration),
		.has_message = g.own_message || texts_any(&g.message),
		.own_message = g.own_message,
		.from = g.from,
		.to = g.to,
		.handler = g.handler,
	};
	if (u.has_message && !u.own_message)
		u.message = texts_copy(a, &g.message);
	u.has_handled_by = g.handler && g.handled_by;
	if (u.has_handled_by)
		u.handled_by = texts_copy(a, g.handled_by);
	TRY(rights_unfilled(a, c, &g, &u));
	*out = u;
	return RC_OK;
}
