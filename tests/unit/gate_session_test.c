#include "gate_kit.h"

static const struct uuid party = { { 1 } }, consent = { { 2 } };

static const struct login_result nb = { .party = { { 1 } }, .level = 4, .lang = LANG_NB };

static struct str cookie_value(struct str set_cookie)
{
	struct str head, rest, name, value;
	str_cut(set_cookie, ';', &head, &rest);
	str_cut(head, '=', &name, &value);
	return value;
}

static struct str cookie_line(struct str code)
{
	return arena_fmt(&kit.a, "%s=%.*s", session_cookie_name(&(struct http_req){ .checks = &kit.gate }),
			 STR_FMT(code));
}

static struct str login_from(struct http_req *req)
{
	struct http_res *res = kit_res();
	CHECK_RC(session_start(req, res,
			       &(struct login_result){ party, 4, LANG_NN, STR("s"), 77, STR("idporten-loa-high") }),
		 RC_OK);
	return cookie_value(kit_res_header(res, "Set-Cookie"));
}

static struct http_req *with(enum http_method method, struct str code)
{
	return kit_req(method, "Cookie", cookie_line(code));
}

static struct session *row_of(struct str code)
{
	return row_find(jose_sha256(&kit.a, code));
}

static void reset(void)
{
	kit.n_rows = 0;
	kit.touches = 0;
	kit.gate.secure_cookies = false;
	kit.route.scope = NULL;
}

static void test_session__cookie(void **state)
{
	(void)state;
	reset();
	struct http_res *res = kit_res();
	CHECK_RC(session_start(kit_req(HTTP_GET, NULL, STR_NONE), res, &nb), RC_OK);
	struct str line = kit_res_header(res, "Set-Cookie");
	CHECK(str_starts(line, STR("samtykke=")));
	CHECK(str_ends(line, STR("; Path=/; HttpOnly; SameSite=Lax")));
	CHECK(code_shaped(cookie_value(line)));
	kit.gate.secure_cookies = true;
	res = kit_res();
	CHECK_RC(session_start(kit_req(HTTP_GET, NULL, STR_NONE), res, &nb), RC_OK);
	line = kit_res_header(res, "Set-Cookie");
	CHECK(str_starts(line, STR("__Host-samtykke=")));
	CHECK(str_ends(line, STR("; Path=/; HttpOnly; SameSite=Lax; Secure")));
}

static void test_session__found(void **state)
{
	(void)state;
	reset();
	struct str code = login_from(kit_req(HTTP_GET, NULL, STR_NONE));
	struct http_req *req = with(HTTP_GET, code);
	struct http_res *res = kit_res();
	CHECK_RC(gate_person(req, res), RC_OK);
	assert_int_equal(res->status, 0);
	assert_int_equal(req_caller(req)->kind, CALLER_PERSON_SESSION);
	assert_int_equal(req_caller(req)->person.level, 4);
	CHECK(uuid_eq(req_caller(req)->person.party, party));
	CHECK_STR(req_caller(req)->person.acr, STR("idporten-loa-high"));
	CHECK_STR(req_caller(req)->person.provider, STR("https://login.example"));
	CHECK_STR(req_caller(req)->session->language, STR("nn"));
	CHECK(!row_find(code)); /* the code itself is stored nowhere */
	res = kit_res();
	CHECK_RC(gate_person(with(HTTP_GET, rand_code(&kit.a, SESSION_CODE_BYTES)), res), RC_ANSWERED);
	assert_int_equal(res->status, 401);
}

static void test_session__ends(void **state)
{
	(void)state;
	static const struct {
		int64_t created_s, seen_s;
		bool live;
	} rows[] = {
		{ 0, 0, true },
		{ SESSION_IDLE_S - 1, SESSION_IDLE_S - 1, true },
		{ SESSION_IDLE_S, SESSION_IDLE_S, false },
		{ SESSION_MAX_S - 1, 10, true },
		{ SESSION_MAX_S, 10, false },
		{ -CLOCK_SKEW_S + 2, -CLOCK_SKEW_S + 2, true },
		{ -CLOCK_SKEW_S - 1, 0, false }, /* made while the clock was ahead */
		{ 10, -CLOCK_SKEW_S - 1, false },
	};
	int64_t now = clock_real();
	for (size_t i = 0; i < LEN(rows); i++) {
		struct session s = { .created = now - rows[i].created_s * CLOCK_SECOND,
				     .last_seen = now - rows[i].seen_s * CLOCK_SECOND };
		assert_int_equal(session_live(&s, now), rows[i].live);
		s.leaving = consent;
		CHECK(!session_live(&s, now));
	}
}

static void test_session__ends_on_real_time(void **state)
{
	(void)state;
	reset();
	struct session *s;
	struct str code = login_from(kit_req(HTTP_GET, NULL, STR_NONE));
	clock_set_offset(30 * CLOCK_DAY);
	CHECK_RC(session_find(with(HTTP_GET, code), &s), RC_OK);
	clock_set_offset(0);
	row_of(code)->last_seen -= SESSION_IDLE_S * CLOCK_SECOND;
	CHECK_RC(session_find(with(HTTP_GET, code), &s), RC_NOT_FOUND);
}

static void test_session__touched_once_a_minute(void **state)
{
	(void)state;
	reset();
	struct session *s;
	struct str code = login_from(kit_req(HTTP_GET, NULL, STR_NONE));
	CHECK_RC(session_find(with(HTTP_GET, code), &s), RC_OK);
	assert_int_equal(kit.touches, 0);
	row_of(code)->last_seen -= 61 * CLOCK_SECOND;
	CHECK_RC(session_find(with(HTTP_GET, code), &s), RC_OK);
	CHECK_RC(session_find(with(HTTP_GET, code), &s), RC_OK);
	assert_int_equal(kit.touches, 1);
}

static void test_session__rotated_at_login(void **state)
{
	(void)state;
	reset();
	struct str first = login_from(kit_req(HTTP_GET, NULL, STR_NONE));
	struct str second = login_from(with(HTTP_GET, first));
	CHECK(!str_eq(first, second));
	CHECK(!row_of(first));
	CHECK(row_of(second));
}

static void test_session__left(void **state)
{
	(void)state;
	reset();
	struct uuid where;
	struct http_res *res = kit_res();
	struct str code = login_from(kit_req(HTTP_GET, NULL, STR_NONE));
	struct http_req *req = with(HTTP_GET, code);
	CHECK_RC(session_after(req, res, &where), RC_OK); /* nobody left yet: a link to the last page ends nothing */
	CHECK(uuid_is_nil(where) && row_of(code) && !kit_res_header(res, "Set-Cookie").p);
	CHECK_RC(gate_page(req, res), RC_OK);
	CHECK_RC(session_leave(req, consent), RC_OK);
	CHECK_RC(gate_page(req, res), RC_OK);
	CHECK(!req_caller(req));
	for (int i = 0; i < 3; i++) { /* a reload, a second tap */
		CHECK_RC(session_after(req, res, &where), RC_OK);
		CHECK(uuid_eq(where, consent) && row_of(code) && !kit_res_header(res, "Set-Cookie").p);
	}
	row_of(code)->created -= SESSION_MAX_S * CLOCK_SECOND; /* counts from when it was left, not from the login */
	row_of(code)->last_seen -= (SESSION_LEFT_S - 1) * CLOCK_SECOND;
	CHECK_RC(session_after(req, res, &where), RC_OK);
	CHECK(uuid_eq(where, consent));
	row_of(code)->last_seen -= CLOCK_SECOND;
	CHECK_RC(session_after(req, res, &where), RC_OK);
	CHECK(uuid_is_nil(where) && !row_of(code));
	CHECK(str_find(kit_res_header(res, "Set-Cookie"), STR("Max-Age=0")) > 0);
	CHECK_RC(session_after(req, res, &where), RC_OK);
	CHECK(uuid_is_nil(where));
}

/* The way back belongs to the person who answered: the next login of the browser ends it. */
static void test_session__left_ends_with_the_next_login(void **state)
{
	(void)state;
	reset();
	struct uuid where;
	struct str code = login_from(kit_req(HTTP_GET, NULL, STR_NONE));
	struct http_req *req = with(HTTP_GET, code);
	CHECK_RC(gate_page(req, kit_res()), RC_OK);
	CHECK_RC(session_leave(req, consent), RC_OK);
	struct str next = login_from(with(HTTP_GET, code));
	CHECK(!row_of(code) && row_of(next));
	CHECK_RC(session_after(with(HTTP_GET, code), kit_res(), &where), RC_OK);
	CHECK(uuid_is_nil(where));
	CHECK_RC(session_after(with(HTTP_GET, next), kit_res(), &where), RC_OK);
	CHECK(uuid_is_nil(where) && row_of(next));
}

static void test_session__fresh_as_long_as_the_login_is_young(void **state)
{
	(void)state;
	reset();
	static const struct {
		int64_t most_s, age_s;
		bool want;
	} rows[] = { { 0, 7000, true }, { 60, 50, true }, { 60, 70, false } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct http_req *req = kit_req(HTTP_POST, NULL, STR_NONE);
		struct session s = { .auth_time = clock_real() - rows[i].age_s * CLOCK_SECOND };
		kit.gate.login_fresh_s = rows[i].most_s;
		CHECK(session_fresh(req)); /* nobody, and tokens, are not held to it */
		CHECK_RC(session_caller(req, &s), RC_OK);
		CHECK(session_fresh(req) == rows[i].want);
		s.auth_time = 0; /* not known */
		CHECK(session_fresh(req) == (rows[i].most_s == 0));
	}
	kit.gate.login_fresh_s = 0;
}

static void test_session__logins_under_way_share_a_cookie(void **state)
{
	(void)state;
	reset();
	struct http_req *req = kit_req(HTTP_GET, NULL, STR_NONE);
	struct http_res *res = kit_res();
	CHECK(!login_browser_hash(req).p);
	struct str code = login_browser(req, res);
	struct str line = kit_res_header(res, "Set-Cookie");
	CHECK_STR(cookie_value(line), code);
	CHECK(str_ends(line, STR("; Path=/; HttpOnly; SameSite=Lax")));
	req = kit_req(HTTP_GET, "Cookie", arena_fmt(&kit.a, "samtykke-login=%.*s", STR_FMT(code)));
	res = kit_res();
	CHECK_STR(login_browser(req, res), code);
	CHECK(!kit_res_header(res, "Set-Cookie").p);
	CHECK_STR(login_browser_hash(req), jose_sha256(&kit.a, code));
	req = kit_req(HTTP_GET, "Cookie", STR("samtykke-login=short"));
	CHECK(!login_browser_hash(req).p);
}

/* A change whose end is not known is made again. It is uncertain only when that one is, too. */
static void test_session__an_uncertain_change_is_repeated(void **state)
{
	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		reset();
		kit.lost = lost;
		kit.uncertain = 1;
		struct str code = login_from(kit_req(HTTP_GET, NULL, STR_NONE));
		CHECK(row_of(code) && kit.n_rows == 1);
		struct http_req *req = with(HTTP_POST, code);
		CHECK_RC(session_caller(req, row_of(code)), RC_OK);
		kit.uncertain = 1;
		CHECK_RC(session_leave(req, consent), RC_OK);
		CHECK(uuid_eq(row_of(code)->leaving, consent));
		kit.uncertain = 1;
		CHECK_RC(session_leave(req, (struct uuid){ { 0 } }), RC_OK);
		CHECK(!row_of(code));
		kit.uncertain = 2;
		CHECK_RC(session_start(kit_req(HTTP_GET, NULL, STR_NONE), kit_res(), &nb), RC_UNCERTAIN);
	}
	kit.uncertain = 0;
}

KIT_MAIN(cmocka_unit_test(test_session__an_uncertain_change_is_repeated), cmocka_unit_test(test_session__cookie),
	 cmocka_unit_test(test_session__fresh_as_long_as_the_login_is_young),
	 cmocka_unit_test(test_session__logins_under_way_share_a_cookie), cmocka_unit_test(test_session__found),
	 cmocka_unit_test(test_session__ends), cmocka_unit_test(test_session__ends_on_real_time),
	 cmocka_unit_test(test_session__left_ends_with_the_next_login),
	 cmocka_unit_test(test_session__touched_once_a_minute), cmocka_unit_test(test_session__rotated_at_login),
	 cmocka_unit_test(test_session__left))
