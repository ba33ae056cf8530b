#include "t.h"

#include "store/db.h"

static void test_db__drivers_by_scheme(void **state)
{
	(void)state;
	static const struct {
		const char *uri, *name;
	} t[] = { { "sqlite:/x", "sqlite" },
		  { "postgresql://h/d", "postgresql" },
		  { "postgres://h/d", "postgresql" },
		  { "fake:", "fake" } };
	const struct db_driver *d;
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK_RC(db_driver_for(t[i].uri, &d), RC_OK);
		assert_string_equal(d->name, t[i].name);
	}
	CHECK_RC(db_driver_for("mysql://h", &d), RC_NOT_FOUND);
	CHECK_RC(db_driver_for("", &d), RC_NOT_FOUND);
}

static void test_db__every_statement_has_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < SQL__MAX; i++) {
		const struct sql_text *t = &sql_texts[i];
		size_t marks = 0;
		CHECK(t->name && t->sql && t->sig);
		for (const char *p = t->sql; *p; p++)
			marks += *p == '?';
		if (marks != strlen(t->sig) || strspn(t->sig, "itbITB") != marks)
			fail_msg("%s: %zu parameters, signature %s", t->name, marks, t->sig);
	}
}

T_MAIN(cmocka_unit_test(test_db__drivers_by_scheme), cmocka_unit_test(test_db__every_statement_has_its_row))
