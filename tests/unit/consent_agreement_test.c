#include "consent_world.h"

static struct unfilled_view unfilled(struct world *w, const struct draft *d)
{
	struct unfilled_view u;
	enum agreement_part missing;
	CHECK_RC(unfilled_view_load(&w->d, &w->a, world_consent(w, d), &u, &missing), RC_OK);
	return u;
}

static void check_texts(const struct texts *t, const char *nb, const char *nn, const char *en)
{
	CHECK_STR(t->t[LANG_NB], str_of(nb));
	CHECK_STR(t->t[LANG_NN], str_of(nn));
	CHECK_STR(t->t[LANG_EN], str_of(en));
}

static void test_agreement__placeholders_stay_and_metadata_is_filled_in(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, NULL);
	draft_meta(&w->a, draft_right(&w->a, &d, "income"), STR("YEAR"), STR("<2025>"));
	struct unfilled_view u = unfilled(w, &d);
	check_texts(&u.heading, "{CoveredBy} spør {OfferedBy}", "{CoveredBy} spør deg, {OfferedBy}",
		    "{CoveredBy} asks {OfferedBy}");
	check_texts(&u.expiration, "Gjelder til {Expiration}", "Gjeld til {Expiration}", "Until {Expiration}");
	assert_int_equal(u.n_rights, 1);
	check_texts(&u.rights[0].title, "Tittel income", "Tittel nn income", "Title income");
	check_texts(&u.rights[0].html, "<p>Inntekt <strong>&lt;2025&gt;</strong> {note}</p>",
		    "<p>Inntekt nn <strong>&lt;2025&gt;</strong></p>", "<p>Income <strong>&lt;2025&gt;</strong></p>");
	CHECK(!u.has_message && !u.has_handled_by && !u.handler && !u.is_poa);
}

static void test_agreement__one_language_stands_in_for_others(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "norsk");
	struct unfilled_view u = unfilled(w, &d);
	check_texts(&u.rights[0].html, "<p>Bare bokmål</p>", "<p>Bare bokmål</p>", "<p>Bare bokmål</p>");
	check_texts(&u.title_accepted, "Tittel", "Tittel nn", "Title");
}

static void test_agreement__one_time_organisation_and_message(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "once");
	(void)draft_right(&w->a, &d, "tax");
	d.from = ORG(LENDER);
	struct unfilled_view u = unfilled(w, &d);
	check_texts(&u.expiration, "En gang, til {Expiration}", "Ein gong", "Once, until {Expiration}");
	CHECK_STR(u.title.t[LANG_NB], STR("O Tittel"));
	d = draft_of(&w->a, "fixed");
	u = unfilled(w, &d);
	CHECK(u.has_message && !u.own_message);
	check_texts(&u.message, "Fast {CoveredBy}", "Fast nn", "Fixed {CoveredBy}");
	d = draft_of(&w->a, "fixed");
	d.message_json = STR("{\"en\":\"Own\"}");
	u = unfilled(w, &d);
	CHECK(u.has_message && u.own_message);
}

static void test_agreement__says_what_is_gone(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	const struct consent *made = world_consent(w, &d);
	const struct {
		const char *template, *version;
		bool party;
		enum agreement_part want;
	} rows[] = {
		{ "default", "1", false, PART_PARTY },
		{ "default", "9", true, PART_RESOURCE },
		{ "nothing", "1", true, PART_TEMPLATE },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent c = *made;
		struct right r = *made->rights;
		struct unfilled_view u;
		enum agreement_part missing = PART_PARTY;
		c.rights = &r;
		c.template_id = str_of(rows[i].template);
		r.version = str_of(rows[i].version);
		if (!rows[i].party)
			c.to_uuid = uuid_v4();
		CHECK_RC(unfilled_view_load(&w->d, &w->a, &c, &u, &missing), RC_NOT_FOUND);
		assert_int_equal(missing, rows[i].want);
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_agreement__placeholders_stay_and_metadata_is_filled_in),
       CASE(test_agreement__one_language_stands_in_for_others), CASE(test_agreement__one_time_organisation_and_message),
       CASE(test_agreement__says_what_is_gone))
