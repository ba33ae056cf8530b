#include "model/model.h"

#include <assert.h>

#define ORGNO_DIGITS 9
#define PID_DIGITS 11
#define PARTY_ID_DIGITS 10 /* digits of the greatest unsigned 32-bit number */

static bool digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* Remainder modulo 11 of the first n digits times their weights. */
static int weighed(struct str s, const int *weights, size_t n)
{
	int sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (s.p[i] - '0') * weights[i];
	return sum % 11;
}

bool model_orgno_valid(struct str s)
{
	static const int weights[] = { 3, 2, 7, 6, 5, 4, 3, 2 };
	if (s.n != ORGNO_DIGITS || !digits(s))
		return false;
	return (11 - weighed(s, weights, LEN(weights))) % 11 == s.p[ORGNO_DIGITS - 1] - '0';
}

bool model_pid_valid(struct str s)
{
	static const int first[] = { 3, 7, 6, 1, 8, 9, 4, 5, 2 };
	static const int second[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 };
	if (s.n != PID_DIGITS || !digits(s))
		return false;
	int remainder =
		(s.p[9] - '0' + weighed(s, first, LEN(first))) % 11; /* before 2032 only 0, from then on 0 to 3 */
	if (remainder > 3)
		return false;
	return (11 - weighed(s, second, LEN(second))) % 11 == s.p[PID_DIGITS - 1] - '0';
}

/* The first row of a kind is the canonical one. */
static const struct prefix {
	enum urn_kind kind;
	struct str text;
} prefixes[] = {
	// clang-format off
	{ URN_PERSON,     STR_INIT("urn:altinn:person:identifier-no") },
	{ URN_ORG,        STR_INIT("urn:altinn:organization:identifier-no") },
	{ URN_PARTY_UUID, STR_INIT("urn:altinn:party:uuid") },
	{ URN_PARTY_UUID, STR_INIT("urn:altinn:person:uuid") },
	{ URN_PARTY_UUID, STR_INIT("urn:altinn:organization:uuid") },
	{ URN_PARTY_UUID, STR_INIT("urn:altinn:systemuser:uuid") },
	{ URN_PARTY_ID,   STR_INIT("urn:altinn:party:id") },
	{ URN_PARTY_ID,   STR_INIT("urn:altinn:partyid") },
	// clang-format on
};

struct str urn_prefix(enum urn_kind k)
{
	for (size_t i = 0; i < LEN(prefixes); i++)
		if (prefixes[i].kind == k)
			return prefixes[i].text;
	return STR_NONE;
}

static const struct prefix *prefix_of(struct str s)
{
	for (size_t i = 0; i < LEN(prefixes); i++) {
		struct str p = prefixes[i].text;
		if (s.n > p.n && s.p[p.n] == ':' && str_starts(s, p))
			return &prefixes[i];
	}
	return NULL;
}

static enum rc party_id_parse(struct str s, struct str *out)
{
	uint64_t v;
	if (s.n > PARTY_ID_DIGITS)
		return RC_INVALID;
	TRY(str_u64(s, &v));
	if (v > UINT32_MAX)
		return RC_INVALID;
	while (s.n > 1 && s.p[0] == '0')
		s = str_span(s.p + 1, s.n - 1);
	*out = s;
	return RC_OK;
}

static enum rc value_parse(struct arena *a, enum urn_kind kind, struct str s, struct urn *out)
{
	struct urn u = { .kind = kind, .value = s };
	switch (kind) {
	case URN_PERSON:
		if (!model_pid_valid(s))
			return RC_INVALID;
		break;
	case URN_ORG:
		if (!model_orgno_valid(s))
			return RC_INVALID;
		break;
	case URN_PARTY_UUID:
		TRY(uuid_parse(s, &u.uuid));
		u.value = uuid_str(a, u.uuid);
		break;
	case URN_PARTY_ID:
		TRY(party_id_parse(s, &u.value));
		break;
	case URN__MAX:
		return RC_INVALID;
	}
	*out = u;
	return RC_OK;
}

enum rc urn_parse(struct arena *a, struct str s, struct urn *out)
{
	const struct prefix *p = prefix_of(s);
	if (!p)
		return RC_INVALID;
	size_t head = p->text.n + 1;
	return value_parse(a, p->kind, str_span(s.p + head, s.n - head), out);
}

enum rc urn_parse_js(struct arena *a, const struct js *v, struct urn *out)
{
	if (js_is(v, JS_STRING))
		return urn_parse(a, v->s, out);
	if (!js_is(v, JS_OBJECT) || v->n != 2)
		return RC_INVALID;
	const struct js *type = js_get(v, "type"), *value = js_get(v, "value");
	if (!js_is(type, JS_STRING) || !value)
		return RC_INVALID;
	int64_t whole;
	bool number = value->type == JS_NUMBER && js_i64(value, &whole) == RC_OK;
	if (!number && value->type != JS_STRING)
		return RC_INVALID;
	struct buf b = BUF(a);
	buf_add(&b, type->s);
	buf_c(&b, ':');
	buf_add(&b, value->s);
	return urn_parse(a, buf_str(&b), out);
}

void buf_urn(struct buf *b, struct urn u)
{
	assert((unsigned)u.kind < URN__MAX);
	buf_add(b, urn_prefix(u.kind));
	buf_c(b, ':');
	buf_add(b, u.value);
}

struct str urn_str(struct arena *a, struct urn u)
{
	struct buf b = BUF(a);
	buf_urn(&b, u);
	return buf_str(&b);
}

bool urn_eq(struct urn a, struct urn b)
{
	return a.kind == b.kind && str_eq(a.value, b.value);
}

struct urn party_urn(const struct party *p)
{
	assert((unsigned)p->type < PARTY__MAX);
	return (struct urn){ .kind = p->type == PARTY_ORG ? URN_ORG : URN_PERSON, .value = p->ident };
}

struct urn party_uuid_urn(struct arena *a, const struct party *p)
{
	return (struct urn){ .kind = URN_PARTY_UUID, .value = uuid_str(a, p->uuid), .uuid = p->uuid };
}
