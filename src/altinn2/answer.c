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

bool altinn2_accepts(const struct http_req *req, const char *type)
{
	struct str rest = http_header(req, "Accept"), one, media, parameters;
	while (str_next(&rest, ',', &one)) {
		(void)str_cut(one, ';', &media, &parameters);
		if (str_ieq(str_trim(media), str_of(type)))
			return true;
	}
	return false;
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
