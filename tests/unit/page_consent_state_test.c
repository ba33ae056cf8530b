#include "web_kit.h"

#include "page/consent_state.h"

static void test_consent_state__of_each_status(void **state)
{
	(void)state;
	static const struct {
		enum consent_status status;
		bool expired, used;
		const char *kind; /* NULL: it can be answered */
		enum msg heading, agreement;
	} rows[] = {
		{ ST_CREATED, false, false, NULL, 0, 0 },
		{ ST_CREATED, true, false, "warning", MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED },
		{ ST_ACCEPTED, false, false, "success", MSG_ALREADY_APPROVED, MSG_STATUS_ACTIVE },
		{ ST_ACCEPTED, true, false, "warning", MSG_STATUS_EXPIRED, MSG_STATUS_EXPIRED },
		{ ST_ACCEPTED, false, true, "warning", MSG_STATUS_USED, MSG_STATUS_USED },
		{ ST_ACCEPTED, true, true, "warning", MSG_STATUS_USED, MSG_STATUS_USED },
		{ ST_REJECTED, false, false, "info", MSG_ALREADY_REJECTED, MSG_ALREADY_REJECTED },
		{ ST_REJECTED, true, false, "info", MSG_ALREADY_REJECTED, MSG_ALREADY_REJECTED },
		{ ST_REVOKED, true, false, "info", MSG_ALREADY_REVOKED, MSG_ALREADY_REVOKED },
		{ ST_DELETED, false, false, "warning", MSG_ALREADY_DELETED, MSG_ALREADY_DELETED },
		{ ST_EXPIRED, true, false, "warning", MSG_EXPIRED_UNANSWERED, MSG_EXPIRED_UNANSWERED },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent c = { .status = rows[i].status, .used = rows[i].used ? clock_now() : 0 };
		c.valid_to = clock_now() + (rows[i].expired ? -1 : 1) * CLOCK_DAY;
		const struct consent_state *found = consent_state_of(&c);
		CHECK((found == NULL) == (rows[i].kind == NULL));
		if (!found)
			continue;
		assert_string_equal(found->kind, rows[i].kind);
		assert_int_equal(found->heading, rows[i].heading);
		assert_int_equal(agreement_state_of(&c)->heading, rows[i].agreement);
	}
}

/* Only an answer elsewhere explains a refusal; anything else the consent's own state says. */
static void test_consent_state__crossed(void **state)
{
	struct world *w = *state;
	static const struct {
		enum problem_code code;
		enum consent_status wanted;
		enum msg heading; /* MSG__MAX: none */
	} rows[] = {
		{ PROB_WRONG_STATUS, ST_ACCEPTED, MSG_APPROVE_ERROR },
		{ PROB_REJECT_STATUS, ST_REJECTED, MSG_REJECT_ERROR },
		{ PROB_EXPIRED, ST_ACCEPTED, MSG__MAX },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct problems problems = PROBLEMS(&w->a);
		CHECK(!consent_state_crossed(&problems, rows[i].wanted));
		(void)problems_add(&problems, rows[i].code, STR_NONE);
		const struct consent_state *found = consent_state_crossed(&problems, rows[i].wanted);
		CHECK(found ? found->heading == rows[i].heading : rows[i].heading == MSG__MAX);
	}
}

T_MAIN(cmocka_unit_test(test_consent_state__of_each_status), CASE(test_consent_state__crossed))
