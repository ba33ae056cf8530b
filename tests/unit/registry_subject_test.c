#include "registry/subject.h"

#include "publish_kit.h"
#include "store/committer.h"

/* "kind name" of each subject that the change names, parted by "; ". */
static struct str named(struct arena *a, const struct change *c)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < c->n_ops; i++) {
		const struct db_op *op = &c->ops[i];
		assert_int_equal(op->stmt, SQL_subject_touch);
		if (i)
			buf_lit(&b, "; ");
		buf_add(&b, op->args[0].s);
		buf_c(&b, ' ');
		buf_add(&b, op->args[1].s);
	}
	return buf_str(&b);
}

static void test_subject__entries_concern(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *key, *before, *after, *named;
	} rows[] = {
		{ "resource", "r", NULL, "{}", "resource r" },
		{ "client", "c", NULL, "{'orgno':'1'}", "client c; clientsOf 1" },
		{ "client", "c", "{'orgno':'1'}", "{'orgno':'2'}", "client c; clientsOf 1; clientsOf 2" },
		{ "client", "c", "{'orgno':'1'}", NULL, "client c; clientsOf 1" },
		{ "client", "c", NULL, "{}", "client c" },
		{ "scope", "a:b", NULL, "{'owner':'1'}", "scope a:b; scopesOf 1" },
		{ "delegation", "1/2", "{}", "{}", "delegation 1/2" },
		{ "accessList", "o/l", "{'resourceConnections':[{'resource':'x'}]}",
		  "{'resourceConnections':[{'resource':'y'},{'resource':'z'}]}",
		  "accessList o/l; listsOf x; listsOf y; listsOf z" },
		{ "template", "t", "{}", "{}", NULL },
		{ "prefix", "p", NULL, "{}", NULL },
		{ "client", "c", "no JSON", "{}", NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct change *c = change_new(&a);
		struct str before = rows[i].before ? json_q(&a, rows[i].before) : STR_NONE;
		struct str after = rows[i].after ? json_q(&a, rows[i].after) : STR_NONE;
		bool done = subjects_touch(c, &a, str_of(rows[i].kind), str_of(rows[i].key), before, after);
		assert_int_equal(done, rows[i].named != NULL);
		if (done)
			CHECK_STR(named(&a, c), str_of(rows[i].named));
	}
}

T_MAIN(cmocka_unit_test(test_subject__entries_concern))
