#include <sqlite3.h>

#include "consent/snapshot.h"
#include "consent_world.h"
#include "jose/jose.h"

static struct consent *accepted(struct world *w, struct draft *d, const char *language)
{
	struct person_caller who = { .party = w->elena->uuid,
				     .level = 4,
				     .acr = STR("idporten-loa-high"),
				     .provider = STR("https://login.example") };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	(void)world_consent(w, d);
	CHECK_RC(consent_decide(&w->d, &w->a, d->id, &who, ST_ACCEPTED, str_of(language), &c, &p), RC_OK);
	return c;
}

static void test_frozen__all_that_was_seen(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income");
	draft_meta(&w->a, d.rights, STR("year"), STR("2025"));
	(void)draft_right(&w->a, &d, "norsk");
	struct consent *c = accepted(w, &d, "en");
	struct consent_snapshot f;
	struct consent_view s;
	struct buf html = BUF(&w->a), hash = BUF(&w->a);
	CHECK_RC(consent_snapshot_load(&w->d, &w->a, c, &f), RC_OK);
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_EN, &s), RC_OK);
	consent_view_html(&html, &s, c);
	buf_hex(&hash, jose_sha256(&w->a, buf_str(&html)));
	CHECK_STR(f.html, buf_str(&html));
	CHECK_STR(f.sha256, buf_str(&hash));
	assert_int_equal(f.lang, LANG_EN);
	CHECK_STR(f.title, STR("Title"));
	CHECK_STR(f.template_id, STR("default"));
	assert_int_equal(f.template_version, 1);
	CHECK_STR(f.to.name, STR("Smekkfull Bank AS"));
	CHECK_STR(f.to.orgno, STR(BANK));
	CHECK(!f.handler.name.p && !f.handler.orgno.p);
	assert_int_equal(f.n_rights, 2);
	CHECK_STR(f.rights[0].title, STR("Title income"));
	CHECK_STR(f.rights[1].owner.name, STR("Etaten"));
	CHECK_STR(f.rights[1].owner.orgno, STR(AGENCY));
	CHECK_STR(f.acr, STR("idporten-loa-high"));
	CHECK_STR(f.provider, STR("https://login.example"));
	assert_int_equal(f.level, 4);
}

/* A language that no page is offered in is answered for in bokmål. */
static void test_frozen__in_a_language_that_is_offered(void **state)
{
	struct world *w = *state;
	static const char *const asked[] = { "se", "de", "" };
	for (size_t i = 0; i < LEN(asked); i++) {
		struct draft d = draft_of(&w->a, "tax");
		struct consent_snapshot f;
		CHECK_RC(consent_snapshot_load(&w->d, &w->a, accepted(w, &d, asked[i]), &f), RC_OK);
		assert_int_equal(f.lang, LANG_NB);
	}
}

static void store_write(struct world *w, const char *json, const struct consent *c)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_open(w->uri + strlen("sqlite:"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "UPDATE consent SET shown = ? WHERE id = ?", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(st, 1, json, -1, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_bind_blob(st, 2, c->id.b, sizeof c->id.b, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void test_frozen__what_is_not_what_was_hashed(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax"), unanswered = draft_of(&w->a, "tax");
	struct consent *c = accepted(w, &d, "nb"), *open = world_consent(w, &unanswered);
	struct consent_snapshot f;
	CHECK_RC(consent_snapshot_load(&w->d, &w->a, c, &f), RC_OK);
	CHECK_RC(consent_snapshot_load(&w->d, &w->a, open, &f), RC_NOT_FOUND);
	struct buf json = BUF(&w->a);
	buf_lit(&json, "{\"language\":\"nb\",\"html\":");
	buf_json(&json, f.html);
	buf_c(&json, '}');
	store_write(w, buf_cstr(&json), c); /* the same text, and nothing around it: as long as the hash holds */
	CHECK_RC(consent_snapshot_load(&w->d, &w->a, c, &f), RC_OK);
	CHECK(!f.title.p && !f.to.name.p && f.n_rights == 0 && f.level == 0);
	static const struct {
		const char *json;
		enum rc want;
	} rows[] = {
		{ "{\"language\":\"nb\",\"html\":\"<p>something else</p>\"}", RC_INVALID },
		{ "{\"language\":\"nb\"}", RC_NOT_FOUND },
		{ "{\"html\":\"x\"}", RC_NOT_FOUND },
		{ "[]", RC_NOT_FOUND },
		{ "", RC_NOT_FOUND },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		store_write(w, rows[i].json, c);
		CHECK_RC(consent_snapshot_load(&w->d, &w->a, c, &f), rows[i].want);
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_frozen__all_that_was_seen), CASE(test_frozen__in_a_language_that_is_offered),
       CASE(test_frozen__what_is_not_what_was_hashed))
