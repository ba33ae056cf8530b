#include "altinn2/errors.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "altinn2/answer.h"

#define MESSAGE_MAX 600 /* bytes; a longer message is cut */

static const char *const codes[A2__MAX] = {
	[A2_BODY] = "40301",     [A2_FIELD] = "40302",   [A2_SELF] = "40303",     [A2_CALLER] = "40304",
	[A2_SUPPLIER] = "40305", [A2_SERVICE] = "40306", [A2_METADATA] = "40307", [A2_TEMPLATE] = "40308",
	[A2_SRR] = "40309",      [A2_MESSAGE] = "40310", [A2_VALID_TO] = "40311", [A2_REDIRECT] = "40312",
	[A2_REFUSED] = "40313",  [A2_STATUS] = "40314",  [A2_QUERY] = "40315",    [A2_NAME] = "40332",
};

void altinn2_error(struct altinn2_errors *e, enum altinn2_error code, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;
	assert((unsigned)code < A2__MAX);
	if (e->n == ALTINN2_MAX_ERRORS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	e->items[e->n].code = code;
	e->items[e->n++].message = arena_str(e->a, str_of(text));
}

static void validations(struct altinn2_errors *e, const struct problem *p)
{
	for (size_t i = 0; i < p->n_validations; i++)
		switch (p->validations[i].code) {
		case VLD_FUTURE:
			altinn2_error(e, A2_VALID_TO, "ValidTo must be in the future");
			break;
		case VLD_MAX_VALIDITY:
			altinn2_error(e, A2_VALID_TO, "ValidTo is later than the service allows: %.*s",
				      STR_FMT(p->validations[i].limit));
			break;
		case VLD_REDIRECT:
			altinn2_error(e, A2_REDIRECT, "RedirectUrl is not allowed for this consumer");
			break;
		case VLD_REQUIRED:
		case VLD_EMPTY_LIST:
		case VLD_DATE_RANGE:
		case VLD_EVENT_TYPE:
		case VLD_CONTINUATION:
		case VLD_USE_TIME:
		case VLD_MAX_USES:
		case VLD_MAX_TEXTS:
		case VLD__MAX:
			altinn2_error(e, A2_REFUSED, "%.*s cannot be taken", STR_FMT(p->validations[i].path));
			break;
		}
}

static void one(struct altinn2_errors *e, const struct problem *p)
{
	static const struct {
		enum problem_code code;
		enum altinn2_error error;
		const char *text;
	} rows[] = {
		{ PROB_COMBINATION, A2_TEMPLATE,
		  "Services with different templates cannot be asked for in one request" },
		{ PROB_UNKNOWN_ORG, A2_NAME, "A party is not registered" },
		{ PROB_UNKNOWN_PERSON, A2_NAME, "A party is not registered" },
	};
	if (p->code == PROB_METADATA_MISSING || p->code == PROB_METADATA_VALUE) {
		altinn2_error(e, A2_METADATA, "The metadata parameter %.*s is missing or empty", STR_FMT(p->key));
		return;
	}
	if (p->code == PROB_VALIDATION) {
		validations(e, p);
		return;
	}
	for (size_t i = 0; i < LEN(rows); i++)
		if (rows[i].code == p->code) {
			altinn2_error(e, rows[i].error, "%s", rows[i].text);
			return;
		}
	altinn2_error(e, A2_REFUSED, "The resource of a service cannot be asked for");
}

void altinn2_errors_of(struct altinn2_errors *e, const struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		one(e, &p->items[i]);
}

enum rc altinn2_errors_reply(struct http_res *res, const struct altinn2_errors *e)
{
	struct jsw w = JSW(&res->body);
	assert(e->n);
	http_why(res, codes[e->items[0].code]);
	http_reply(res, 400, PLAIN_TYPE);
	jsw_arr(&w);
	for (size_t i = 0; i < e->n; i++) {
		jsw_obj(&w);
		jsw_kz(&w, "ErrorCode", codes[e->items[i].code]);
		jsw_kstr(&w, "ErrorMessage", e->items[i].message);
		jsw_end_obj(&w);
	}
	jsw_end_arr(&w);
	return RC_ANSWERED;
}
