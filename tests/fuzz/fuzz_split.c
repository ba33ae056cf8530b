#include "fuzz.h"

#include "base/js.h"
#include "base/split.h"

#define MAX 64

static const char *const members[] = { "id", "parts", NULL };

/* The values of the text, fed in pieces, one behind the other. */
static struct str values(struct arena *a, struct str rest, size_t piece)
{
	struct split s = { .max = MAX, .members = members, .item = BUF(a) };
	struct buf out = BUF(a);
	enum split_got got = SPLIT_MORE;
	while (rest.n && got != SPLIT_FAULT) {
		size_t n = split_feed(&s, str_span(rest.p, rest.n < piece ? rest.n : piece), &got);
		HOLDS(n > 0 && n <= rest.n && s.item.n <= MAX);
		HOLDS(got != SPLIT_ITEM || (s.item.n >= 2 && s.item.p[0] == '{'));
		rest = str_span(rest.p + n, rest.n - n);
		if (got == SPLIT_ITEM)
			buf_add(&out, buf_str(&s.item));
		if (got != SPLIT_MORE)
			buf_fmt(&out, "%d", (int)got);
	}
	buf_c(&out, split_end(&s) == RC_OK ? '.' : '-');
	return buf_str(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str text = str_span(data, size), whole = values(&a, text, size + 1);
	const struct js *v;
	HOLDS(str_eq(whole, values(&a, text, 1)) && str_eq(whole, values(&a, text, 7)));
	/* a list of objects has as many values as the parser finds in it */
	if (js_parse(&a, text, NULL, &v, NULL) != RC_OK || v->type != JS_ARRAY)
		return 0;
	struct buf want = BUF(&a);
	JS_EACH(item, v) {
		if (item->type != JS_OBJECT)
			return 0;
		if (item->raw.n <= MAX)
			buf_add(&want, item->raw);
		buf_fmt(&want, "%d", item->raw.n <= MAX ? (int)SPLIT_ITEM : (int)SPLIT_LARGE);
	}
	buf_c(&want, '.');
	HOLDS(str_eq(whole, buf_str(&want)));
	return 0;
}
