#include "consent_world.h"

static enum rc take_back(struct world *w, struct uuid id, const char *orgno, struct problems *p)
{
	struct org_caller who = { .consumer = str_of(orgno) };
	struct consent *c;
	*p = PROBLEMS(&w->a);
	return consent_delete(&w->d, &w->a, id, &who, &c, p);
}

static enum rc decide(struct world *w, struct uuid id, enum consent_status to, struct problems *p)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct consent *c;
	*p = PROBLEMS(&w->a);
	return consent_decide(&w->d, &w->a, id, &who, to, STR("nb"), &c, p);
}

static struct consent *shown(struct world *w, struct uuid id)
{
	struct problems p = PROBLEMS(&w->a);
	struct org_caller who = FROM_ORG(BANK);
	struct consent *c;
	CHECK_RC(consent_show(&w->d, &w->a, id, &who, &c, &p), RC_OK);
	return c;
}

static void check_end(struct world *w, struct uuid id, enum consent_status status, size_t n, enum event_type last)
{
	struct consent *c = shown(w, id);
	assert_int_equal(c->status, status);
	assert_int_equal(c->n_events, n);
	const struct event *e = &c->events[n - 1];
	assert_int_equal(e->type, last);
	CHECK_STR(urn_str(&w->a, e->performed_by), STR("urn:altinn:organization:identifier-no:" BANK));
	CHECK(uuid_eq(e->performed_by_uuid, w->bank->uuid) && uuid_eq(c->last_event, e->id));
}

static void test_giveback__a_pending_request_is_gone_for_who_answers(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct problems p;
	(void)world_consent(w, &d);
	CHECK_RC(take_back(w, d.id, BANK, &p), RC_OK);
	CHECK_RC(take_back(w, d.id, BANK, &p), RC_OK);
	check_end(w, d.id, ST_DELETED, 2, EV_DELETED);
	CHECK_RC(decide(w, d.id, ST_ACCEPTED, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_WRONG_STATUS);
	CHECK_RC(decide(w, d.id, ST_REJECTED, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_REJECT_STATUS);
	CHECK_RC(decide(w, d.id, ST_REVOKED, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_REVOKE_STATUS);
	struct consent *c;
	p = PROBLEMS(&w->a);
	CHECK_RC(consent_lookup(&w->d, &w->a, d.id, PERSON(ELENA), ORG(BANK), &c, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_NOT_ACCEPTED);
}

static void test_giveback__a_consent_is_given_back_also_after_its_end(void **state)
{
	struct world *w = *state;
	for (int expired = 0; expired < 2; expired++) {
		struct draft d = draft_of(&w->a, "tax");
		struct problems p;
		(void)world_consent(w, &d);
		CHECK_RC(decide(w, d.id, ST_ACCEPTED, &p), RC_OK);
		if (expired)
			clock_set_offset(d.valid_to - clock_real() + CLOCK_HOUR);
		CHECK_RC(take_back(w, d.id, BANK, &p), RC_OK);
		CHECK_RC(take_back(w, d.id, BANK, &p), RC_OK);
		clock_set_offset(0);
		check_end(w, d.id, ST_REVOKED, 3, EV_REVOKED);
	}
}

static void test_giveback__what_is_over_already_stays_as_it_is(void **state)
{
	struct world *w = *state;
	struct draft gone = draft_of(&w->a, "tax"), no = draft_of(&w->a, "tax");
	struct problems p;
	(void)world_consent(w, &gone);
	(void)world_consent(w, &no);
	CHECK_RC(decide(w, gone.id, ST_ACCEPTED, &p), RC_OK);
	CHECK_RC(decide(w, gone.id, ST_REVOKED, &p), RC_OK);
	CHECK_RC(decide(w, no.id, ST_REJECTED, &p), RC_OK);
	CHECK_RC(take_back(w, gone.id, BANK, &p), RC_OK);
	assert_int_equal(shown(w, gone.id)->n_events, 3);
	CHECK_RC(take_back(w, no.id, BANK, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_REJECT_STATUS);
}

static void test_giveback__only_for_who_asked(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct problems p;
	(void)world_consent(w, &d);
	CHECK_RC(take_back(w, d.id, LENDER, &p), RC_DENIED);
	CHECK_PROBLEMS(&p, PROB_NOT_AUTHORIZED);
	CHECK_RC(take_back(w, uuid_v4(), BANK, &p), RC_NOT_FOUND);
	CHECK_PROBLEMS(&p, PROB_NOT_FOUND);
	assert_int_equal(shown(w, d.id)->status, ST_CREATED);
}

static void test_opened__is_noted_once_for_altinn_2(void **state)
{
	struct world *w = *state;
	struct draft old = draft_of(&w->a, "tax"), new = draft_of(&w->a, "tax");
	old.origin = ORIGIN_ALTINN2;
	old.keep_session = true;
	old.rights->right.service = STR("4628_210607");
	(void)world_consent(w, &old);
	(void)world_consent(w, &new);
	struct consent *c = shown(w, old.id), *d = shown(w, new.id);
	CHECK(c->origin == ORIGIN_ALTINN2 && c->keep_session && c->opened == 0);
	CHECK_STR(c->rights->service, STR("4628_210607"));
	consent_opened(&w->d, &w->a, c);
	consent_opened(&w->d, &w->a, d);
	int64_t first = c->opened;
	CHECK(first > 0 && d->opened == 0 && d->origin == ORIGIN_ALTINN3);
	c->opened = 0; /* of another visitor, who read it before */
	consent_opened(&w->d, &w->a, c);
	CHECK(shown(w, old.id)->opened == first && shown(w, new.id)->opened == 0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_giveback__a_pending_request_is_gone_for_who_answers),
       CASE(test_giveback__a_consent_is_given_back_also_after_its_end),
       CASE(test_giveback__what_is_over_already_stays_as_it_is), CASE(test_giveback__only_for_who_asked),
       CASE(test_opened__is_noted_once_for_altinn_2))
