#include "consent_world.h"

#include "consent/org_lists.h"

static struct consent *asked(struct world *w, enum consent_origin origin, const char *service)
{
	struct draft d = draft_of(&w->a, "tax");
	d.origin = origin;
	d.rights->right.service = str_of(service);
	return world_consent(w, &d);
}

static void decide(struct world *w, const struct consent *c, enum consent_status to)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *out;
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, to, STR("nb"), &out, &p), RC_OK);
}

static void take_back(struct world *w, const struct consent *c)
{
	struct org_caller who = FROM_ORG(BANK);
	struct problems p = PROBLEMS(&w->a);
	struct consent *out;
	CHECK_RC(consent_delete(&w->d, &w->a, c->id, &who, &out, &p), RC_OK);
}

/* All pages; returns how many consents came. Their keys are in `keys`, which has room for 32. */
static size_t read_all(struct world *w, const char *orgno, struct request_query q, int64_t keys[32])
{
	struct org_caller who = { .consumer = str_of(orgno) };
	struct request_page page = { .more = true };
	struct list_mark before = { 0, 0 };
	size_t n = 0;
	while (page.more) {
		CHECK_RC(consent_requests_of(&w->d, &w->a, &who, &q, &page), RC_OK);
		CHECK(page.n <= q.limit);
		for (size_t i = 0; i < page.n; i++) {
			struct list_mark at = { request_changed(page.items[i]), page.items[i]->key };
			CHECK(list_mark_cmp(at, before) > 0 && n < 32);
			before = at;
			keys[n++] = page.items[i]->key;
		}
		q.after = page.end;
	}
	return n;
}

static void test_requests__of_all_states_in_one_order(void **state)
{
	struct world *w = *state;
	struct consent *c[7];
	int64_t keys[32];
	for (size_t i = 0; i < LEN(c); i++)
		c[i] = asked(w, i % 2 ? ORIGIN_ALTINN2 : ORIGIN_ALTINN2_LINK, "4628_210607");
	(void)asked(w, ORIGIN_ALTINN3, NULL);
	decide(w, c[4], ST_ACCEPTED);
	decide(w, c[0], ST_REJECTED);
	consent_opened(&w->d, &w->a, c[2]);
	decide(w, c[5], ST_ACCEPTED);
	decide(w, c[5], ST_REVOKED);
	take_back(w, c[3]);
	for (size_t limit = 1; limit < 9; limit++)
		assert_int_equal(read_all(w, BANK, (struct request_query){ .outgoing = true, .limit = limit }, keys),
				 6);
	static const struct {
		unsigned states;
		size_t want;
	} rows[] = { { 1U << REQUEST_UNOPENED, 2 },
		     { 1U << REQUEST_OPENED, 1 },
		     { 1U << REQUEST_ACCEPTED, 2 },
		     { 1U << REQUEST_REJECTED, 1 },
		     { 1U << REQUEST_REJECTED | 1U << REQUEST_ACCEPTED, 3 } };
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(
			read_all(w, BANK,
				 (struct request_query){ .outgoing = true, .states = rows[i].states, .limit = 2 },
				 keys),
			rows[i].want);
	const struct request_query in = { .incoming = true, .limit = 5 };
	assert_int_equal(read_all(w, BANK, in, keys), 0);
	const struct request_query out = { .outgoing = true, .limit = 5 };
	assert_int_equal(read_all(w, LENDER, out, keys), 0);
	assert_int_equal(read_all(w, NOBODY, out, keys), 0);
}

static void test_requests__of_one_service(void **state)
{
	struct world *w = *state;
	int64_t keys[32];
	for (size_t i = 0; i < 6; i++)
		(void)asked(w, ORIGIN_ALTINN2, i % 3 ? "4804_210607" : "4628_210607");
	struct request_query q = { .outgoing = true, .incoming = true, .service = STR("4628_210607"), .limit = 1 };
	assert_int_equal(read_all(w, BANK, q, keys), 2);
	q.service = STR("4628_21060");
	assert_int_equal(read_all(w, BANK, q, keys), 0);
}

static void test_requests__limits(void **state)
{
	struct world *w = *state;
	struct org_caller who = FROM_ORG(BANK);
	struct request_query q = { .outgoing = true };
	struct request_page page;
	CHECK_RC(consent_requests_of(&w->d, &w->a, &who, &q, &page), RC_TOO_LARGE);
	q.limit = REQUESTS_PAGE_MAX + 1;
	CHECK_RC(consent_requests_of(&w->d, &w->a, &who, &q, &page), RC_TOO_LARGE);
	q.limit = REQUESTS_PAGE_MAX;
	CHECK_RC(consent_requests_of(&w->d, &w->a, &who, &q, &page), RC_OK);
}

static size_t listed(struct world *w, bool active, bool revoked, size_t limit)
{
	struct owner_query q = { .resource = STR("tax"), .active = active, .revoked = revoked, .limit = limit };
	struct owner_page page = { .more = true };
	struct list_mark before = { 0, 0 };
	size_t n = 0;
	while (page.more) {
		CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_OK);
		CHECK(page.n <= limit);
		for (size_t i = 0; i < page.n; i++, n++) {
			const struct listed_row *row = &page.items[i];
			CHECK(list_mark_cmp(row->changed, before) > 0);
			CHECK(row->ended ? revoked : active);
			CHECK_STR(row->from.ident, STR(ELENA));
			CHECK_STR(row->to.ident, STR(BANK));
			CHECK(row->from.type == PARTY_PERSON && row->to.type == PARTY_ORG);
			before = q.after = row->changed;
		}
	}
	return n;
}

static void test_owner_list__accepted_ones_by_state(void **state)
{
	struct world *w = *state;
	struct consent *c[6];
	for (size_t i = 0; i < LEN(c); i++) {
		c[i] = asked(w, ORIGIN_ALTINN2, "4628_210607");
		if (i)
			decide(w, c[i], i == 5 ? ST_REJECTED : ST_ACCEPTED);
	}
	struct consent *other = asked(w, ORIGIN_ALTINN3, NULL); /* of a resource that no extension lists */
	decide(w, other, ST_ACCEPTED);
	decide(w, c[2], ST_REVOKED);
	take_back(w, c[1]);
	for (size_t limit = 1; limit < 6; limit++) {
		assert_int_equal(listed(w, true, false, limit), 2);
		assert_int_equal(listed(w, false, true, limit), 2);
		assert_int_equal(listed(w, true, true, limit), 4);
		assert_int_equal(listed(w, false, false, limit), 0);
	}
	clock_set_offset(c[3]->valid_to - clock_real() + CLOCK_HOUR);
	assert_int_equal(listed(w, true, true, 5), 0);
}

/* As an extension has it that lists the consents to one resource. */
static void compile_nothing(void *part, struct arena *a, struct str key, const struct js *v)
{
	(void)part;
	(void)a;
	(void)key;
	(void)v;
}

static bool mapped(const void *part, struct str resource)
{
	(void)part;
	return str_is(resource, "income");
}
static const struct registry_part part = {
	.kind = "testMapped", .size = 1, .compile = compile_nothing, .mapped = mapped
};

static int extended_setup(void **state)
{
	static bool extended;
	if (!extended)
		registry_extend(&part);
	extended = true;
	return world_setup(state);
}

static void test_owner_list__has_consents_of_altinn_3_to_a_mapped_resource(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income"), both = draft_of(&w->a, "income");
	draft_meta(&w->a, d.rights, STR("year"), STR("2025"));
	draft_meta(&w->a, both.rights, STR("year"), STR("2025"));
	(void)draft_right(&w->a, &both, "tax");
	decide(w, world_consent(w, &d), ST_ACCEPTED);
	struct consent *two = world_consent(w, &both);
	decide(w, two, ST_ACCEPTED);
	struct owner_query q = { .resource = STR("income"), .active = true, .limit = 5 };
	struct owner_page page;
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_OK);
	assert_int_equal(page.n, 2);
	q.resource = STR("tax");
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_OK);
	assert_int_equal(page.n, 0);
	take_back(w, two);
	q = (struct owner_query){ .resource = STR("income"), .revoked = true, .limit = 5 };
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_OK);
	assert_int_equal(page.n, 1);
	CHECK(uuid_eq(page.items[0].id, two->id));
}

static void test_owner_list__limits(void **state)
{
	struct world *w = *state;
	struct owner_query q = { .resource = STR("tax"), .active = true };
	struct owner_page page;
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_TOO_LARGE);
	q.limit = OWNER_LIST_MAX + 1;
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_TOO_LARGE);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_requests__of_all_states_in_one_order), CASE(test_requests__of_one_service),
       CASE(test_requests__limits), CASE(test_owner_list__accepted_ones_by_state), CASE(test_owner_list__limits),
       cmocka_unit_test_setup_teardown(test_owner_list__has_consents_of_altinn_3_to_a_mapped_resource, extended_setup,
				       world_teardown))
