#include "fuzz.h"

#include "base/js.h"

/* Every value's text lies inside the document, and no tree has more than it says. */
static void check_tree(struct str text, const struct js *v)
{
	HOLDS(v->raw.p >= text.p && v->raw.p + v->raw.n <= text.p + text.n && v->raw.n > 0);
	HOLDS(str_utf8(v->key) && str_utf8(v->s));
	uint32_t n = 0;
	JS_EACH(c, v) {
		check_tree(text, c);
		n++;
	}
	HOLDS(n == v->n);
	int64_t number;
	if (js_i64(v, &number) == RC_OK) {
		int64_t seconds;
		HOLDS(js_seconds(v, &seconds) == RC_OK || number == INT64_MIN);
	}
}

/* What is written reads back and is written the same again. */
static void check_again(struct arena *a, const struct js *v, const struct js_opts *opts)
{
	struct buf once = BUF(a), twice = BUF(a);
	js_write(&once, v);
	const struct js *again;
	HOLDS(js_parse(a, buf_str(&once), opts, &again, NULL) == RC_OK);
	js_write(&twice, again);
	HOLDS(str_eq(buf_str(&once), buf_str(&twice)));
}

/* No object has a name twice in any letter case when the parser was asked for that. */
static void check_twins(struct arena *a, const struct js *v)
{
	HOLDS(v->type != JS_OBJECT || !js_twin(a, v));
	JS_EACH(c, v)
		check_twins(a, c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str text = str_span(data, size);
	const struct js *v;
	struct js_error err = { 0 };
	const struct js_opts loose = { .allow_duplicates = true };
	enum rc rc = js_parse(&a, text, NULL, &v, &err);
	if (rc != RC_OK) {
		HOLDS(err.what && err.at <= size);
		if (js_parse(&a, text, &loose, &v, NULL) == RC_OK)
			check_again(&a, v, &loose);
		return 0;
	}
	check_tree(text, v);
	check_again(&a, v, NULL);
	rc = js_parse(&a, text, &(struct js_opts){ .any_case = true }, &v, &err);
	HOLDS(rc == RC_OK || err.twice);
	if (rc == RC_OK)
		check_twins(&a, v);
	return 0;
}
