/* What the sandbox's page says of Altinn 2: the built-in services and API keys, a link and a request to try. */
#include "altinn2/internal.h"
#include "base/clock.h"
#include "base/embed.h"
#include "page/view.h"

#define TRY_DAYS 9 /* from now to the end of what is tried: tax services take ten */

struct section {
	struct arena *a;
	const struct registry *r;
	struct str url;
	struct str key; /* the first one, for the example */
	struct str orgno;
	struct buf rows;
	size_t services;
};

static void row(struct section *s, struct str name, struct str value)
{
	view(&s->rows, "row.html", LANG_EN, FILLS({ "name", name }, { "value", value }), FILLS({ "more", STR_NONE }));
}

static void keys_list(struct section *s, const struct js *list)
{
	JS_EACH(v, list) {
		struct str key, orgno;
		if (js_member_str(v, "key", &key) != RC_OK || js_member_str(v, "orgno", &orgno) != RC_OK ||
		    !str_eq(altinn2_api_key(s->a, s->r, key), orgno))
			continue;
		row(s, arena_fmt(s->a, "API key of %.*s", STR_FMT(orgno)), key);
		if (s->key.p)
			continue;
		s->key = key;
		s->orgno = orgno;
	}
}

static void services_list(struct section *s, const struct js *list)
{
	JS_EACH(v, list) {
		struct str code;
		int64_t edition;
		if (js_member_str(v, "serviceCode", &code) != RC_OK ||
		    js_member_i64(v, "serviceEditionCode", &edition) != RC_OK)
			continue;
		struct str id = arena_fmt(s->a, "%.*s_%lld", STR_FMT(code), (long long)edition);
		const struct altinn2_service *service = altinn2_service(s->r, id);
		if (!service)
			continue;
		row(s, arena_fmt(s->a, "Service %.*s, token content %lld", STR_FMT(id), (long long)service->payload),
		    service->resource);
		s->services++;
	}
}

/* The link of the tax authority's guide for lenders. */
static struct str link_of(struct section *s, struct str until)
{
	static const struct str names[] = { STR_INIT("4628_210607_inntektsaar"), STR_INIT("4804_210607_fraOgMed"),
					    STR_INIT("4804_210607_tilOgMed") };
	static const struct str values[] = { STR_INIT("2025"), STR_INIT("2026-01"), STR_INIT("2026-03") };
	struct buf b = BUF(s->a);
	buf_fmt(&b,
		"/ui/AccessConsent/?Resources=4628_210607.4804_210607&CoveredBy=%.*s&RedirectURL=", STR_FMT(s->orgno));
	buf_url(&b, arena_fmt(s->a, "%.*s/sandbox", STR_FMT(s->url)));
	buf_lit(&b, "&ValidToDate=");
	buf_url(&b, until);
	for (size_t i = 0; i < LEN(names); i++)
		buf_fmt(&b, "&%.*s=%.*s", STR_FMT(names[i]), STR_FMT(values[i]));
	return buf_str(&b);
}

static void section_write(struct section *s, struct buf *b)
{
	char text[CLOCK_TEXT_MAX];
	int64_t second = clock_now() / CLOCK_SECOND * CLOCK_SECOND;
	struct str until = clock_text(second + TRY_DAYS * CLOCK_DAY, text);
	until.n -= strlen("+00:00");
	buf_lit(b, "<section aria-labelledby=\"altinn2\"><h2 id=\"altinn2\">Altinn 2</h2>\n");
	if (altinn2_service(s->r, STR("4628_210607")) && altinn2_service(s->r, STR("4804_210607"))) {
		buf_lit(b, "<p><a href=\"");
		buf_html(b, link_of(s, arena_fmt(s->a, "%.*sZ", STR_FMT(until))));
		buf_lit(b,
			"\">Ask for consent by a link</a>, as a bank that still has an Altinn 2 integration does.</p>\n");
	}
	buf_lit(b, "<pre tabindex=\"0\">BASE=");
	buf_html(b, s->url);
	buf_lit(b, "\nTOKEN=$(curl -s \"$BASE/api/GetEnterpriseToken?orgNo=");
	buf_html(b, s->orgno);
	buf_lit(b, "&amp;scopes=altinn:consentrequests.write\")\ncurl -s \"$BASE/api/consentRequests\" -H \"ApiKey: ");
	buf_html(b, s->key);
	buf_lit(b, "\" -H \"Authorization: Bearer $TOKEN\" \\\n"
		   "  -H \"Accept: application/hal+json\" -H \"Content-Type: application/json\" -d '{\n"
		   "  \"CoveredBy\": \"");
	buf_html(b, s->orgno);
	buf_lit(b, "\", \"OfferedBy\": \"01025161013\", \"OfferedByName\": \"Fjær\",\n  \"ValidTo\": \"");
	buf_html(b, until);
	buf_lit(b, "\", \"RedirectUrl\": \"");
	buf_html(b, s->url);
	buf_lit(b,
		"/sandbox\",\n  \"RequestResources\": [{ \"ServiceCode\": \"4701\", \"ServiceEditionCode\": 1 }] }'</pre>\n"
		"<ul class=\"rows\">\n");
	buf_add(b, buf_str(&s->rows));
	buf_lit(b, "</ul></section>\n");
}

void altinn2_sandbox_section(struct http_req *req, struct str origin, struct buf *b)
{
	extern const struct embed altinn2_embedded[];
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&req_site(req)->consents->registry);
	struct section s = { .a = req->arena, .r = r, .url = origin, .rows = BUF(req->arena) };
	const struct js *world;
	if (js_parse(req->arena, altinn2_embedded[0].data, NULL, &world, NULL) != RC_OK)
		return;
	keys_list(&s, js_get(js_get(world, "altinn2"), "apiKeys"));
	services_list(&s, js_get(js_get(world, "altinn2"), "services"));
	if (s.key.p && s.services)
		section_write(&s, b);
}
