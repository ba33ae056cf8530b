#include "consent_world.h"

#include "consent/internal.h"

#include <pthread.h>

static enum rc decide(struct world *w, struct uuid id, enum consent_status to, struct consent **out, struct problems *p)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	*p = PROBLEMS(&w->a);
	return consent_decide(&w->d, &w->a, id, &who, to, STR("nb"), out, p);
}

static struct consent *reread(struct world *w, struct uuid id)
{
	struct problems p = PROBLEMS(&w->a);
	struct org_caller who = FROM_ORG(BANK);
	struct consent *c;
	CHECK_RC(consent_show(&w->d, &w->a, id, &who, &c, &p), RC_OK);
	return c;
}

static void expire(const struct draft *d)
{
	clock_set_offset(d->valid_to - clock_real() + CLOCK_HOUR);
}

static void test_decide__accept_freezes_what_was_shown(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income");
	draft_meta(&w->a, d.rights, STR("year"), STR("2025"));
	(void)world_consent(w, &d);
	struct person_caller who = { .party = w->elena->uuid, .level = 3 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	CHECK_RC(consent_decide(&w->d, &w->a, d.id, &who, ST_ACCEPTED, STR("nn"), &c, &p), RC_OK);
	struct consent *read = reread(w, d.id);
	assert_int_equal(c->status, ST_ACCEPTED);
	assert_int_equal(read->status, ST_ACCEPTED);
	assert_int_equal(c->n_events, 2);
	assert_int_equal(read->n_events, 2);
	CHECK(uuid_eq(c->events[1].id, read->events[1].id) && uuid_eq(c->last_event, read->last_event));
	assert_int_equal(read->events[1].type, EV_ACCEPTED);
	assert_int_equal(c->events[1].type, EV_ACCEPTED);
	CHECK_STR(urn_str(&w->a, read->events[1].performed_by), STR("urn:altinn:person:identifier-no:" ELENA));
	CHECK(c->answered == read->answered && read->answered != 0);
	CHECK_STR(c->consented_text, read->consented_text);
	char text[CLOCK_TEXT_MAX];
	CHECK_STR(read->consented_text, clock_text(read->answered, text));
	CHECK_STR(read->shown_language, STR("nn"));
	CHECK_STR(read->shown_sha256, c->shown_sha256);
	assert_int_equal(read->shown_sha256.n, 64);
}

static void test_decide__keeps_numbers_from_a_requester_that_has_none(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct problems p;
	struct consent *c;
	d.from = uuid_urn(&w->a, ELENA_UUID);
	(void)world_consent(w, &d);
	CHECK_RC(decide(w, d.id, ST_ACCEPTED, &c, &p), RC_OK);
	CHECK_STR(urn_str(&w->a, c->events[1].performed_by), STR("urn:altinn:party:uuid:" ELENA_UUID));
	CHECK_STR(urn_str(&w->a, reread(w, d.id)->events[1].performed_by), STR("urn:altinn:party:uuid:" ELENA_UUID));
}

#define NONE PROB__MAX
struct cell {
	enum consent_status from; /* reached by legal moves */
	bool expired;
	enum consent_status action;
	enum problem_code want; /* NONE: RC_OK */
};
static const struct cell cells[] = {
	// clang-format off
	{ ST_CREATED,  false, ST_ACCEPTED, NONE },
	{ ST_CREATED,  false, ST_REJECTED, NONE },
	{ ST_CREATED,  false, ST_REVOKED,  PROB_REVOKE_STATUS },
	{ ST_CREATED,  true,  ST_ACCEPTED, PROB_VALIDATION },
	{ ST_CREATED,  true,  ST_REJECTED, NONE },
	{ ST_CREATED,  true,  ST_REVOKED,  PROB_REVOKE_STATUS },
	{ ST_ACCEPTED, false, ST_ACCEPTED, NONE },
	{ ST_ACCEPTED, false, ST_REJECTED, PROB_REJECT_STATUS },
	{ ST_ACCEPTED, false, ST_REVOKED,  NONE },
	{ ST_ACCEPTED, true,  ST_ACCEPTED, PROB_VALIDATION },
	{ ST_ACCEPTED, true,  ST_REJECTED, PROB_REJECT_STATUS },
	{ ST_ACCEPTED, true,  ST_REVOKED,  NONE },
	{ ST_REJECTED, false, ST_ACCEPTED, PROB_WRONG_STATUS },
	{ ST_REJECTED, false, ST_REJECTED, NONE },
	{ ST_REJECTED, false, ST_REVOKED,  PROB_REVOKE_STATUS },
	{ ST_REJECTED, true,  ST_ACCEPTED, PROB_VALIDATION },
	{ ST_REJECTED, true,  ST_REJECTED, NONE },
	{ ST_REJECTED, true,  ST_REVOKED,  PROB_REVOKE_STATUS },
	{ ST_REVOKED,  false, ST_ACCEPTED, PROB_WRONG_STATUS },
	{ ST_REVOKED,  false, ST_REJECTED, PROB_REJECT_STATUS },
	{ ST_REVOKED,  false, ST_REVOKED,  NONE },
	{ ST_REVOKED,  true,  ST_ACCEPTED, PROB_VALIDATION },
	{ ST_REVOKED,  true,  ST_REJECTED, PROB_REJECT_STATUS },
	{ ST_REVOKED,  true,  ST_REVOKED,  NONE },
	// clang-format on
};

static size_t bring_to(struct world *w, struct uuid id, enum consent_status status)
{
	struct problems p;
	struct consent *c;
	if (status == ST_CREATED)
		return 1;
	if (status == ST_REVOKED) {
		CHECK_RC(decide(w, id, ST_ACCEPTED, &c, &p), RC_OK);
		CHECK_RC(decide(w, id, ST_REVOKED, &c, &p), RC_OK);
		return 3;
	}
	CHECK_RC(decide(w, id, status, &c, &p), RC_OK);
	return 2;
}

static void check_cell(struct world *w, const struct cell *cell)
{
	struct draft d = draft_of(&w->a, "tax");
	struct problems p;
	struct consent *c;
	(void)world_consent(w, &d);
	size_t events = bring_to(w, d.id, cell->from);
	if (cell->expired)
		expire(&d);
	enum rc rc = decide(w, d.id, cell->action, &c, &p);
	clock_set_offset(0);
	struct consent *read = reread(w, d.id);
	if (cell->want != NONE) {
		CHECK_RC(rc, RC_INVALID);
		CHECK_PROBLEMS(&p, cell->want);
		if (cell->want == PROB_VALIDATION)
			assert_int_equal(p.items[0].validations[0].code, VLD_FUTURE);
		assert_int_equal(read->status, cell->from);
		assert_int_equal(read->n_events, events);
		return;
	}
	CHECK_RC(rc, RC_OK);
	assert_int_equal(p.n, 0);
	assert_int_equal(c->status, cell->action);
	assert_int_equal(read->status, cell->action);
	assert_int_equal(read->n_events, events + (cell->from != cell->action));
	assert_int_equal(c->n_events, read->n_events);
}

static void test_decide__every_cell_of_the_lifecycle(void **state)
{
	for (size_t i = 0; i < LEN(cells); i++)
		check_cell(*state, &cells[i]);
}

static void test_decide__only_the_person_asked(void **state)
{
	struct world *w = *state;
	struct draft plain = draft_of(&w->a, "tax"), org = draft_of(&w->a, "tax"), named = draft_of(&w->a, "tax");
	org.from = ORG(BANK);
	named.required_delegator = PERSON(OTHER);
	(void)world_consent(w, &plain);
	(void)world_consent(w, &org);
	(void)world_consent(w, &named);
	const struct {
		struct uuid id, party;
		enum rc want;
	} rows[] = {
		{ plain.id, w->elena->uuid, RC_OK },         { plain.id, w->other->uuid, RC_DENIED },
		{ plain.id, w->bank->uuid, RC_DENIED },      { plain.id, { { 0 } }, RC_DENIED },
		{ org.id, w->elena->uuid, RC_DENIED },       { org.id, w->bank->uuid, RC_DENIED },
		{ named.id, w->elena->uuid, RC_DENIED },     { named.id, w->other->uuid, RC_DENIED },
		{ uuid_v4(), w->elena->uuid, RC_NOT_FOUND },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct person_caller who = { .party = rows[i].party, .level = 4 };
		struct problems p = PROBLEMS(&w->a), q = PROBLEMS(&w->a);
		struct consent *c;
		CHECK_RC(consent_open(&w->d, &w->a, rows[i].id, &who, &c, &p), rows[i].want);
		CHECK_RC(consent_decide(&w->d, &w->a, rows[i].id, &who, ST_REJECTED, STR("nb"), &c, &q), rows[i].want);
		if (rows[i].want == RC_OK)
			continue;
		enum problem_code code = rows[i].want == RC_DENIED ? PROB_NOT_AUTHORIZED : PROB_NOT_FOUND;
		CHECK_PROBLEMS(&p, code);
		CHECK_PROBLEMS(&q, code);
	}
}

static void test_decide__needs_the_policys_level(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	(void)draft_right(&w->a, &d, "high");
	(void)world_consent(w, &d);
	struct person_caller who = { .party = w->elena->uuid, .level = 3 };
	struct problems shown = PROBLEMS(&w->a), told = PROBLEMS(&w->a), p = PROBLEMS(&w->a);
	struct consent *c;
	CHECK_RC(consent_open(&w->d, &w->a, d.id, &who, &c, &shown), RC_DENIED);
	CHECK_PROBLEMS(&shown, PROB_NOT_AUTHORIZED);
	assert_int_equal(shown.level, 4);
	CHECK_RC(consent_details(&w->d, &w->a, d.id, &who, &c, &told), RC_DENIED);
	assert_int_equal(told.level, 4);
	CHECK_RC(consent_decide(&w->d, &w->a, d.id, &who, ST_ACCEPTED, STR("nb"), &c, &p), RC_DENIED);
	CHECK_PROBLEMS(&p, PROB_NOT_AUTHORIZED);
	assert_int_equal(p.level, 4);
	who.level = 4;
	CHECK_RC(consent_decide(&w->d, &w->a, d.id, &who, ST_ACCEPTED, STR("nb"), &c, &p), RC_OK);
}

static void test_decide__open_derives_expired(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	(void)world_consent(w, &d);
	expire(&d);
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	CHECK_RC(consent_open(&w->d, &w->a, d.id, &who, &c, &p), RC_OK);
	assert_int_equal(c->n_events, 2);
	assert_int_equal(c->events[1].type, EV_EXPIRED);
	assert_int_equal(c->status, ST_CREATED);
	CHECK(consent_expired(c));
	CHECK_RC(consent_open_page(&w->d, &w->a, d.id, &who, &c, &p), RC_OK);
	CHECK(c->n_events == 0 && c->status == ST_CREATED && consent_expired(c));
}

static void test_decide__unknown_language_is_shown_in_the_first(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	(void)world_consent(w, &d);
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	CHECK_RC(consent_decide(&w->d, &w->a, d.id, &who, ST_ACCEPTED, STR("tlh"), &c, &p), RC_OK);
	CHECK_STR(c->shown_language, STR("nb"));
}

#define THREADS 16
struct racer {
	pthread_t thread;
	struct world *w;
	struct uuid id;
	enum consent_status to, end;
	struct arena a;
	enum rc rc;
	struct problems p;
};

static void *race_decide(void *arg)
{
	struct racer *r = arg;
	struct person_caller who = { .party = r->w->elena->uuid, .level = 4 };
	struct consent *c;
	r->p = PROBLEMS(&r->a);
	r->rc = consent_decide(&r->w->d, &r->a, r->id, &who, r->to, STR("nb"), &c, &r->p);
	if (r->rc == RC_OK)
		r->end = c->status;
	return NULL;
}

static void race(struct world *w, size_t n, enum consent_status even, enum consent_status odd)
{
	struct draft d = draft_of(&w->a, "tax");
	struct racer r[THREADS] = { 0 };
	(void)world_consent(w, &d);
	for (size_t i = 0; i < n; i++) {
		r[i].w = w;
		r[i].id = d.id;
		r[i].to = i % 2 ? odd : even;
		CHECK(pthread_create(&r[i].thread, NULL, race_decide, &r[i]) == 0);
	}
	for (size_t i = 0; i < n; i++)
		CHECK(pthread_join(r[i].thread, NULL) == 0);
	struct consent *c = reread(w, d.id);
	CHECK(c->status == even || c->status == odd);
	assert_int_equal(c->n_events, 2);
	for (size_t i = 0; i < n; i++) {
		if (r[i].to == c->status) {
			CHECK_RC(r[i].rc, RC_OK);
			assert_int_equal(r[i].end, c->status);
		} else {
			CHECK_RC(r[i].rc, RC_INVALID);
			CHECK_PROBLEMS(&r[i].p, r[i].to == ST_ACCEPTED ? PROB_WRONG_STATUS : PROB_REJECT_STATUS);
		}
		arena_finish(&r[i].a);
	}
}

static void test_decide__races_have_one_winner(void **state)
{
	for (int i = 0; i < 10; i++) {
		race(*state, 2, ST_ACCEPTED, ST_ACCEPTED);
		race(*state, 2, ST_ACCEPTED, ST_REJECTED);
		race(*state, THREADS, ST_ACCEPTED, ST_REJECTED);
	}
}

static void apply_by_api(struct world *w, struct str json)
{
	struct seed_report report = { .a = &w->a, .faults = BUF(&w->a), .changes = BUF(&w->a) };
	struct seed_options o = { 0 };
	CHECK_RC(registry_stored_version(&w->d.registry, &o.registry_version), RC_OK);
	enum rc rc = seed_apply(w->store, &w->a, json, &o, &report);
	if (rc != RC_OK)
		fail_msg("seed: %s\n%.*s", rc_name(rc), STR_FMT(buf_str(&report.faults)));
	assert_int_equal(report.n_changes, 1);
}

/* An acceptance was decided on a snapshot that is old by now. Changes of what it did not use leave it alone. */
static void test_decide__is_stale_when_what_it_used_changes(void **state)
{
	struct world *w = *state;
	static const char first[] = RESOURCE("moving", "default", "{}", "false");
	static const char other[] = RESOURCE("still", "default", "{}", "false");
	struct str second = arena_str(&w->a, str_of(first));
	struct draft d = draft_of(&w->a, "moving"), rejected = draft_of(&w->a, "moving");
	struct problems p;
	struct consent *c;
	bool changed;
	((char *)(uintptr_t)second.p)[str_find(second, STR("\"versionId\":1")) + 12] = '2';
	world_apply(w, arena_fmt(&w->a, "{\"resources\":[%s]}", first));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	(void)world_consent(w, &d);
	(void)world_consent(w, &rejected);
	apply_by_api(w, STR("{\"clients\":[{\"clientId\":\"c\",\"orgno\":\"" BANK "\",\"scopes\":[],"
			    "\"jwks\":{\"keys\":[]}}]}"));
	apply_by_api(w, arena_fmt(&w->a, "{\"resources\":[%s]}", other));
	CHECK_RC(decide(w, d.id, ST_ACCEPTED, &c, &p), RC_OK);
	apply_by_api(w, arena_fmt(&w->a, "{\"resources\":[%.*s]}", STR_FMT(second)));
	CHECK_RC(decide(w, rejected.id, ST_REJECTED, &c, &p), RC_STALE);
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	CHECK_RC(decide(w, rejected.id, ST_REJECTED, &c, &p), RC_OK);
	CHECK_RC(decide(w, d.id, ST_REVOKED, &c, &p), RC_OK);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
static void test_decide__what_may_have_been_done(void **state)
{
	(void)state;
	static const struct {
		enum rc rc, after;
	} rows[] = {
		{ RC_OK, RC_OK },          { RC_INVALID, RC_INVALID }, { RC_DENIED, RC_DENIED },
		{ RC_BUSY, RC_UNCERTAIN }, { RC_STALE, RC_UNCERTAIN }, { RC_FAIL, RC_UNCERTAIN },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CHECK_RC(consent_outcome(false, rows[i].rc), rows[i].rc);
		CHECK_RC(consent_outcome(true, rows[i].rc), rows[i].after);
	}
}

T_MAIN(cmocka_unit_test(test_decide__what_may_have_been_done), CASE(test_decide__accept_freezes_what_was_shown),
       CASE(test_decide__keeps_numbers_from_a_requester_that_has_none), CASE(test_decide__every_cell_of_the_lifecycle),
       CASE(test_decide__only_the_person_asked), CASE(test_decide__needs_the_policys_level),
       CASE(test_decide__open_derives_expired), CASE(test_decide__unknown_language_is_shown_in_the_first),
       CASE(test_decide__races_have_one_winner), CASE(test_decide__is_stale_when_what_it_used_changes))
