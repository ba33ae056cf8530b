#include "altinn2/fields.h"

#include "base/clock.h"
#include "base/scan.h"
#include "model/party.h"
#include "publish/limits.h"

const struct js *altinn2_member(const struct js *v, const char *name)
{
	const struct js *m = js_get_icase(v, name);
	return m && m->type != JS_NULL ? m : NULL;
}

struct str altinn2_text(const struct js *v, const char *name, size_t max, bool required, struct altinn2_errors *e)
{
	const struct js *m = altinn2_member(v, name);
	if (!m || (m->type == JS_STRING && !m->s.n && !required)) {
		if (required)
			altinn2_error(e, A2_FIELD, "%s is missing", name);
		return STR_NONE;
	}
	if (m->type != JS_STRING || !str_trim(m->s).n)
		altinn2_error(e, A2_FIELD, "%s must be a text", name);
	else if (m->s.n > max)
		altinn2_error(e, A2_FIELD, "%s is longer than %zu bytes", name, max);
	else
		return str_trim(m->s);
	return STR_NONE;
}

struct str altinn2_orgno(const struct js *v, const char *name, bool required, struct altinn2_errors *e)
{
	struct str s = altinn2_text(v, name, ALTINN2_MAX_NUMBER, required, e);
	if (!s.p || model_orgno_valid(s))
		return s;
	altinn2_error(e, A2_FIELD, "%s is no organisation number", name);
	return STR_NONE;
}

static struct str digits(struct arena *a, const struct js *v, const char *name, struct altinn2_errors *e)
{
	const struct js *m = altinn2_member(v, name);
	uint64_t n;
	int64_t number;
	if (js_is(m, JS_STRING) && m->s.n <= SEED_MAX_KEY && str_u64(m->s, &n) == RC_OK)
		return m->s;
	if (js_is(m, JS_NUMBER) && js_i64(m, &number) == RC_OK && number >= 0)
		return arena_fmt(a, "%lld", (long long)number);
	altinn2_error(e, A2_FIELD, "%s must be digits", name);
	return STR_NONE;
}

struct str altinn2_service_id(struct arena *a, const struct js *v, struct altinn2_errors *e)
{
	struct str code = digits(a, v, "ServiceCode", e), edition = digits(a, v, "ServiceEditionCode", e);
	return code.p && edition.p ? arena_fmt(a, "%.*s_%.*s", STR_FMT(code), STR_FMT(edition)) : STR_NONE;
}

bool altinn2_time(const struct js *v, const char *name, bool required, enum altinn2_error code, int64_t *out,
		  struct altinn2_errors *e)
{
	const struct js *m = altinn2_member(v, name);
	if (js_is(m, JS_STRING) && clock_parse_local(m->s, out) == RC_OK)
		return true;
	if (m)
		altinn2_error(e, code, "%s must be a time such as 2026-04-11T12:00:00", name);
	else if (required)
		altinn2_error(e, A2_FIELD, "%s is missing", name);
	return false;
}
