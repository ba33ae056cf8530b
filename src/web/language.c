#include "web/page_internal.h"

#define ACCEPT_MAX 20 /* languages of Accept-Language that are looked at */

/* code: of the cookie and of ?lng=; name: in the language itself. */
static const struct {
	const char *code;
	const char *name;
} languages[] = {
	[LANG_NB] = { "no_nb", "Norsk (bokmål)" },
	[LANG_NN] = { "no_nn", "Norsk (nynorsk)" },
	[LANG_EN] = { "en", "English" },
	[LANG_SE] = { "se", "Davvisámegiella" },
};
_Static_assert(LEN(languages) == LANG__MAX, "each language in the menu");

static bool code_parse(struct str s, enum lang *out)
{
	for (enum lang i = 0; i < LANG_SHIPPED; i++)
		if (str_is(s, languages[i].code)) {
			*out = i;
			return true;
		}
	return false;
}

struct str language_choices(const struct page *p)
{
	struct buf b = BUF(p->a);
	for (enum lang i = 0; i < LANG_SHIPPED; i++)
		view(&b, "language_choice.html", p->lang,
		     FILLS({ "checked", p->lang == i ? STR("true") : STR("false") }, { "lang", str_of(lang_code(i)) },
			   { "code", str_of(languages[i].code) }, { "name", str_of(languages[i].name) }),
		     NULL);
	return buf_str(&b);
}

struct str language_mark(const struct page *p, enum lang lang)
{
	return lang == p->lang ? STR_NONE : arena_fmt(p->a, " lang=\"%s\"", lang_code(lang));
}

struct str language_name(enum lang lang)
{
	return str_of(languages[lang < LANG__MAX ? lang : LANG_NB].name);
}

static bool tag_parse(struct str tag, enum lang *out)
{
	struct str primary, rest;
	(void)str_cut(tag, '-', &primary, &rest);
	if (str_ieq(primary, STR("no")))
		primary = STR("nb");
	return lang_parse_shipped(primary, out) == RC_OK;
}

/* "q=0.8" in thousandths; 1000 when it is not there. */
static int quality(struct str params)
{
	struct str q = str_trim(params);
	if (q.n < 3 || !str_ieq(str_span(q.p, 2), STR("q=")))
		return 1000;
	if (q.p[2] == '1')
		return 1000;
	int value = 0, unit = 100;
	for (size_t i = 4; i < q.n && q.p[i] >= '0' && q.p[i] <= '9'; i++, unit /= 10)
		value += (q.p[i] - '0') * unit;
	return value;
}

static bool accept_parse(struct str header, enum lang *out)
{
	int best = 0;
	struct str rest = header, item, tag, params;
	for (int i = 0; i < ACCEPT_MAX && str_next(&rest, ',', &item); i++) {
		(void)str_cut(item, ';', &tag, &params);
		enum lang lang;
		if (!tag_parse(str_trim(tag), &lang) || quality(params) <= best)
			continue;
		best = quality(params);
		*out = lang;
	}
	return best > 0;
}

enum lang language_of(const struct http_req *req)
{
	const struct pair *query;
	const struct pair *lng = http_query(req, &query) == RC_OK ? pair_get(query, "lng") : NULL;
	const struct caller *c = req_caller(req);
	enum lang lang;
	if (lng && code_parse(lng->value, &lang))
		return lang;
	if (code_parse(http_cookie(req, "selectedLanguage"), &lang))
		return lang;
	if (c && c->session && lang_parse_shipped(c->session->language, &lang) == RC_OK)
		return lang;
	return accept_parse(http_header(req, "Accept-Language"), &lang) ? lang : LANG_NB;
}

/* Chromium holds every hop after a form to form-action: a session that has ended would lead to the login's origin, so a
 * person without one gets a page that moves on. */
enum rc language_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	TRY(http_query(req, &query));
	struct page p = page_of(req, res);
	struct str to = address_goto(query), code = pair_get(query, "lang") ? pair_get(query, "lang")->value : STR_NONE;
	if (!to.p)
		to = page_home(&p);
	if (!code_parse(code, &p.lang))
		return RC_INVALID;
	http_set_header(res, "Set-Cookie",
			arena_fmt(p.a, "selectedLanguage=%.*s; Path=/; Max-Age=31536000; SameSite=Lax%s", STR_FMT(code),
				  req_gate(req)->secure_cookies ? "; Secure" : ""));
	if (req_caller(req)) {
		http_redirect(res, 303, to);
		return RC_OK;
	}
	p.here = p.refresh = to;
	return notice_send(&p, &(struct notice){ .status = 200,
						 .heading = MSG_LANGUAGE_SET,
						 .body = MSG_LOGGING_OUT_BODY,
						 .href = to,
						 .link = MSG_CONTINUE });
}
