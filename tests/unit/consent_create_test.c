#include "consent_world.h"

#include <pthread.h>

static enum rc create_as(struct world *w, const struct draft *d, struct org_caller who, struct problems *p,
			 struct consent **out, bool *existed)
{
	*p = PROBLEMS(&w->a);
	return consent_create(&w->d, &w->a, d, &who, out, existed, p);
}

static enum rc create(struct world *w, const struct draft *d, struct problems *p)
{
	struct consent *c;
	bool existed;
	return create_as(w, d, FROM_ORG(BANK), p, &c, &existed);
}

static void test_create__stores_the_request(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income");
	draft_meta(&w->a, d.rights, STR("YEAR"), STR("2025"));
	(void)draft_right(&w->a, &d, "tax");
	d.message_json = STR("{\"en\":\"Please\"}");
	d.view_mode = VIEW_SHOW;
	d.valid_to = INT64_C(4102444800123456);
	struct org_caller who = { .consumer = STR(BANK), .supplier = STR(SUPPLIER) };
	struct problems p;
	struct consent *c, *read;
	bool existed;
	CHECK_RC(create_as(w, &d, who, &p, &c, &existed), RC_OK);
	CHECK(!existed);
	assert_int_equal(c->n_events, 1);
	assert_int_equal(c->events[0].type, EV_CREATED);
	CHECK_STR(urn_str(&w->a, c->events[0].performed_by), STR("urn:altinn:organization:identifier-no:" BANK));
	CHECK(uuid_eq(c->last_event, c->events[0].id));
	struct org_caller reader = FROM_ORG(BANK);
	CHECK_RC(consent_show(&w->d, &w->a, d.id, &reader, &read, &p), RC_OK);
	CHECK_STR(read->valid_to_text, STR("2100-01-01T00:00:00.123456+00:00"));
	CHECK_STR(read->rights_json, c->rights_json);
	CHECK_STR(read->rights_json,
		  STR("[{\"action\":[\"consent\"],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"income\","
		      "\"version\":\"4\"}],\"metadata\":{\"YEAR\":\"2025\"}},{\"action\":[\"consent\"],\"resource\":[{"
		      "\"type\":\"urn:altinn:resource\",\"value\":\"tax\",\"version\":\"1\"}]}]"));
	CHECK_STR(read->message_json, d.message_json);
	CHECK_STR(read->redirect_url, d.redirect_url);
	CHECK_STR(read->template_id, STR("default"));
	assert_int_equal(read->template_version, 1);
	assert_int_equal(read->view_mode, VIEW_SHOW);
	assert_int_equal(read->status, ST_CREATED);
	CHECK_STR(read->handled_by.value, STR(SUPPLIER));
	CHECK(!read->by_owner && !read->required_delegator.value.p && !read->consented_text.p);
	CHECK(uuid_eq(read->from_uuid, w->elena->uuid) && uuid_eq(read->to_uuid, w->bank->uuid));
	CHECK(read->created == c->created && uuid_eq(read->last_event, c->last_event));
	CHECK_STR(consent_view_uri(&w->a, STR("http://127.0.0.1:8080"), c),
		  arena_fmt(&w->a, "http://127.0.0.1:8080/accessmanagement/ui/consent/request?id=%.*s",
			    STR_FMT(uuid_str(&w->a, d.id))));
}

static void test_create__for_others_needs_the_owners_scope(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct problems p;
	struct consent *c;
	bool existed;
	struct org_caller agency = { .consumer = STR(AGENCY), .supplier = STR(SUPPLIER) };
	CHECK_RC(create_as(w, &d, agency, &p, &c, &existed), RC_DENIED);
	CHECK_PROBLEMS(&p);
	agency.has_org_scope = true;
	CHECK_RC(create_as(w, &d, agency, &p, &c, &existed), RC_OK);
	CHECK(c->by_owner);
	CHECK_STR(c->handled_by.value, STR(AGENCY));
	CHECK_STR(c->events[0].performed_by.value, STR(AGENCY));
	/* a party uuid is never the consumer */
	struct draft by_uuid = draft_of(&w->a, "tax");
	by_uuid.to = uuid_urn(&w->a, BANK_UUID);
	CHECK_RC(create_as(w, &by_uuid, FROM_ORG(BANK), &p, &c, &existed), RC_DENIED);
	CHECK_RC(create_as(w, &by_uuid, agency, &p, &c, &existed), RC_OK);
	struct org_caller bank = FROM_ORG(BANK);
	CHECK_RC(consent_show(&w->d, &w->a, by_uuid.id, &bank, &c, &p), RC_OK);
}

static void test_create__asks_the_policy(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *resource;
		enum rc bank, supplier;
	} rows[] = {
		{ "tax", RC_OK, RC_OK },
		{ "listed", RC_OK, RC_DENIED },
		{ "banks", RC_OK, RC_DENIED },
		{ "no-such-resource", RC_DENIED, RC_DENIED },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct draft d = draft_of(&w->a, rows[i].resource);
		struct problems p;
		struct consent *c;
		bool existed;
		CHECK_RC(create_as(w, &d, FROM_ORG(BANK), &p, &c, &existed), rows[i].bank);
		assert_int_equal(p.n, 0);
		d.id = uuid_v4();
		d.to = ORG(SUPPLIER);
		CHECK_RC(create_as(w, &d, FROM_ORG(SUPPLIER), &p, &c, &existed), rows[i].supplier);
		assert_int_equal(p.n, 0);
	}
}

static void check_unknown(struct world *w, const struct draft *d, struct org_caller who, enum problem_code code,
			  const char *key)
{
	struct problems p;
	struct consent *c;
	bool existed;
	CHECK_RC(create_as(w, d, who, &p, &c, &existed), RC_INVALID);
	CHECK_PROBLEMS(&p, code);
	CHECK_STR(p.items[0].key, str_of(key));
}

static void test_create__names_the_first_unknown_party(void **state)
{
	struct world *w = *state;
	const char *ghost = "urn:altinn:party:uuid:00000000-0000-4000-8000-000000000001";
	struct org_caller bank = FROM_ORG(BANK);
	struct org_caller owner = { .consumer = STR(BANK), .has_org_scope = true };
	struct draft d = draft_of(&w->a, "tax");
	d.valid_to = 1; /* later rules are not reached */
	d.from = PERSON(STRANGER);
	d.required_delegator = PERSON(STRANGER);
	check_unknown(w, &d, bank, PROB_UNKNOWN_PERSON, "urn:altinn:person:identifier-no:" STRANGER);
	d.from = ORG(NOBODY);
	check_unknown(w, &d, bank, PROB_UNKNOWN_ORG, "urn:altinn:organization:identifier-no:" NOBODY);
	d.from = uuid_urn(&w->a, ghost + strlen("urn:altinn:party:uuid:"));
	check_unknown(w, &d, bank, PROB_UNKNOWN_PERSON, ghost);
	d.from = PERSON(ELENA);
	d.to = ORG(NOBODY);
	check_unknown(w, &d, owner, PROB_UNKNOWN_ORG, "urn:altinn:organization:identifier-no:" NOBODY);
	d.to = PERSON(OTHER); /* nobody gives a consent to a person */
	check_unknown(w, &d, owner, PROB_UNKNOWN_ORG, "urn:altinn:person:identifier-no:" OTHER);
	d.to = uuid_urn(&w->a, ghost + strlen("urn:altinn:party:uuid:"));
	check_unknown(w, &d, owner, PROB_UNKNOWN_ORG, ghost);
	d.to = ORG(BANK);
	check_unknown(w, &d, bank, PROB_UNKNOWN_PERSON, "urn:altinn:person:identifier-no:" STRANGER);
	d.required_delegator = (struct urn){ 0 };
	struct org_caller supplied = { .consumer = STR(BANK), .supplier = STR(NOBODY) };
	check_unknown(w, &d, supplied, PROB_UNKNOWN_ORG, "urn:altinn:organization:identifier-no:" NOBODY);
}

static void test_create__registers_unknown_numbers_when_told(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct problems p;
	w->d.cfg.auto_register = true;
	d.from = PERSON(STRANGER);
	d.required_delegator = PERSON(STRANGER);
	d.redirect_url = STR("javascript:1");
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK(world_party(w, STRANGER) == NULL); /* a refused request leaves nothing behind */
	d.redirect_url = STR("https://bank.example/");
	CHECK_RC(create(w, &d, &p), RC_OK);
	struct party *found = world_party(w, STRANGER);
	CHECK(found && found->type == PARTY_PERSON && !uuid_is_nil(found->uuid) && found->user_id > 0);
	struct consent *c;
	struct org_caller bank = FROM_ORG(BANK);
	CHECK_RC(consent_show(&w->d, &w->a, d.id, &bank, &c, &p), RC_OK);
	CHECK(uuid_eq(c->from_uuid, found->uuid) && uuid_eq(c->required_delegator_uuid, found->uuid));
}

static void test_create__accepts_party_uuids(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct problems p;
	d.from = uuid_urn(&w->a, ELENA_UUID);
	CHECK_RC(create(w, &d, &p), RC_OK);
	struct draft org = draft_of(&w->a, "tax");
	org.from = ORG(SUPPLIER);
	CHECK_RC(create(w, &org, &p), RC_OK);
}

static void test_create__collects_what_is_wrong_with_rights(void **state)
{
	struct world *w = *state;
	struct problems p;
	struct draft d = draft_of(&w->a, "income");
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_METADATA_MISSING);
	CHECK_STR(p.items[0].key, STR("year"));

	draft_meta(&w->a, d.rights, STR("YaerR"), STR("2025"));
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_METADATA, PROB_METADATA_MISSING);
	CHECK_STR(p.items[0].key, STR("yaerr"));

	d = draft_of(&w->a, "tax");
	struct draft_right *r = draft_right(&w->a, &d, "income");
	draft_meta(&w->a, r, STR("Year"), STR(""));
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_METADATA_VALUE);
	CHECK_STR(p.items[0].key, STR("year"));
	assert_int_equal(p.items[0].index, 1);
	draft_meta(&w->a, r, STR("yEAR"), STR("2"));
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_METADATA_VALUE, PROB_METADATA);

	d = draft_of(&w->a, "tax");
	draft_meta(&w->a, d.rights, STR("x"), STR("1"));
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_METADATA);
}

static void test_create__refuses_wrong_resources(void **state)
{
	struct world *w = *state;
	struct problems p;
	static const char *const wrong[] = { "generic", "withdrawn" };
	for (size_t i = 0; i < LEN(wrong); i++) {
		struct draft d = draft_of(&w->a, wrong[i]);
		CHECK_RC(create(w, &d, &p), RC_INVALID);
		CHECK_PROBLEMS(&p, PROB_RESOURCE);
	}
	for (size_t n = 0; n <= 2; n += 2) {
		struct draft d = draft_of(&w->a, "tax");
		d.rights->n_resources = n;
		CHECK_RC(create(w, &d, &p), RC_INVALID);
		CHECK_PROBLEMS(&p, PROB_RESOURCE);
	}
	struct draft d = draft_of(&w->a, "tax");
	(void)draft_right(&w->a, &d, "fixed");
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_COMBINATION);
	d = draft_of(&w->a, "tax");
	(void)draft_right(&w->a, &d, "tax");
	d.rights->next->right.n_actions = 0;
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_VALIDATION);
	assert_int_equal(p.items[0].validations[0].code, VLD_REQUIRED);
	CHECK_STR(p.items[0].validations[0].path, STR("/consentRight/1/action"));
}

static void test_create__collects_by_every_rule_of_a_right(void **state)
{
	struct world *w = *state;
	struct problems p;
	struct draft d = draft_of(&w->a, "fixed");
	(void)draft_right(&w->a, &d, "generic");
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_RESOURCE, PROB_COMBINATION);
	d.rights->next->n_resources = 2;
	d.rights->next->right.n_actions = 0;
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_RESOURCE, PROB_RESOURCE, PROB_COMBINATION, PROB_VALIDATION);
	d = draft_of(&w->a, "income");
	d.rights->right.n_actions = 0;
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_METADATA_MISSING, PROB_VALIDATION);
}

static void test_create__gathers_request_errors_last(void **state)
{
	struct world *w = *state;
	struct problems p;
	struct draft d = draft_of(&w->a, NULL);
	d.valid_to = clock_now() - CLOCK_SECOND;
	d.redirect_url = STR("data:text/html,x");
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_VALIDATION);
	assert_int_equal(p.items[0].n_validations, 3);
	assert_int_equal(p.items[0].validations[0].code, VLD_FUTURE);
	CHECK_STR(p.items[0].validations[0].path, STR("ValidTo"));
	assert_int_equal(p.items[0].validations[1].code, VLD_EMPTY_LIST);
	CHECK_STR(p.items[0].validations[1].path, STR("Resource"));
	assert_int_equal(p.items[0].validations[2].code, VLD_REDIRECT);
	CHECK_STR(p.items[0].validations[2].path, STR("RedirectUrl"));
	d = draft_of(&w->a, "generic");
	d.redirect_url = STR_NONE;
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_RESOURCE, PROB_VALIDATION);
}

static void test_create__keeps_to_the_longest_validity(void **state)
{
	struct world *w = *state;
	struct problems p;
	struct draft d = draft_of(&w->a, "short");
	(void)draft_right(&w->a, &d, "tax");
	d.valid_to = clock_now() + 11 * CLOCK_DAY;
	CHECK_RC(create(w, &d, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_VALIDATION);
	assert_int_equal(p.items[0].validations[0].code, VLD_MAX_VALIDITY);
	CHECK_STR(p.items[0].validations[0].path, STR("ValidTo"));
	d.valid_to = clock_now() + 10 * CLOCK_DAY;
	CHECK_RC(create(w, &d, &p), RC_OK);
}

static void test_create__redirects_where_the_clients_allow(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *url;
		enum rc want;
	} rows[] = {
		{ "https://lender.example/x", RC_OK },
		{ "https://app.lender.example/x", RC_OK },
		{ "https://elsewhere.example/", RC_INVALID },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct draft d = draft_of(&w->a, "tax");
		struct problems p;
		struct consent *c;
		bool existed;
		d.to = ORG(LENDER);
		d.redirect_url = str_of(rows[i].url);
		CHECK_RC(create_as(w, &d, FROM_ORG(LENDER), &p, &c, &existed), rows[i].want);
		if (rows[i].want != RC_OK)
			assert_int_equal(p.items[0].validations[0].code, VLD_REDIRECT);
	}
}

static void test_create__answers_a_repeat_with_the_stored_request(void **state)
{
	struct world *w = *state;
	struct problems p;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *first = world_consent(w, &d), *again;
	bool existed;
	struct draft same = draft_of(&w->a, "once");
	same.id = d.id;
	same.from = uuid_urn(&w->a, ELENA_UUID); /* the same party by another name */
	same.redirect_url = STR("https://other.example/");
	CHECK_RC(create_as(w, &same, FROM_ORG(BANK), &p, &again, &existed), RC_OK);
	CHECK(existed);
	CHECK_STR(again->redirect_url, first->redirect_url);
	CHECK_STR(again->rights_json, first->rights_json);
	assert_int_equal(again->n_events, 1);
	CHECK(uuid_eq(again->events[0].id, first->events[0].id));
	struct draft other = draft_of(&w->a, "tax");
	other.id = d.id;
	other.from = PERSON(OTHER);
	CHECK_RC(create(w, &other, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_ID_EXISTS);
	CHECK_STR(p.items[0].key, uuid_str(&w->a, d.id));
	struct org_caller outsider = { .consumer = STR(AGENCY), .has_org_scope = true };
	CHECK_RC(create_as(w, &d, outsider, &p, &again, &existed), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_ID_EXISTS);
}

static void test_create__is_refused_on_an_old_registry(void **state)
{
	struct world *w = *state;
	struct problems p;
	struct draft d = draft_of(&w->a, "tax");
	bool changed;
	world_apply(w, STR("{\"delegations\":[],\"scopes\":[{\"scope\":\"x:y\",\"owner\":\"" AGENCY
			   "\",\"description\":\"d\"}]}"));
	CHECK_RC(create(w, &d, &p), RC_STALE);
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	CHECK(changed);
	CHECK_RC(create(w, &d, &p), RC_OK);
}

#define THREADS 16
struct racer {
	pthread_t thread;
	struct world *w;
	const struct draft *d;
	struct arena a;
	enum rc rc;
	bool existed;
	struct uuid event;
};

static void *race_create(void *arg)
{
	struct racer *r = arg;
	struct problems p = PROBLEMS(&r->a);
	struct org_caller who = FROM_ORG(BANK);
	struct consent *c;
	r->rc = consent_create(&r->w->d, &r->a, r->d, &who, &c, &r->existed, &p);
	if (r->rc == RC_OK)
		r->event = c->events[0].id;
	return NULL;
}

static void test_create__has_one_winner(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct racer r[THREADS] = { 0 };
	size_t made = 0;
	for (size_t i = 0; i < THREADS; i++) {
		r[i].w = w;
		r[i].d = &d;
		CHECK(pthread_create(&r[i].thread, NULL, race_create, &r[i]) == 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		CHECK(pthread_join(r[i].thread, NULL) == 0);
		CHECK_RC(r[i].rc, RC_OK);
		CHECK(uuid_eq(r[i].event, r[0].event));
		made += !r[i].existed;
		arena_finish(&r[i].a);
	}
	assert_int_equal(made, 1);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_create__stores_the_request), CASE(test_create__for_others_needs_the_owners_scope),
       CASE(test_create__asks_the_policy), CASE(test_create__names_the_first_unknown_party),
       CASE(test_create__registers_unknown_numbers_when_told), CASE(test_create__accepts_party_uuids),
       CASE(test_create__collects_what_is_wrong_with_rights), CASE(test_create__refuses_wrong_resources),
       CASE(test_create__collects_by_every_rule_of_a_right), CASE(test_create__gathers_request_errors_last),
       CASE(test_create__keeps_to_the_longest_validity), CASE(test_create__redirects_where_the_clients_allow),
       CASE(test_create__answers_a_repeat_with_the_stored_request), CASE(test_create__is_refused_on_an_old_registry),
       CASE(test_create__has_one_winner))
