#include <assert.h>

#include "base/clock.h"
#include "consent/internal.h"
#include "text/text.h"

#define TAG_MAX 35 /* characters of a language tag */

/* The inputs of every part of one view. */
struct rendering {
	struct arena *a;
	const struct agreement *agreement;
	const struct consent *c;
	enum lang lang;
	const struct fill *fills;
	struct consent_view *view;
};

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

/* An organisation without a known name is called by its number. A person's number is never shown. */
static struct str name_or_number(const struct party *p, struct str name, struct urn u, enum lang lang)
{
	if (name.n)
		return name;
	if (p ? p->type == PARTY_ORG : u.kind == URN_ORG)
		return p ? p->ident : u.value;
	return p || u.value.p ? msg(MSG_THE_PERSON, lang) : STR("");
}

/* The text in the language, else in another one. */
static struct localized localized_text(const struct rendering *g, const struct texts *t)
{
	struct localized w = { .lang = g->lang };
	w.text = texts_pick(t, g->lang, &w.lang);
	return w;
}

/* The text with the parties' names and the date filled in. */
static struct localized localized_filled(const struct rendering *g, const struct texts *t)
{
	struct localized w = localized_text(g, t);
	if (w.text.p)
		w.text = text_filled(g->a, w.text, g->fills);
	return w;
}

/* The value of a lang attribute: = RFC 5646 2.1, letters, digits and hyphens, a language of two letters or more first.
 */
static bool is_tag(struct str s)
{
	return s.n >= 2 && s.n <= TAG_MAX && s.p[0] >= 'A' && str_only(s, "-");
}

static void render_message(const struct rendering *g)
{
	struct consent_view *s = g->view;
	s->message = localized_filled(g, &g->agreement->message);
	if (g->agreement->own_message)
		s->says = text_filled(g->a, msg(MSG_WRITES, g->lang),
				      (const struct fill[]){ { "to", g->fills[0].value }, { 0 } });
	if (s->message.text.p || !g->agreement->message_other.p)
		return;
	s->message.text = text_filled(g->a, g->agreement->message_other, g->fills);
	if (is_tag(g->agreement->message_tag))
		s->message_tag = g->agreement->message_tag;
}

static void render_template(const struct rendering *g)
{
	const struct agreement *t = g->agreement;
	struct consent_view *s = g->view;
	s->is_poa = t->template->is_poa;
	s->one_time = t->one_time;
	s->template_id = arena_str(g->a, t->template->id);
	s->template_version = t->template->version;
	s->title = localized_filled(g, t->title);
	s->heading = localized_filled(g, t->heading);
	s->intro = localized_filled(g, t->intro);
	s->title_accepted = localized_filled(g, t->title_accepted);
	s->intro_accepted = localized_filled(g, t->intro_accepted);
	s->expiration = localized_filled(g, t->expiration);
	s->says_until = text_has(localized_text(g, t->expiration).text, "Expiration");
	if (t->handled_by)
		s->handled_by = localized_filled(g, t->handled_by);
	render_message(g);
}

/* The resource's own text, else the name in the register, else the number. */
static struct localized owner_name(const struct rendering *g, const struct resource *res, const struct party *owner)
{
	struct localized w = localized_text(g, &res->owner_name);
	if (!w.text.n)
		w.text = display_name(g->a, owner);
	w.text = arena_str(g->a, w.text.n ? w.text : res->owner_orgno);
	return w;
}

static enum rc render_right(const struct rendering *g, const struct right *r, size_t index, struct view_right *out)
{
	const struct resource *res = g->agreement->resources[index];
	*out = (struct view_right){ .right = r, .title = localized_text(g, &res->title) };
	out->title.text = arena_str(g->a, out->title.text);
	out->owner_name = owner_name(g, res, g->agreement->owners[index]);
	out->owner_orgno = arena_str(g->a, res->owner_orgno);
	return agreement_html(g->a, r, res, g->lang, &out->html.text, &out->html.lang);
}

static enum rc render_rights(const struct rendering *g)
{
	struct consent_view *s = g->view;
	s->rights = arena_array(g->a, struct view_right, g->agreement->n_resources);
	for (const struct right *r = g->c->rights; r; r = r->next) {
		assert(s->n_rights < g->agreement->n_resources);
		TRY(render_right(g, r, s->n_rights, &s->rights[s->n_rights]));
		s->n_rights++;
	}
	return RC_OK;
}

static void name_parties(struct arena *a, const struct consent *c, const struct agreement *p, struct consent_view *s)
{
	s->from_name = display_name(a, p->from);
	s->to_name = display_name(a, p->to);
	s->handler_name = display_name(a, p->handler);
	s->from_orgno = orgno_of(a, p->from, c->from);
	if (!s->from_name.n && !s->from_orgno.n)
		s->from_masked = text_masked(a, p->from ? p->from->ident : c->from.value);
	s->to_orgno = orgno_of(a, p->to, c->to);
	s->handler_orgno = orgno_of(a, p->handler, c->handled_by);
}

enum rc consent_view_fill(struct consent_service *consents, struct arena *a, const struct registry *reg,
			  const struct consent *c, enum lang lang, struct consent_view *out)
{
	struct consent_view s = { .lang = lang };
	struct agreement p;
	enum agreement_part missing;
	char date[TEXT_DATE_MAX];
	assert(lang < LANG__MAX);
	TRY(agreement_load(consents, a, reg, c, &p, &missing));
	name_parties(a, c, &p, &s);
	const struct fill fills[] = {
		{ "CoveredBy", name_or_number(p.to, s.to_name, c->to, lang) },
		{ "OfferedBy", name_or_number(p.from, s.from_name, c->from, lang) },
		{ "HandledBy", name_or_number(p.handler, s.handler_name, c->handled_by, lang) },
		{ "Expiration", text_datetime(c->valid_to, date) },
		{ NULL, STR_NONE },
	};
	const struct rendering g = { .a = a, .agreement = &p, .c = c, .lang = lang, .fills = fills, .view = &s };
	TRY(render_rights(&g));
	render_template(&g);
	*out = s;
	return RC_OK;
}

enum rc consent_view_load(struct consent_service *consents, struct arena *a, const struct consent *c, enum lang lang,
			  struct consent_view *out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	return consent_view_fill(consents, a, reg, c, lang, out);
}

static void buf_lang(struct buf *b, const struct consent_view *s, enum lang lang)
{
	if (lang != s->lang)
		buf_fmt(b, " lang=\"%s\"", lang_code(lang));
}

static void buf_paragraph(struct buf *b, const struct consent_view *s, const char *class_name,
			  const struct localized *w)
{
	if (!w->text.n)
		return;
	buf_lit(b, "<p class=\"");
	buf_z(b, class_name);
	buf_c(b, '"');
	buf_lang(b, s, w->lang);
	buf_c(b, '>');
	buf_html(b, w->text);
	buf_lit(b, "</p>\n");
}

static void buf_right(struct buf *b, const struct consent_view *s, const struct view_right *r)
{
	buf_lit(b, "<li><strong class=\"sk-title\"");
	buf_lang(b, s, r->title.lang);
	buf_lit(b, ">");
	buf_html(b, r->title.text);
	buf_lit(b, "</strong>");
	if (r->html.text.n) {
		buf_lit(b, "<div");
		buf_lang(b, s, r->html.lang);
		buf_lit(b, ">");
		buf_add(b, r->html.text);
		buf_lit(b, "</div>");
	}
	buf_lit(b, "</li>\n");
}

/* says: stands above a message that is the request's own. */
static void buf_message(struct buf *b, const struct consent_view *s, struct str says)
{
	if (!s->message.text.n)
		return;
	if (s->says.p) {
		buf_lit(b, "<p class=\"sk-says\">");
		buf_html(b, says);
		buf_lit(b, "</p>\n");
	}
	buf_lit(b, "<blockquote class=\"sk-message\"");
	if (s->message_tag.p)
		buf_fmt(b, " lang=\"%.*s\"", STR_FMT(s->message_tag));
	else
		buf_lang(b, s, s->message.lang);
	buf_lit(b, ">");
	buf_html(b, s->message.text);
	buf_lit(b, "</blockquote>\n");
}

/* The page always names the end, also where the template's sentence leaves it out. */
static void buf_until(struct buf *b, const struct consent_view *s, const struct consent *c)
{
	char text[TEXT_DATE_MAX];
	buf_paragraph(b, s, "sk-expiration", &s->expiration);
	if (!s->says_until) {
		buf_lit(b, "<p class=\"sk-expiration\">");
		buf_html(b, msg(MSG_VALID_UNTIL, s->lang));
		buf_c(b, ' ');
		buf_html(b, text_datetime(c->valid_to, text));
		buf_lit(b, "</p>\n");
	}
}

static void buf_rights(struct buf *b, const struct consent_view *s)
{
	buf_lit(b, "<ul class=\"sk-rights\">\n");
	for (size_t i = 0; i < s->n_rights; i++)
		buf_right(b, s, &s->rights[i]);
	buf_lit(b, "</ul>\n");
}

void consent_view_html(struct buf *b, const struct consent_view *s, const struct consent *c)
{
	buf_paragraph(b, s, "sk-heading", &s->heading);
	buf_message(b, s, s->says);
	buf_paragraph(b, s, "sk-intro", &s->intro);
	buf_rights(b, s);
	buf_until(b, s, c);
	buf_paragraph(b, s, "sk-handled", &s->handled_by);
}

void consent_view_past_html(struct buf *b, const struct consent_view *s, struct str asked, struct str wrote)
{
	buf_message(b, s, wrote);
	buf_paragraph(b, s, "sk-intro", &(struct localized){ asked, s->lang });
	buf_rights(b, s);
}
