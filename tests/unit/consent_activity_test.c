#include "consent_world.h"

#include "consent/activity.h"
#include "consent/internal.h"

static struct consent *requested(struct world *w, const char *resource, const struct org_caller *who)
{
	struct draft d = draft_of(&w->a, resource);
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	bool existed;
	d.view_mode = VIEW_SHOW;
	CHECK_RC(consent_create(&w->d, &w->a, &d, who, &c, &existed, &p), RC_OK);
	return c;
}

static void answer(struct world *w, const struct consent *c, enum consent_status to)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *answered;
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, to, STR("nb"), &answered, &p), RC_OK);
}

static struct consent *given(struct world *w, const char *resource)
{
	struct consent *c = requested(w, resource, &FROM_ORG(BANK));
	answer(w, c, ST_ACCEPTED);
	return c;
}

static void fetch(struct world *w, const struct consent *c, const char *consumer, const char *supplier)
{
	uint8_t guard[32];
	rand_bytes(guard, sizeof guard);
	struct token_row t = { .id = uuid_v4(),
			       .client_id = STR("x"),
			       .guard = str_span(guard, sizeof guard),
			       .consumer = str_of(consumer),
			       .supplier = supplier ? str_of(supplier) : STR_NONE,
			       .issued = clock_now() };
	world_token(w, c, &t);
	CHECK_RC(tokens_insert(w->store, &w->a, &t), RC_OK);
}

static void use(struct world *w, const struct consent *c, const char *resource, const char *reference)
{
	struct use_report u = { .id = c->id, .resource = str_of(resource) };
	struct org_caller who = { .consumer = STR(AGENCY) };
	struct problems p = PROBLEMS(&w->a);
	struct use_event e;
	bool existed;
	u.reference = reference ? str_of(reference) : STR_NONE;
	CHECK_RC(consent_use(&w->d, &w->a, &u, &who, &e, &existed, &p), RC_OK);
}

static enum rc log_try(struct world *w, const struct party *reader, const struct activity_query *q,
		       struct activity_page *out)
{
	struct person_caller who = { .party = reader->uuid, .level = 4 };
	return activity_log(&w->d, &w->a, &who, q, out);
}

static struct activity_page log_of(struct world *w, struct activity_query q)
{
	struct activity_page page;
	q.party = w->elena->uuid;
	CHECK_RC(log_try(w, w->elena, &q, &page), RC_OK);
	return page;
}

/* Exactly these kinds, newest first, ended by ACTIVITY__MAX. */
static void check_kinds(const struct activity *items, size_t n, const enum activity_kind *want)
{
	size_t i = 0;
	for (; want[i] != ACTIVITY__MAX; i++)
		if (i >= n || items[i].kind != want[i])
			fail_msg("entry %zu: %d, want %d", i, i < n ? (int)items[i].kind : -1, (int)want[i]);
	assert_int_equal(n, i);
}
#define CHECK_KINDS(items, n, ...)                                                                                     \
	check_kinds((items), (n), (const enum activity_kind[]){ __VA_ARGS__ __VA_OPT__(, ) ACTIVITY__MAX })

static void test_activity__each_kind(void **state)
{
	struct world *w = *state;
	(void)requested(w, "tax", &FROM_ORG(BANK)); /* a request is none */
	answer(w, requested(w, "tax", &FROM_ORG(BANK)), ST_REJECTED);
	answer(w, given(w, "tax"), ST_REVOKED);
	struct consent *c = given(w, "tax");
	fetch(w, c, BANK, NULL);
	use(w, c, "tax", "sak 7");
	struct activity_page page = log_of(w, (struct activity_query){ 0 });
	CHECK_KINDS(page.items, page.n, ACTIVITY_USED, ACTIVITY_TOKEN, ACTIVITY_ACCEPTED, ACTIVITY_REVOKED,
		    ACTIVITY_ACCEPTED, ACTIVITY_REJECTED);
	CHECK(!page.more);
	CHECK_STR(page.items[0].reference, STR("sak 7"));
	CHECK_STR(page.items[0].resource_title.text, STR("Tittel tax"));
	CHECK_STR(page.items[0].by_orgno, STR(AGENCY));
	CHECK_STR(page.items[1].by_orgno, STR(BANK));
	CHECK(!page.items[1].reference.p && !page.items[2].by_orgno.p);
	CHECK_STR(page.items[2].to_orgno, STR(BANK));
}

/* A consent that was withdrawn or used up before its end does not expire. */
static void test_activity__an_end_counts_once(void **state)
{
	struct world *w = *state;
	static const enum activity_kind ends = ACTIVITY_EXPIRED;
	struct activity_query q = { .kinds = 1u << ends };
	(void)given(w, "tax");
	answer(w, given(w, "tax"), ST_REVOKED);
	use(w, given(w, "once"), "once", NULL);
	assert_int_equal(log_of(w, q).n, 0);
	clock_set_offset(6 * CLOCK_DAY);
	struct activity_page page = log_of(w, q);
	CHECK_KINDS(page.items, page.n, ACTIVITY_EXPIRED);
	CHECK(page.items[0].at == page.items[0].consent->valid_to);
}

static void test_activity__filters(void **state)
{
	struct world *w = *state;
	struct org_caller lender = FROM_ORG(LENDER);
	struct draft d = draft_of(&w->a, "fixed");
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	bool existed;
	d.to = ORG(LENDER);
	d.redirect_url = STR("https://lender.example/");
	CHECK_RC(consent_create(&w->d, &w->a, &d, &lender, &c, &existed, &p), RC_OK);
	answer(w, c, ST_ACCEPTED);
	fetch(w, given(w, "tax"), BANK, SUPPLIER);
	static const struct {
		const char *text;
		unsigned kinds;
		size_t n;
	} rows[] = {
		{ NULL, 0, 3 },
		{ NULL, 1u << ACTIVITY_TOKEN, 1 },
		{ NULL, 1u << ACTIVITY_ACCEPTED, 2 },
		{ NULL, 1u << ACTIVITY_ACCEPTED | 1u << ACTIVITY_TOKEN, 3 },
		{ NULL, 1u << ACTIVITY_DELETED, 0 },
		{ "smekkFULL", 0, 2 },
		{ "låN", 0, 1 },
		{ "tittel TAX", 0, 2 },
		{ "fjær", 0, 2 }, /* the person who answered */
		{ LENDER, 0, 1 },
		{ "810 418 192", 0, 1 }, /* the supplier that fetched */
		{ "91019414", 0, 0 },    /* part of a number */
		{ "fjær", 1u << ACTIVITY_TOKEN, 0 },
		{ "none such", 0, 0 },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct activity_query q = { .kinds = rows[i].kinds };
		q.text = rows[i].text ? str_of(rows[i].text) : STR_NONE;
		size_t n = log_of(w, q).n;
		if (n != rows[i].n)
			fail_msg("\"%s\", kinds %x: %zu entries, want %zu", rows[i].text ? rows[i].text : "",
				 rows[i].kinds, n, rows[i].n);
	}
}

static void test_activity__pages_hold_all_once(void **state)
{
	struct world *w = *state;
	struct consent *c = given(w, "tax");
	for (size_t i = 0; i < CONSENT_LIST_PAGE; i++)
		fetch(w, c, BANK, NULL);
	struct activity_query q = { 0 };
	struct activity_page first = log_of(w, q);
	CHECK(first.n == CONSENT_LIST_PAGE && first.more);
	q.before = first.next;
	struct activity_page last = log_of(w, q);
	CHECK_KINDS(last.items, last.n, ACTIVITY_ACCEPTED);
	CHECK(!last.more);
	q = (struct activity_query){ .kinds = 1u << ACTIVITY_TOKEN };
	first = log_of(w, q);
	CHECK(first.n == CONSENT_LIST_PAGE);
	CHECK(first.items[0].at >= first.items[CONSENT_LIST_PAGE - 1].at);
}

static void test_activity__refusals(void **state)
{
	struct world *w = *state;
	struct activity_query q = { .party = w->elena->uuid };
	struct activity_page page;
	struct buf text = BUF(&w->a);
	CHECK_RC(log_try(w, w->other, &q, &page), RC_DENIED);
	for (size_t i = 0; i < CONSENT_MAX_SEARCH; i++)
		buf_c(&text, 'x');
	q.text = buf_str(&text);
	CHECK_RC(log_try(w, w->elena, &q, &page), RC_OK);
	buf_c(&text, 'x');
	q.text = buf_str(&text);
	CHECK_RC(log_try(w, w->elena, &q, &page), RC_INVALID);
}

static void test_activity__of_one_consent_oldest_first(void **state)
{
	struct world *w = *state;
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c = given(w, "tax"), *details;
	struct activity *entries;
	size_t n;
	fetch(w, c, BANK, NULL);
	fetch(w, c, BANK, SUPPLIER);
	use(w, c, "tax", NULL);
	fetch(w, given(w, "tax"), BANK, NULL); /* of another one */
	clock_set_offset(6 * CLOCK_DAY);
	CHECK_RC(consent_details(&w->d, &w->a, c->id, &who, &details, &p), RC_OK);
	CHECK_RC(activity_of_consent(&w->d, &w->a, details, LANG_EN, &entries, &n), RC_OK);
	CHECK_KINDS(entries, n, ACTIVITY_CREATED, ACTIVITY_ACCEPTED, ACTIVITY_TOKEN, ACTIVITY_TOKEN, ACTIVITY_USED,
		    ACTIVITY_EXPIRED);
	CHECK_STR(entries[2].by_orgno, STR(BANK));
	CHECK_STR(entries[3].by_orgno, STR(SUPPLIER));
	CHECK_STR(entries[4].resource_title.text, STR("Title tax"));
	for (size_t i = 1; i < n; i++)
		CHECK(entries[i - 1].at <= entries[i].at);
}

static void test_activity__titles_fall_back(void **state)
{
	struct world *w = *state;
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&w->d.registry);
	struct consent *c = given(w, "tax");
	struct right *right = c->rights;
	struct localized title = activity_resource_title(reg, &w->a, c, STR("tax"), LANG_EN);
	CHECK_STR(title.text, STR("Title tax"));
	CHECK(title.lang == LANG_EN);
	title = activity_resource_title(reg, &w->a, c, STR("income"), LANG_EN); /* of another consent */
	CHECK_STR(title.text, STR("income"));
	right->version = STR("77"); /* this version is gone */
	title = activity_resource_title(reg, &w->a, c, STR("tax"), LANG_NN);
	CHECK_STR(title.text, STR("tax"));
	CHECK(title.lang == LANG_NN);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
T_MAIN(CASE(test_activity__each_kind), CASE(test_activity__an_end_counts_once), CASE(test_activity__filters),
       CASE(test_activity__pages_hold_all_once), CASE(test_activity__refusals),
       CASE(test_activity__of_one_consent_oldest_first), CASE(test_activity__titles_fall_back))
