#include <sqlite3.h>

#include "keys/keyring.h"
#include "jose/jose.h"
#include "web_kit.h"

static struct consent *given_through(struct world *w, const struct draft *d, const char *provider)
{
	struct person_caller who = {
		.party = w->elena->uuid, .level = 4, .acr = STR("idporten-loa-high"), .provider = str_of(provider)
	};
	struct problems p = PROBLEMS(&w->a);
	struct consent *c = world_consent(w, d);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, ST_ACCEPTED, STR("nb"), &c, &p), RC_OK);
	return c;
}

static struct consent *given(struct world *w, const struct draft *d)
{
	return given_through(w, d, "https://login.example");
}

static struct str id_of(struct world *w, const struct consent *c, const char *more)
{
	return arena_fmt(&w->a, "id=%.*s%s", STR_FMT(uuid_str(&w->a, c->id)), more);
}

static struct str receipt(struct browser *b, struct str query)
{
	return browser_get(b, receipt_get, PATH_RECEIPT, query);
}

/* The document's payload, of a key that was made for this. */
static struct str signed_of(struct browser *b, struct str query)
{
	struct jwk *key;
	struct jws jws;
	struct buf jwks = BUF(&b->w->a);
	struct jsw w = JSW(&jwks);
	CHECK_RC(jwk_generate(JOSE_ES256, STR_NONE, &key), RC_OK);
	jsw_obj(&w);
	jsw_key(&w, "keys");
	jsw_arr(&w);
	jwk_write_private(&w, key);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	CHECK_RC(keyring_open(b->w->store, &(struct keyring_config){ .fixed_jwks = buf_str(&jwks) }, &b->web.keys),
		 RC_OK);
	b->web.token_alg = JOSE_ES256;
	b->web.issuer = STR("http://127.0.0.1:8080/");
	struct str compact = browser_get(b, receipt_signed_get, PATH_RECEIPT "/signed", query);
	assert_int_equal(b->res.status, 200);
	CHECK_STR(str_of(b->res.content_type), STR("application/consent-receipt+jwt"));
	CHECK_RC(jws_parse_long(&b->w->a, compact, &jws), RC_OK);
	CHECK_RC(jws_verify(&jws, key), RC_OK);
	CHECK_STR(jws.typ, STR("consent-receipt+jwt"));
	keyring_close(b->web.keys);
	jwk_unref(key);
	return jws.payload;
}

static void test_receipt__in_three_languages(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	static const char *const rows[][5] = {
		{ "&lng=no_nb", ">Kvittering for samtykke</h1>", "Last ned signert kvittering",
		  "<dd>login.example, nivå 4</dd>", "<dt>Utstedt av</dt>" },
		{ "&lng=no_nn", ">Kvittering for samtykke</h1>", "Last ned signert kvittering",
		  "<dd>login.example, nivå 4</dd>", "<dt>Utferda av</dt>" },
		{ "&lng=en", ">Consent receipt</h1>", "Download signed receipt", "<dd>login.example, level 4</dd>",
		  "<dt>Issued by</dt>" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, w->elena, 4);
		struct str html = receipt(&b, id_of(w, c, rows[i][0]));
		check_page(&b, 200, rows[i][1]);
		check_page(&b, 200, rows[i][2]);
		check_page(&b, 200, arena_cstr(&w->a, c->shown_sha256));
		check_page(&b, 200, rows[i][3]);
		check_page(&b, 200, rows[i][4]);
		check_page(&b, 200, "<dd>Samtykke, http://127.0.0.1:8080</dd>");
		check_page(&b, 200,
			   "<a href=\"http://127.0.0.1:8080" PATH_OVERVIEW "\">http://127.0.0.1:8080" PATH_OVERVIEW
			   "</a>");
		check_page(&b, 200, "name=\"number\"");
		assert_int_equal(occurrences(html, "id=\"withdrawal\""), 1);
	}
}

static void test_receipt__names_the_login(void **state)
{
	struct world *w = *state;
	static const char *const rows[][2] = {
		{ "https://idporten.no", "<dd>ID-porten, nivå 4</dd>" },
		{ "https://test.idporten.no", "<dd>ID-porten, nivå 4</dd>" },
		{ "https://notidporten.no/a", "<dd>notidporten.no, nivå 4</dd>" },
		{ "a name", "<dd>a name, nivå 4</dd>" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct draft d = draft_of(&w->a, "tax");
		struct browser b = browser_of(w, w->elena, 4);
		(void)receipt(&b, id_of(w, given_through(w, &d, rows[i][0]), "&lng=no_nb"));
		check_page(&b, 200, rows[i][1]);
	}
}

/* The identity number is for the giver alone, whatever the address says. */
static void test_receipt__a_representative_gets_no_number(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	bool changed;
	world_apply(w, STR("{\"rights\":[{\"party\":\"urn:altinn:person:identifier-no:" ELENA "\",\"holder\":"
			   "\"urn:altinn:person:identifier-no:" OTHER "\",\"resource\":\"altinn_access_management\","
			   "\"actions\":[\"read\"]}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct browser own = browser_of(w, w->elena, 4), other = browser_of(w, w->other, 4);
	CHECK(str_find(signed_of(&own, id_of(w, c, "&number=1")), STR(ELENA)) > 0);
	CHECK(str_find(signed_of(&own, id_of(w, c, "&number=0")), STR(ELENA)) < 0);
	CHECK(str_find(signed_of(&other, id_of(w, c, "&number=1")), STR(ELENA)) < 0);
	struct str html = receipt(&other, id_of(w, c, "&number=1"));
	check_page(&other, 200, ">Kvittering for samtykke</h1>");
	assert_int_equal(occurrences(html, "name=\"number\""), 0);
}

static void damage(struct world *w, const struct consent *c)
{
	sqlite3 *db;
	struct buf id = BUF(&w->a);
	buf_hex(&id, str_span(c->id.b, sizeof c->id.b));
	struct str text =
		arena_fmt(&w->a, "UPDATE consent SET shown = replace(shown, 'spør', 'ber') WHERE id = x'%.*s'",
			  STR_FMT(buf_str(&id)));
	assert_int_equal(sqlite3_open(w->uri + strlen("sqlite:"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, arena_cstr(&w->a, text), NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_changes(db), 1);
	sqlite3_close(db);
}

/* A text that is not what was hashed is not shown as what was seen, and keeps nobody from withdrawing. */
static void test_receipt__of_a_damaged_text(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	struct browser b = browser_of(w, w->elena, 4);
	damage(w, c);
	(void)browser_get(&b, details_get, PATH_DETAILS, id_of(w, c, ""));
	check_page(&b, 200, "Teksten som ble lagret, er skadet");
	check_page(&b, 200, ">Trekk samtykke<");
	(void)receipt(&b, id_of(w, c, ""));
	check_page(&b, 500, "Vi kan ikke lage kvitteringen");
	(void)browser_get(&b, receipt_signed_get, PATH_RECEIPT "/signed", id_of(w, c, ""));
	check_page(&b, 500, "Vi kan ikke lage kvitteringen");
	(void)browser_get(&b, withdraw_get, PATH_WITHDRAW, id_of(w, c, ""));
	check_page(&b, 200, "Ja, trekk samtykke");
	bool changed;
	world_apply(w, STR("{\"resources\":[{\"identifier\":\"tax\",\"state\":\"absent\"}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	b = browser_of(w, w->elena, 4); /* which holds the registry of its day */
	(void)browser_get(&b, withdraw_get, PATH_WITHDRAW, id_of(w, c, ""));
	check_page(&b, 200, "Ja, trekk samtykke");
}

static void test_receipt__an_ended_one_says_nothing_of_withdrawing(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	struct browser b = browser_of(w, w->elena, 4);
	struct problems p = PROBLEMS(&w->a);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &b.caller.person, ST_REVOKED, STR("nb"), &c, &p), RC_OK);
	struct str html = receipt(&b, id_of(w, c, ""));
	check_page(&b, 200, "Dette samtykket er trukket tilbake");
	assert_int_equal(occurrences(html, "id=\"withdrawal\""), 0);
}

T_MAIN(CASE(test_receipt__in_three_languages), CASE(test_receipt__names_the_login),
       CASE(test_receipt__a_representative_gets_no_number), CASE(test_receipt__of_a_damaged_text),
       CASE(test_receipt__an_ended_one_says_nothing_of_withdrawing))
