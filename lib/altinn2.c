/* Tokens of Altinn 2. Their services become the rights of a consent, so that the rest of the library reads both kinds.
 */
#include "internal.h"

#include <assert.h>

#define ISSUER "altinn.no" /* a name, and no address */
#define DATE_LEN 19        /* of both forms of a date */

struct param {
	struct str name;
	struct str value;
	const struct param *next;
};
struct service {
	struct str id; /* CODE_EDITION */
	struct param *params;
	struct service *next;
};
struct services {
	struct arena *a;
	struct service *first;
	struct service *last;
};

bool altinn2_issued(const struct js *claims)
{
	struct str iss;
	return js_member_str(claims, "iss", &iss) == RC_OK && str_is(iss, ISSUER);
}

enum rc altinn2_key_name(const struct jws *jws, struct str *out)
{
	struct str x5t;
	enum rc rc = js_member_str(jws->header, "x5t", &x5t);
	if (rc == RC_INVALID || (rc == RC_OK && jws->kid.p && !str_eq(x5t, jws->kid)))
		return RC_INVALID;
	if (rc == RC_NOT_FOUND && !jws->kid.p)
		return RC_NOT_FOUND;
	*out = rc == RC_OK ? x5t : jws->kid;
	return RC_OK;
}

/* ---- services ---- */

static struct service *service_find(const struct services *s, struct str id)
{
	for (struct service *one = s->first; one; one = one->next)
		if (str_eq(one->id, id))
			return one;
	return NULL;
}

static struct str service_id(const struct services *s, struct str code, struct str edition)
{
	return arena_fmt(s->a, "%.*s_%.*s", STR_FMT(code), STR_FMT(edition));
}

static enum rc service_add(struct services *s, struct str code, struct str edition)
{
	uint64_t n;
	TRY(str_u64(code, &n));
	TRY(str_u64(edition, &n));
	struct str id = service_id(s, code, edition);
	if (service_find(s, id))
		return RC_INVALID;
	struct service *one = arena_new(s->a, struct service);
	*one = (struct service){ .id = id };
	if (s->last)
		s->last->next = one;
	else
		s->first = one;
	s->last = one;
	return RC_OK;
}

/* RC_CONFLICT: the service has a parameter of that name. */
static enum rc param_add(struct services *s, struct service *one, struct str name, struct str value)
{
	for (const struct param *p = one->params; p; p = p->next)
		if (str_ieq(p->name, name))
			return RC_CONFLICT;
	struct param *p = arena_new(s->a, struct param);
	*p = (struct param){ name, value, one->params };
	one->params = p;
	return RC_OK;
}

/* "4628,1.4804,210607"; this generation names no parameters. */
static enum rc services_first(struct services *s, struct str text)
{
	struct str one, code, edition;
	while (str_next(&text, '.', &one)) {
		if (!str_cut(one, ',', &code, &edition))
			return RC_INVALID;
		TRY(service_add(s, code, edition));
	}
	return RC_OK;
}

static bool name_ok(struct str name)
{
	return name.n && str_only(name, "_-");
}

/* The parameters of one service in one text: a=1,b=2. A value may have commas. What stands behind a comma is the next
 * parameter if it has a '='; a value that has such a part reads as a parameter that nobody consented to. RC_CONFLICT:
 * that can be seen. */
static enum rc params_second(struct services *s, struct service *one, struct str text)
{
	struct str name = STR_NONE, value = STR_NONE, rest = text, part, head, tail;
	while (str_next(&rest, ',', &part)) {
		bool begins = str_cut(part, '=', &head, &tail);
		if (!begins && !name.p)
			return RC_INVALID;
		if (!begins) {
			value.n = (size_t)(part.p + part.n - value.p);
			continue;
		}
		if (!name_ok(head))
			return name.p ? RC_CONFLICT : RC_INVALID;
		if (name.p)
			TRY(param_add(s, one, name, value));
		name = head;
		value = tail;
	}
	return param_add(s, one, name, value);
}

/* "4629,2" and "4629,2,inntektsaar=2015" */
static enum rc entry_second(struct services *s, struct str entry)
{
	struct str code, edition, params, rest;
	if (!str_cut(entry, ',', &code, &rest))
		return RC_INVALID;
	if (!str_cut(rest, ',', &edition, &params))
		return service_add(s, code, edition);
	struct service *one = service_find(s, service_id(s, code, edition));
	return one && !one->params ? params_second(s, one, params) : RC_INVALID;
}

/* "4629_2" and "4629_2_inntektsaar=2016"; a name may have '_', and a value anything. */
static enum rc entry_third(struct services *s, struct str entry)
{
	struct str left, value, code, edition, rest, name;
	bool param = str_cut(entry, '=', &left, &value);
	if (!str_cut(left, '_', &code, &rest))
		return RC_INVALID;
	if (!param)
		return service_add(s, code, rest);
	if (!str_cut(rest, '_', &edition, &name) || !name.n)
		return RC_INVALID;
	struct service *one = service_find(s, service_id(s, code, edition));
	return one ? param_add(s, one, name, value) : RC_INVALID;
}

static enum rc services_read(struct services *s, const struct js *claims, int generation)
{
	const struct js *list = js_get(claims, generation == 1 ? "ServiceCodes" : "Services");
	enum rc (*entry)(struct services *, struct str) = generation == 2 ? entry_second : entry_third;
	if (generation == 1)
		return js_is(list, JS_STRING) ? services_first(s, list->s) : RC_INVALID;
	if (generation == 3 && js_is(list, JS_STRING)) /* one service without parameters */
		return entry(s, list->s);
	if (!js_is(list, JS_ARRAY) || !list->n)
		return RC_INVALID;
	JS_EACH(one, list) {
		if (one->type != JS_STRING)
			return RC_INVALID;
		TRY(entry(s, one->s));
	}
	return RC_OK;
}

static enum rc rights_make(const struct services *s, const struct js **out)
{
	struct buf b = BUF(s->a);
	struct jsw w = JSW(&b);
	jsw_arr(&w);
	for (const struct service *one = s->first; one; one = one->next) {
		jsw_obj(&w);
		jsw_kraw(&w, "action", STR("[\"consent\",\"read\"]"));
		jsw_key(&w, "resource");
		jsw_arr(&w);
		jsw_obj(&w);
		jsw_kz(&w, "type", "urn:altinn:resource");
		jsw_kstr(&w, "value", one->id);
		jsw_end_obj(&w);
		jsw_end_arr(&w);
		jsw_key(&w, "metadata");
		jsw_obj(&w);
		for (const struct param *p = one->params; p; p = p->next) {
			jsw_key_str(&w, p->name);
			jsw_str(&w, p->value);
		}
		jsw_end_obj(&w);
		jsw_end_obj(&w);
	}
	jsw_end_arr(&w);
	return js_parse(s->a, buf_str(&b), NULL, out, NULL);
}

/* ---- dates ---- */

/* 01:00 UTC on the last Sunday of a month of 31 days. */
static int64_t change_of(struct arena *a, struct str year, const char *month)
{
	int64_t last = 0;
	if (clock_parse(arena_fmt(a, "%.*s-%s-31T01:00Z", STR_FMT(year), month), &last) != RC_OK)
		return 0;
	int64_t weekday = ((last / CLOCK_DAY + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0: Sunday */
	return last - weekday * CLOCK_DAY;
}

/* = Directive 2000/84/EC: summer time is from the last Sunday of March to the last Sunday of October, at 01:00 UTC. The
 * process's own zone may be another. Times that occur twice or never are read as clock_parse_local does. */
static enum rc norwegian(struct arena *a, struct str year, struct str rest, int64_t *out)
{
	int64_t wall;
	TRY(clock_parse(arena_fmt(a, "%.*s-%.*sZ", STR_FMT(year), STR_FMT(rest)), &wall));
	int64_t summer = wall - 2 * CLOCK_HOUR;
	bool is_summer = summer >= change_of(a, year, "03") && summer < change_of(a, year, "10");
	*out = is_summer ? summer : wall - CLOCK_HOUR;
	return RC_OK;
}

enum rc altinn2_date(struct arena *a, int generation, struct str s, int64_t *out)
{
	if (s.n != DATE_LEN || s.p[10] != ' ')
		return RC_INVALID;
	if (generation == 2) /* yyyy-MM-dd HH:mm:ss */
		return s.p[4] == '-' ? norwegian(a, str_span(s.p, 4), arena_fmt(a, "%.5sT%.8s", s.p + 5, s.p + 11), out)
				     : RC_INVALID;
	if (s.p[2] != '.' || s.p[5] != '.') /* dd.MM.yyyy HH:mm:ss */
		return RC_INVALID;
	return norwegian(a, str_span(s.p + 6, 4), arena_fmt(a, "%.2s-%.2sT%.8s", s.p + 3, s.p, s.p + 11), out);
}

static enum rc date_read(struct samtykke_token *t, int generation, const char *name, int64_t *out)
{
	struct str s;
	int64_t seconds;
	if (generation < 3) {
		TRY(js_member_str(t->claims, name, &s));
		return altinn2_date(&t->arena, generation, s, out);
	}
	TRY(js_member_i64(t->claims, name, &seconds));
	if (seconds < 0 || seconds > TOKEN_TIME_MAX_S)
		return RC_INVALID;
	*out = seconds * CLOCK_SECOND;
	return RC_OK;
}

/* ---- the whole ---- */

static enum rc number_read(const struct js *claims, const char *name, size_t n, struct str *out)
{
	uint64_t value;
	TRY(js_member_str(claims, name, out));
	TRY(str_u64(*out, &value));
	return out->n == 9 || out->n == n ? RC_OK : RC_INVALID;
}

static enum rc parties_read(struct samtykke_token *t)
{
	struct consent_claims *c = &t->consent;
	struct str delegator;
	TRY(number_read(t->claims, "OfferedBy", 11, &c->from_number));
	TRY(number_read(t->claims, "CoveredBy", 11, &c->to));
	c->from = urn_str(&t->arena, (struct urn){ .kind = c->from_number.n == 9 ? URN_ORG : URN_PERSON,
						   .value = c->from_number });
	t->consumer = c->to;
	t->supplier = STR_NONE;
	if (js_get(t->claims, "HandledBy"))
		TRY(number_read(t->claims, "HandledBy", 9, &t->supplier));
	return js_get(t->claims, "RequiredDelegator") ? number_read(t->claims, "RequiredDelegator", 11, &delegator)
						      : RC_OK;
}

static int generation_of(const struct js *claims)
{
	if (js_get(claims, "ServiceCodes"))
		return js_get(claims, "Services") ? 0 : 1;
	return js_is(js_get(claims, "ValidToDate"), JS_STRING) ? 2 : 3;
}

static enum rc fields(struct samtykke_token *t, int generation)
{
	struct consent_claims *c = &t->consent;
	struct services s = { .a = &t->arena };
	struct uuid id;
	if (!generation || !t->times.has_nbf || !t->times.has_exp)
		return RC_INVALID;
	TRY(js_member_str(t->claims, "AuthorizationCode", &c->id));
	TRY(uuid_parse(c->id, &id));
	TRY(parties_read(t));
	TRY(date_read(t, generation, "DelegatedDate", &c->consented));
	TRY(date_read(t, generation, "ValidToDate", &c->valid_to));
	TRY(services_read(&s, t->claims, generation));
	return rights_make(&s, &c->rights);
}

enum samtykke_rc altinn2_decode(struct samtykke_token *t)
{
	assert(js_is(t->claims, JS_OBJECT) && !t->has_consent);
	int generation = generation_of(t->claims);
	enum rc rc = fields(t, generation);
	if (rc != RC_OK) {
		t->consent = (struct consent_claims){ 0 };
		t->consumer = t->supplier = STR_NONE;
		return rc == RC_CONFLICT ? SAMTYKKE_AMBIGUOUS : SAMTYKKE_BAD_CONSENT;
	}
	t->has_consent = true;
	t->altinn2 = generation;
	return SAMTYKKE_OK;
}
