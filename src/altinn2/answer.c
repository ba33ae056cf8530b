#include "altinn2/answer.h"

#include <inttypes.h>

#include "base/clock.h"

const struct js *altinn2_json(struct http_req *req, bool list, struct altinn2_errors *e)
{
	const struct js_opts opts = { .any_case = true };
	const struct js *v;
	if (js_parse(req->arena, js_unmarked(req->body), &opts, &v, NULL) == RC_OK &&
	    (v->type == JS_OBJECT || (list && v->type == JS_ARRAY)))
		return v;
	altinn2_error(e, A2_BODY, "The body must be a JSON object%s, in which no member stands twice",
		      list ? " or array" : "");
	return NULL;
}

/* How the Accept header takes a media type. */
struct taken {
	int weight; /* 0: not at all */
	int fit;
	int place;
};
enum { FIT_NONE, FIT_ANY, FIT_GROUP, FIT_TYPE };

static int fit_of(struct str range, struct str type)
{
	struct str group, sub, type_group, type_sub;
	if (str_ieq(range, type))
		return FIT_TYPE;
	if (str_is(range, "*/*"))
		return FIT_ANY;
	if (!str_cut(range, '/', &group, &sub) || !str_is(sub, "*") || !str_cut(type, '/', &type_group, &type_sub))
		return FIT_NONE;
	return str_ieq(group, type_group) ? FIT_GROUP : FIT_NONE;
}

/* The most specific range that fits decides. */
static struct taken taken_of(const struct http_req *req, const char *type)
{
	struct taken best = { 0 };
	struct str rest = http_header(req, "Accept"), one, media, parameters;
	for (int place = 1; str_next(&rest, ',', &one); place++) {
		(void)str_cut(one, ';', &media, &parameters);
		int fit = fit_of(str_trim(media), str_of(type));
		if (fit > best.fit)
			best = (struct taken){ http_weight(parameters), fit, place };
	}
	return best;
}

static bool better(struct taken a, struct taken b)
{
	if (a.weight != b.weight)
		return a.weight > b.weight;
	if (a.fit != b.fit)
		return a.fit > b.fit;
	return a.place < b.place;
}

bool altinn2_accepts(const struct http_req *req, const char *type)
{
	struct taken t = taken_of(req, type);
	return t.fit == FIT_TYPE && t.weight > 0;
}

size_t altinn2_prefers(const struct http_req *req, const char *const *types, size_t n)
{
	size_t best = 0;
	struct taken best_taken = taken_of(req, types[0]);
	for (size_t i = 1; i < n; i++) {
		struct taken t = taken_of(req, types[i]);
		if (t.weight > 0 && better(t, best_taken)) {
			best = i;
			best_taken = t;
		}
	}
	return best;
}

void altinn2_link_write(struct jsw *w, const char *name, struct str href)
{
	jsw_key(w, name);
	jsw_obj(w);
	jsw_kstr(w, "href", href);
	jsw_end_obj(w);
}

struct str altinn2_local(struct arena *a, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	return arena_str(a, clock_local_text(us, text));
}

struct str altinn2_mark_text(struct arena *a, struct list_mark mark)
{
	char text[CLOCK_TEXT_MAX];
	return arena_fmt(a, "%.*s_%" PRId64, STR_FMT(clock_text(mark.at, text)), mark.key);
}

struct list_mark altinn2_mark_read(struct str continuation, struct altinn2_errors *e)
{
	struct list_mark mark = { 0 };
	struct str time, key;
	uint64_t n;
	if (!continuation.p)
		return mark;
	if (!str_cut(continuation, '_', &time, &key) || str_u64(key, &n) != RC_OK || n > INT64_MAX ||
	    clock_parse(time, &mark.at) != RC_OK) {
		altinn2_error(e, A2_QUERY, "continuation is none that this service has given");
		return mark;
	}
	mark.key = (int64_t)n;
	return mark;
}
