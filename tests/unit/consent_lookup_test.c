#include "consent_world.h"

static struct uuid accepted(struct world *w, struct draft *d)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	(void)world_consent(w, d);
	CHECK_RC(consent_decide(&w->d, &w->a, d->id, &who, ST_ACCEPTED, STR("nb"), &c, &p), RC_OK);
	return d->id;
}

static enum rc decided(struct world *w, struct uuid id, enum consent_status to)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	return consent_decide(&w->d, &w->a, id, &who, to, STR("nb"), &c, &p);
}

static enum rc lookup(struct world *w, struct uuid id, struct urn from, struct urn to, struct problems *p)
{
	struct consent *c;
	*p = PROBLEMS(&w->a);
	return consent_lookup(&w->d, &w->a, id, from, to, &c, p);
}

static void test_lookup__says_all_that_is_wrong(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax"), open = draft_of(&w->a, "tax"), no = draft_of(&w->a, "tax");
	struct uuid id = accepted(w, &d);
	struct problems p;
	(void)world_consent(w, &open);
	(void)world_consent(w, &no);
	CHECK_RC(decided(w, no.id, ST_REJECTED), RC_OK);
	CHECK_RC(lookup(w, id, PERSON(ELENA), ORG(BANK), &p), RC_OK);
	CHECK_RC(lookup(w, id, uuid_urn(&w->a, ELENA_UUID), ORG(BANK), &p), RC_OK);
	CHECK_RC(lookup(w, uuid_v4(), PERSON(STRANGER), ORG(NOBODY), &p), RC_NOT_FOUND);
	CHECK_PROBLEMS(&p, PROB_NOT_FOUND);
	CHECK_RC(lookup(w, id, PERSON(ELENA), ORG(SUPPLIER), &p), RC_NOT_FOUND);
	CHECK_PROBLEMS(&p, PROB_NOT_FOUND);
	CHECK_RC(lookup(w, id, PERSON(OTHER), ORG(BANK), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_FROM_MISMATCH);
	CHECK_RC(lookup(w, open.id, PERSON(OTHER), ORG(SUPPLIER), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_NOT_FOUND, PROB_FROM_MISMATCH, PROB_NOT_ACCEPTED);
	CHECK_RC(lookup(w, open.id, PERSON(ELENA), ORG(BANK), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_NOT_ACCEPTED);
	CHECK_RC(lookup(w, no.id, PERSON(ELENA), ORG(BANK), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_NOT_ACCEPTED);
	CHECK_RC(lookup(w, id, PERSON(STRANGER), ORG(BANK), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_UNKNOWN_PERSON);
	CHECK_STR(p.items[0].key, STR("urn:altinn:person:identifier-no:" STRANGER));
	CHECK_RC(lookup(w, id, PERSON(ELENA), ORG(NOBODY), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_UNKNOWN_ORG);
	clock_set_offset(6 * CLOCK_DAY);
	CHECK_RC(lookup(w, id, PERSON(ELENA), ORG(BANK), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_EXPIRED);
	CHECK_RC(lookup(w, open.id, PERSON(ELENA), ORG(BANK), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_EXPIRED, PROB_NOT_ACCEPTED);
	CHECK_RC(decided(w, id, ST_REVOKED), RC_OK);
	CHECK_RC(lookup(w, id, PERSON(ELENA), ORG(BANK), &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_EXPIRED, PROB_REVOKED);
}

static void test_lookup__the_handler_may_ask(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct org_caller agency = { .consumer = STR(AGENCY), .has_org_scope = true };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	bool existed;
	d.from = uuid_urn(&w->a, ELENA_UUID);
	d.to = uuid_urn(&w->a, BANK_UUID);
	CHECK_RC(consent_create(&w->d, &w->a, &d, &agency, &c, &existed, &p), RC_OK);
	CHECK_RC(decided(w, d.id, ST_ACCEPTED), RC_OK);
	CHECK_RC(consent_lookup(&w->d, &w->a, d.id, PERSON(ELENA), ORG(AGENCY), &c, &p), RC_OK);
	/* what leaves is the number, and the receiver stays the stored one */
	CHECK_STR(urn_str(&w->a, c->to), STR("urn:altinn:organization:identifier-no:" BANK));
	CHECK_STR(urn_str(&w->a, c->from), STR("urn:altinn:person:identifier-no:" ELENA));
}

static void test_lookup__show_is_for_receiver_and_handler(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct org_caller who = { .consumer = STR(BANK), .supplier = STR(SUPPLIER) };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	bool existed;
	CHECK_RC(consent_create(&w->d, &w->a, &d, &who, &c, &existed, &p), RC_OK);
	static const struct {
		const char *orgno;
		enum rc want;
	} rows[] = { { BANK, RC_OK }, { SUPPLIER, RC_OK }, { AGENCY, RC_DENIED }, { NOBODY, RC_DENIED } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct org_caller reader = { .consumer = str_of(rows[i].orgno) };
		p = PROBLEMS(&w->a);
		CHECK_RC(consent_show(&w->d, &w->a, d.id, &reader, &c, &p), rows[i].want);
		if (rows[i].want == RC_DENIED)
			CHECK_PROBLEMS(&p, PROB_NOT_AUTHORIZED);
	}
	p = PROBLEMS(&w->a);
	CHECK_RC(consent_show(&w->d, &w->a, uuid_v4(), &who, &c, &p), RC_NOT_FOUND);
	CHECK_PROBLEMS(&p, PROB_NOT_FOUND);
	clock_set_offset(6 * CLOCK_DAY);
	CHECK_RC(consent_show(&w->d, &w->a, d.id, &who, &c, &p), RC_OK);
	assert_int_equal(c->n_events, 2);
	assert_int_equal(c->events[1].type, EV_EXPIRED);
	assert_int_equal(c->status, ST_CREATED);
}

static void test_lookup__claims_are_what_was_stored(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct consent c = { .from = PERSON(ELENA), .to = ORG(BANK) };
	CHECK_RC(uuid_parse(STR("77ed8698-4a5e-4f95-9fd7-95b08d3f2a23"), &c.id), RC_OK);
	c.consented_text = STR("2026-05-04T10:34:39.676924+00:00");
	c.valid_to_text = STR("2026-08-01T10:34:34.836+00:00");
	CHECK_RC(rights_parse(&a,
			      STR("[{\"action\":[\"consent\"],\"resource\":[{\"type\":\"urn:altinn:resource\","
				  "\"value\":\"fiktiv\",\"version\":\"4\"}],\"metadata\":{\"År\":\"2025\"}},"
				  "{\"action\":[\"read\",\"consent\"],\"resource\":[{\"type\":\"x\",\"value\":\"y\","
				  "\"version\":\"1\"}],\"metadata\":null}]"),
			      &c.rights),
		 RC_OK);
	struct buf b = BUF(&a);
	struct jsw w = JSW(&b);
	jsw_arr(&w);
	consent_claims(&w, &c);
	jsw_end_arr(&w);
	CHECK_STR(
		buf_str(&b),
		STR("[{\"type\":\"urn:altinn:consent\",\"id\":\"77ed8698-4a5e-4f95-9fd7-95b08d3f2a23\","
		    "\"from\":\"urn:altinn:person:identifier-no:" ELENA "\","
		    "\"to\":{\"authority\":\"iso6523-actorid-upis\",\"ID\":\"0192:" BANK "\"},"
		    "\"consented\":\"2026-05-04T10:34:39.676924+00:00\",\"validTo\":\"2026-08-01T10:34:34.836+00:00\","
		    "\"consentRights\":[{\"action\":[\"consent\"],\"resource\":[{\"type\":\"urn:altinn:resource\","
		    "\"value\":\"fiktiv\"}],\"metadata\":{\"År\":\"2025\"}},{\"action\":[\"read\",\"consent\"],"
		    "\"resource\":[{\"type\":\"x\",\"value\":\"y\"}]}]}]"));
	arena_finish(&a);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_lookup__says_all_that_is_wrong), CASE(test_lookup__the_handler_may_ask),
       CASE(test_lookup__show_is_for_receiver_and_handler), cmocka_unit_test(test_lookup__claims_are_what_was_stored))
