#include "t.h"

#include "store/rows.h"

struct row {
	int64_t number;
	bool flag;
	enum party_type type;
	struct str text;
	struct str bytes;
	struct uuid id;
	struct urn party;
};

static const struct col cols[] = {
	COL(struct row, number),      COL(struct row, flag), COL(struct row, type),  COL(struct row, text),
	COL_BYTES(struct row, bytes), COL(struct row, id),   COL(struct row, party),
};

static void test_rows__what_is_written_is_read(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const enum db_type types[LEN(cols)] = { DB_INT, DB_INT, DB_INT, DB_TEXT, DB_BLOB, DB_BLOB, DB_TEXT };
	const struct row in = { .number = INT64_MIN,
				.flag = true,
				.type = PARTY_ORG,
				.text = STR("æ"),
				.bytes = STR("\0\1"),
				.id = uuid_v4(),
				.party = { .kind = URN_ORG, .value = STR("810419512") } };
	struct db_val args[LEN(cols)];
	struct row out = { 0 };
	cols_args(&a, cols, LEN(cols), &in, args);
	for (size_t i = 0; i < LEN(cols); i++)
		assert_int_equal(args[i].type, types[i]);
	CHECK_STR(args[LEN(cols) - 1].s, STR("urn:altinn:organization:identifier-no:810419512"));
	CHECK_RC(cols_read(&a, cols, LEN(cols), args, &out), RC_OK);
	CHECK(out.number == in.number && out.flag && out.type == in.type);
	CHECK_STR(out.text, in.text);
	CHECK_STR(out.bytes, in.bytes);
	CHECK(uuid_eq(out.id, in.id) && urn_eq(out.party, in.party));
	CHECK(out.text.p != in.text.p);
}

static void test_rows__absent_is_null(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct row in = { 0 };
	struct db_val args[LEN(cols)];
	struct row out = { .id = uuid_v4(), .text = STR("x"), .bytes = STR("x") };
	cols_args(&a, cols, LEN(cols), &in, args);
	for (size_t i = 0; i < LEN(cols); i++)
		assert_int_equal(args[i].type, i < 3 ? DB_INT : DB_NULL);
	CHECK_RC(cols_read(&a, cols, LEN(cols), args, &out), RC_OK);
	CHECK(!out.text.p && !out.bytes.p && uuid_is_nil(out.id) && !out.party.value.p);
}

static void test_rows__a_value_that_the_store_cannot_have_written_fails(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const struct col id = COL(struct row, id), party = COL(struct row, party);
	const struct db_val bad_ids[] = { db_blob(STR("15 bytes are it")), db_text(STR("sixteen bytes it")),
					  db_int(1) };
	const struct db_val bad_party = db_text(STR("urn:altinn:organization:identifier-no:810419513"));
	struct row out;
	for (size_t i = 0; i < LEN(bad_ids); i++)
		CHECK_RC(cols_read(&a, &id, 1, &bad_ids[i], &out), RC_FAIL);
	CHECK_RC(cols_read(&a, &party, 1, &bad_party, &out), RC_FAIL);
}

static void test_rows__arguments_fit_their_statement(void **state)
{
	(void)state;
	const struct db_val bytes = db_blob(STR("0123456789abcdef")), number = db_int(1), text = db_text(STR("x"));
	const struct db_val fit[] = { bytes, number, number }, swapped[] = { number, bytes, number },
			    worded[] = { bytes, text, number }, absent[] = { DB_VAL_NULL, number, number };
	CHECK(db_args_fit(SQL_consents_of, fit, 3)); /* "bii" */
	CHECK(db_args_fit(SQL_consents_of, absent, 3));
	CHECK(!db_args_fit(SQL_consents_of, fit, 2));
	CHECK(!db_args_fit(SQL_consents_of, swapped, 3));
	CHECK(!db_args_fit(SQL_consents_of, worded, 3));
	CHECK(!db_args_fit(SQL_version, fit, 1));
	CHECK(db_args_fit(SQL_version, NULL, 0));
}

T_MAIN(cmocka_unit_test(test_rows__what_is_written_is_read), cmocka_unit_test(test_rows__absent_is_null),
       cmocka_unit_test(test_rows__a_value_that_the_store_cannot_have_written_fails),
       cmocka_unit_test(test_rows__arguments_fit_their_statement))
