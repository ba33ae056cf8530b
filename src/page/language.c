#include "page/language.h"

#include "gate/gate.h"
#include "page/view.h"

#define ACCEPT_MAX 20 /* languages of Accept-Language that are read */

/* code: of the cookie and of ?lng=; name and link: in the language itself. Other people's tests look for the names,
 * which therefore stand in the menu alone. */
static const struct {
	const char *code;
	const char *name;
	const char *link;
} languages[] = {
	[LANG_NB] = { "no_nb", "Norsk (bokmål)", "På bokmål" },
	[LANG_NN] = { "no_nn", "Norsk (nynorsk)", "På nynorsk" },
	[LANG_EN] = { "en", "English", "In English" },
	[LANG_SE] = { "se", "Davvisámegiella", "Davvisámegillii" },
};
_Static_assert(LEN(languages) == LANG__MAX, "each language in the menu");

bool language_code_parse(struct str code, enum lang *out)
{
	for (enum lang i = 0; i < LANG_SHIPPED; i++)
		if (str_is(code, languages[i].code)) {
			*out = i;
			return true;
		}
	return false;
}

struct str language_code(enum lang lang)
{
	return str_of(languages[lang].code);
}

struct str language_choices(struct arena *a, enum lang page)
{
	struct buf b = BUF(a);
	for (enum lang i = 0; i < LANG_SHIPPED; i++)
		view(&b, "language_choice.html", page,
		     FILLS({ "checked", page == i ? STR("true") : STR("false") }, { "lang", str_of(lang_code(i)) },
			   { "code", str_of(languages[i].code) }, { "name", str_of(languages[i].name) }),
		     NULL);
	return buf_str(&b);
}

struct str language_links(struct arena *a, enum lang page)
{
	struct buf b = BUF(a);
	for (enum lang i = 0; i < LANG_SHIPPED; i++)
		view(&b, "language_link.html", page,
		     FILLS({ "code", str_of(languages[i].code) }, { "lang", str_of(lang_code(i)) },
			   { "name", str_of(languages[i].link) }),
		     FILLS({ "current", page == i ? STR(" aria-current=\"true\"") : STR_NONE }));
	return buf_str(&b);
}

struct str language_mark(struct arena *a, enum lang page, enum lang text)
{
	return text == page ? STR_NONE : arena_fmt(a, " lang=\"%s\"", lang_code(text));
}

struct str language_name(enum lang lang)
{
	return str_of(languages[lang < LANG__MAX ? lang : LANG_NB].name);
}

static bool accept_parse(struct str header, enum lang *out)
{
	int best = 0;
	struct str rest = header, item, tag, params;
	for (int i = 0; i < ACCEPT_MAX && str_next(&rest, ',', &item); i++) {
		(void)str_cut(item, ';', &tag, &params);
		enum lang lang;
		if (lang_parse_shipped(str_trim(tag), &lang) != RC_OK || http_weight(params) <= best)
			continue;
		best = http_weight(params);
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
	if (lng && language_code_parse(lng->value, &lang))
		return lang;
	if (language_code_parse(http_cookie(req, "selectedLanguage"), &lang))
		return lang;
	if (c && c->session && lang_parse_shipped(c->session->language, &lang) == RC_OK)
		return lang;
	return accept_parse(http_header(req, "Accept-Language"), &lang) ? lang : LANG_NB;
}
