#include "seed_kit.h"

/* What happens to the writes that follow: `left` of them reach the store, then one has the result `then`. */
static int left = -1;
static enum rc then;
static int written;
static const char *registered; /* a person whom somebody else registers before the next write */
enum rc __real_store_apply(struct store *s, struct change *c, bool bump);
enum rc __wrap_store_apply(struct store *s, struct change *c, bool bump);
enum rc __wrap_store_apply(struct store *s, struct change *c, bool bump)
{
	if (registered) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct change *other = change_new(&a);
		const struct party p = { .type = PARTY_PERSON, .ident = str_of(registered) };
		registered = NULL;
		change_party(other, &p);
		CHECK_RC(__real_store_apply(s, other, false), RC_OK);
	}
	if (left == 0)
		return then;
	left -= left > 0;
	written++;
	return __real_store_apply(s, c, bump);
}

static struct str orgno_at(struct arena *a, size_t i)
{
	for (unsigned digit = 0; digit < 10; digit++) {
		struct str s = arena_fmt(a, "%08zu%u", 50000000 + i, digit);
		if (model_orgno_valid(s))
			return s;
	}
	return STR_NONE;
}

/* So many organisations. more: further members of each. */
static struct str population(struct arena *a, size_t n, const char *more)
{
	struct buf b = BUF(a);
	size_t made = 0;
	buf_lit(&b, "{\"parties\":[");
	for (size_t i = 0; made < n; i++) {
		struct str orgno = orgno_at(a, i);
		if (orgno.n)
			buf_fmt(&b, "%s{\"type\":\"organization\",\"organizationNumber\":\"%.*s\"%s}",
				made++ ? "," : "", STR_FMT(orgno), more);
	}
	buf_lit(&b, "]}");
	return buf_str(&b);
}

static size_t lines(struct str text)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

static struct seed_options with(bool dry_run)
{
	return (struct seed_options){ .sandbox = true, .dry_run = dry_run };
}

/* Few rows are one change with a new version. More are several of which only the last has one: the others take nothing
 * from anybody. */
static void test_seed_write__rows_of_one_change(void **state)
{
	(void)state;
	static const struct {
		size_t rows;
		int changes, versions;
	} cases[] = { { SEED_CHUNK, 1, 1 }, { SEED_CHUNK + 1, 2, 1 }, { 3 * SEED_CHUNK, 3, 1 } };
	for (size_t i = 0; i < LEN(cases); i++) {
		struct kit k;
		kit_open(&k, STORE_SANDBOX);
		int64_t version = kit_version(&k);
		written = 0;
		kit_apply(&k, population(&k.a, cases[i].rows, ""));
		assert_int_equal(written, cases[i].changes);
		assert_int_equal(kit_version(&k), version + cases[i].versions);
		assert_int_equal(k.report.n_changes, cases[i].rows);
		/* What others may have decided on changes with a version each time. */
		version = kit_version(&k);
		written = 0;
		kit_apply(&k, population(&k.a, cases[i].rows, ",\"name\":\"N\""));
		assert_int_equal(kit_version(&k), version + written);
		kit_apply(&k, population(&k.a, cases[i].rows, ",\"state\":\"absent\""));
		assert_int_equal(kit_version(&k), version + written);
		kit_apply(&k, population(&k.a, 1, ",\"state\":\"absent\""));
		assert_int_equal(k.report.n_changes, 0);
		kit_close(&k);
	}
}

struct told {
	struct buf b;
	int times;
};

static void tell(void *ctx, struct str text)
{
	struct told *t = ctx;
	buf_add(&t->b, text);
	t->times++;
}

/* The report has what was written. A dry run tells what is left, and the next run does it. */
static void test_seed_write__what_was_interrupted_is_finished(void **state)
{
	(void)state;
	static const enum rc results[] = { RC_BUSY, RC_UNCERTAIN };
	size_t n = 4 * SEED_CHUNK;
	for (size_t i = 0; i < LEN(results); i++) {
		struct kit k;
		kit_open(&k, STORE_SANDBOX);
		struct told told = { .b = BUF(&k.a) };
		struct seed_options o = with(false);
		o.written = tell;
		o.written_ctx = &told;
		struct str json = population(&k.a, n, "");
		left = 2;
		then = results[i];
		CHECK_RC(kit_try(&k, json, o), results[i]);
		left = -1;
		assert_int_equal(lines(buf_str(&told.b)), 2 * SEED_CHUNK);
		assert_int_equal(told.times, 2);
		CHECK_RC(kit_try(&k, json, with(true)), RC_OK);
		assert_int_equal(k.report.n_changes, n - 2 * SEED_CHUNK);
		kit_apply(&k, json);
		assert_int_equal(k.report.n_changes, n - 2 * SEED_CHUNK);
		kit_apply(&k, json);
		assert_int_equal(k.report.n_changes, 0);
		kit_close(&k);
	}
}

/* Whoever writes meanwhile: the rest is planned again, and the report has all of it once. */
static void test_seed_write__others_write_meanwhile(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	struct told told = { .b = BUF(&k.a) };
	struct seed_options o = with(false);
	o.written = tell;
	o.written_ctx = &told;
	kit_apply(&k, population(&k.a, 3 * SEED_CHUNK, ""));
	left = 1;
	then = RC_STALE;
	CHECK_RC(kit_try(&k, population(&k.a, 3 * SEED_CHUNK, ",\"name\":\"N\""), o), RC_STALE);
	left = -1;
	assert_int_equal(k.report.n_changes, SEED_CHUNK);
	CHECK_RC(kit_try(&k, population(&k.a, 3 * SEED_CHUNK, ",\"name\":\"N\""), o), RC_OK);
	assert_int_equal(lines(buf_str(&told.b)), 3 * SEED_CHUNK);
	kit_close(&k);
}

/* A person who logs in while the document is at work keeps what the login has given; roles are the person's. */
static void test_seed_write__a_party_that_was_registered_meanwhile(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	struct str pid = STR("01025161013");
	struct party *found[1];
	registered = "01025161013";
	kit_apply(&k, json_q(&k.a, WORLD));
	CHECK(has_line(buf_str(&k.report.changes), "~ party 01025161013"));
	CLEANUP(reader_closep) struct reader *r = NULL;
	CHECK_RC(reader_open(k.store, false, &r), RC_OK);
	CHECK_RC(parties_by_ident(r, &k.a, &pid, 1, found, NULL), RC_OK);
	CHECK_STR(found[0]->name, STR("ELENA FJÆR"));
	reader_closep(&r);
	r = NULL;
	kit_apply(&k, json_q(&k.a, WORLD)); /* whose role is known */
	assert_int_equal(k.report.n_changes, 0);
	kit_close(&k);
}

/* Numbers that the document names are not given to others of it. */
static void test_seed_write__numbers(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k,
		  json_q(&k.a, "{'parties':["
			       "{'type':'organization','organizationNumber':'991825827'},"
			       "{'type':'person','nationalId':'01025161013'},"
			       "{'type':'organization','organizationNumber':'810419512','partyId':50000001},"
			       "{'type':'person','nationalId':'05857420189','partyId':50000003,'userId':20000001}]}"));
	struct str out = kit_export(&k);
	static const char *const want[] = { "\"partyId\":50000002,\"type\":\"organization\"",
					    "\"partyId\":50000004,\"userId\":20000002", "\"partyId\":50000001",
					    "\"partyId\":50000003,\"userId\":20000001" };
	for (size_t i = 0; i < LEN(want); i++)
		if (str_find(out, str_of(want[i])) < 0)
			fail_msg("%s is not in %.*s", want[i], STR_FMT(out));
	kit_close(&k);
}

/* In whatever order they come, and with as many steps as there are. */
static void test_seed_write__main_units_first(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, "{'parties':["
				   "{'type':'organization','organizationNumber':'991825827',"
				   "'parent':'urn:altinn:organization:identifier-no:810419512'},"
				   "{'type':'organization','organizationNumber':'810419512',"
				   "'parent':'urn:altinn:organization:identifier-no:810418192'},"
				   "{'type':'organization','organizationNumber':'810418192'}]}"));
	CHECK_STR(buf_str(&k.report.changes), STR("+ party 810418192\n+ party 810419512\n+ party 991825827\n"));
	kit_close(&k);
}

/* The last entry of a large document is wrong: nothing of it is written. */
static void test_seed_write__faults_come_before_the_first_change(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	struct str json = population(&k.a, 2 * SEED_CHUNK, ""), before = kit_export(&k);
	json = arena_fmt(&k.a, "%.*s,\"scopes\":[{\"scope\":\"x\",\"owner\":\"1\"}]}", (int)json.n - 1, json.p);
	CHECK_RC(kit_try(&k, json, with(false)), RC_INVALID);
	CHECK_STR(kit_export(&k), before);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed_write__rows_of_one_change),
       cmocka_unit_test(test_seed_write__what_was_interrupted_is_finished),
       cmocka_unit_test(test_seed_write__others_write_meanwhile),
       cmocka_unit_test(test_seed_write__a_party_that_was_registered_meanwhile),
       cmocka_unit_test(test_seed_write__numbers), cmocka_unit_test(test_seed_write__main_units_first),
       cmocka_unit_test(test_seed_write__faults_come_before_the_first_change))
