#include "base/clock.h"
#include "domain/consent.h"
#include "text/text.h"

/* One rendering on its way: what every part of it needs. */
struct rendering {
	struct arena *a;
	const struct registry *reg;
	const struct consent *c;
	enum lang lang;
	bool org; /* the giver is an organisation */
	const struct fill *fills;
	struct shown *s;
};

struct shown_parties {
	struct party *from, *to, *handler; /* NULL: not registered any more, or none */
};

static enum rc parties_load(struct domain *d, struct arena *a, const struct consent *c, struct shown_parties *out)
{
	const struct uuid uuids[] = { c->from_uuid, c->to_uuid, c->handled_by_uuid };
	struct party *found[LEN(uuids)] = { NULL };
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(d->store, false, &r));
	TRY(parties_by_uuid(r, a, uuids, c->handled_by.value.p ? 3 : 2, found));
	*out = (struct shown_parties){ found[0], found[1], found[2] };
	return RC_OK;
}

static struct str display_name(struct arena *a, const struct party *p)
{
	return p ? text_display_name(a, p->name, p->type) : STR_NONE;
}

static struct str orgno_of(struct arena *a, const struct party *p, struct urn u)
{
	if (p)
		return p->type == PARTY_ORG ? arena_str(a, p->ident) : STR_NONE;
	return u.value.p && u.kind == URN_ORG ? u.value : STR_NONE;
}

/* An organisation without a known name goes by its number; a person's number is never shown. */
static struct str called(const struct party *p, struct str name, struct urn u, enum lang lang)
{
	if (name.n)
		return name;
	if (p ? p->type == PARTY_ORG : u.kind == URN_ORG)
		return p ? p->ident : u.value;
	return p || u.value.p ? msg(MSG_THE_PERSON, lang) : STR("");
}

/* In the language, else in another; with the parties' names and the date filled in. */
static struct str filled(const struct rendering *g, const struct texts *t, enum lang *lang_out)
{
	struct str text = texts_pick(t, g->lang, lang_out);
	return text.p ? text_filled(g->a, text, g->fills) : STR_NONE;
}

/* The request's own message; languages that nobody here knows are the last resort. */
static bool message_texts(struct arena *a, struct str json, struct texts *out, struct str *other_out)
{
	const struct js *o;
	if (!json.n || js_parse(a, json, NULL, &o, NULL) != RC_OK)
		return false;
	*out = (struct texts){ 0 };
	*other_out = STR_NONE;
	bool any = false;
	JS_EACH(v, o) {
		enum lang lang;
		if (v->type != JS_STRING || v->s.n == 0)
			continue;
		any = true;
		if (lang_parse(v->key, &lang) == RC_OK)
			out->t[lang] = v->s;
		else if (!other_out->p)
			*other_out = v->s;
	}
	return any;
}

static void render_message(const struct rendering *g, const struct consent_template *t)
{
	struct texts own;
	struct str other;
	g->s->message_lang = g->lang;
	if (!message_texts(g->a, g->c->message_json, &own, &other)) {
		g->s->message = filled(g, &t->texts.overridden_context, &g->s->message_lang);
		return;
	}
	g->s->message = filled(g, &own, &g->s->message_lang);
	if (g->s->message.p)
		return;
	g->s->message = text_filled(g->a, other, g->fills);
	g->s->message_lang = g->lang;
}

static void render_template(const struct rendering *g, const struct consent_template *t)
{
	const struct template_texts *texts = &t->texts;
	struct shown *s = g->s;
	enum lang found;
	bool once = s->one_time && texts_pick(&texts->expiration_one_time, g->lang, &found).p;
	s->is_poa = t->is_poa;
	s->template_id = arena_str(g->a, t->id);
	s->template_version = t->version;
	s->title = filled(g, &texts->title[g->org], &found);
	s->heading = filled(g, &texts->heading[g->org], &found);
	s->intro = filled(g, &texts->service_intro[g->org], &found);
	s->title_accepted = filled(g, &texts->title_accepted, &found);
	s->intro_accepted = filled(g, &texts->service_intro_accepted[g->org], &found);
	if (!s->title_accepted.n)
		s->title_accepted = s->title;
	if (!s->intro_accepted.n)
		s->intro_accepted = s->intro;
	s->expiration = filled(g, once ? &texts->expiration_one_time : &texts->expiration, &found);
	if (g->c->handled_by.value.p)
		s->handled_by = filled(g, &texts->handled_by, &found);
	render_message(g, t);
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

static enum rc render_right(const struct rendering *g, const struct right *r, const struct resource *res,
			    struct shown_right *out)
{
	enum lang owner_lang;
	*out = (struct shown_right){ .title_lang = g->lang, .html_lang = g->lang };
	out->title = arena_str(g->a, texts_pick(&res->title, g->lang, &out->title_lang));
	out->owner_name = arena_str(g->a, texts_pick(&res->owner_name, g->lang, &owner_lang));
	struct str text = texts_pick(&res->consent_text, g->lang, &out->html_lang);
	struct buf b = BUF(g->a);
	TRY(buf_markdown(&b, text, metadata_fills(g->a, r)));
	out->html = buf_str(&b);
	return RC_OK;
}

static enum rc render_rights(const struct rendering *g)
{
	struct shown *s = g->s;
	size_t n = 0;
	for (const struct right *r = g->c->rights; r; r = r->next)
		n++;
	s->rights = arena_array(g->a, struct shown_right, n);
	for (const struct right *r = g->c->rights; r; r = r->next) {
		const struct resource *res = registry_resource_at(g->reg, r->resource, r->version);
		if (!res)
			return RC_NOT_FOUND;
		s->one_time = s->one_time || res->one_time;
		TRY(render_right(g, r, res, &s->rights[s->n_rights++]));
	}
	return RC_OK;
}

static void name_parties(struct arena *a, const struct consent *c, const struct shown_parties *p, struct shown *s)
{
	s->from_name = display_name(a, p->from);
	s->to_name = display_name(a, p->to);
	s->handler_name = display_name(a, p->handler);
	s->from_orgno = orgno_of(a, p->from, c->from);
	s->to_orgno = orgno_of(a, p->to, c->to);
	s->handler_orgno = orgno_of(a, p->handler, c->handled_by);
}

enum rc shown_fill(struct domain *d, struct arena *a, const struct registry *reg, const struct consent *c,
		   enum lang lang, struct shown *out)
{
	const struct consent_template *t = registry_template_at(reg, c->template_id, c->template_version);
	if (!t)
		return RC_NOT_FOUND;
	struct shown s = { .lang = lang };
	struct shown_parties p;
	char date[TEXT_DATE_MAX];
	TRY(parties_load(d, a, c, &p));
	name_parties(a, c, &p, &s);
	const struct fill fills[] = {
		{ "CoveredBy", called(p.to, s.to_name, c->to, lang) },
		{ "OfferedBy", called(p.from, s.from_name, c->from, lang) },
		{ "HandledBy", called(p.handler, s.handler_name, c->handled_by, lang) },
		{ "Expiration", text_datetime(c->valid_to, date) },
		{ NULL, STR_NONE },
	};
	const struct rendering g = {
		.a = a,
		.reg = reg,
		.c = c,
		.lang = lang,
		.org = s.from_orgno.p != NULL,
		.fills = fills,
		.s = &s,
	};
	TRY(render_rights(&g));
	render_template(&g, t);
	*out = s;
	return RC_OK;
}

enum rc consent_shown(struct domain *d, struct arena *a, const struct consent *c, enum lang lang, struct shown *out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&d->registry);
	return shown_fill(d, a, reg, c, lang, out);
}

static void buf_lang(struct buf *b, const struct shown *s, enum lang lang)
{
	if (lang != s->lang)
		buf_fmt(b, " lang=\"%s\"", lang_code(lang));
}

static void buf_paragraph(struct buf *b, const char *class_name, struct str text)
{
	if (!text.n)
		return;
	buf_fmt(b, "<p class=\"%s\">", class_name);
	buf_html(b, text);
	buf_lit(b, "</p>\n");
}

static void buf_right(struct buf *b, const struct shown *s, const struct shown_right *r)
{
	buf_lit(b, "<li><strong class=\"sk-title\"");
	buf_lang(b, s, r->title_lang);
	buf_lit(b, ">");
	buf_html(b, r->title);
	buf_lit(b, "</strong>");
	if (r->html.n) {
		buf_lit(b, "<div");
		buf_lang(b, s, r->html_lang);
		buf_lit(b, ">");
		buf_add(b, r->html);
		buf_lit(b, "</div>");
	}
	buf_lit(b, "</li>\n");
}

static void buf_message(struct buf *b, const struct shown *s)
{
	if (!s->message.n)
		return;
	buf_lit(b, "<blockquote class=\"sk-message\"");
	buf_lang(b, s, s->message_lang);
	buf_lit(b, ">");
	buf_html(b, s->message);
	buf_lit(b, "</blockquote>\n");
}

static void buf_agreed(struct buf *b, const struct shown *s, struct str intro, const struct consent *c)
{
	buf_message(b, s);
	buf_paragraph(b, "sk-intro", intro);
	buf_lit(b, "<ul class=\"sk-rights\">\n");
	for (size_t i = 0; i < s->n_rights; i++)
		buf_right(b, s, &s->rights[i]);
	buf_lit(b, "</ul>\n");
	buf_paragraph(b, "sk-expiration", s->expiration);
	if (s->expiration.n) {
		buf_lit(b, "<span class=\"sk-zone\">");
		buf_html(b, text_zone(c->valid_to, s->lang));
		buf_lit(b, "</span>\n");
	}
	buf_paragraph(b, "sk-handled", s->handled_by);
}

void shown_html(struct buf *b, const struct shown *s, const struct consent *c)
{
	buf_paragraph(b, "sk-heading", s->heading);
	buf_agreed(b, s, s->intro, c);
}

void shown_accepted_html(struct buf *b, const struct shown *s, const struct consent *c)
{
	buf_agreed(b, s, s->intro_accepted, c);
}
