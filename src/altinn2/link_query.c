#include "altinn2/link_internal.h"

#include "base/clock.h"
#include "base/scan.h"
#include "base/url.h"
#include "consent/consent.h"
#include "jose/jose.h"
#include "model/party.h"

#define TAG_FIRST 0xE0000 /* Unicode tag characters, which nobody sees */
#define TAG_LAST 0xE007F

static bool is_hidden(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0) || c == 0x061c ||
	       c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       (c >= TAG_FIRST && c <= TAG_LAST);
}

/* Is it a text that people see as it is? */
static bool is_visible(struct str s)
{
	const char *end = s.p + s.n;
	for (const char *p = s.p; p != end;) {
		size_t n = utf8_step(p, end);
		if (!n || is_hidden(utf8_value(p, n)))
			return false;
		p += n;
	}
	return true;
}

static size_t count(const struct pair *list, struct str key)
{
	size_t n = 0;
	for (; list; list = list->next)
		n += str_ieq(list->key, key);
	return n;
}

static struct str value(const struct link *link, const char *name)
{
	const struct pair *found = pair_get_icase(link->pairs, name);
	return found && found->value.n ? found->value : STR_NONE;
}

static enum rc fault(struct link_error *error, enum link_fault kind, const char *name)
{
	*error = (struct link_error){ kind, str_of(name) };
	return RC_INVALID;
}

static enum rc pairs_check(const struct link *link, struct link_error *error)
{
	for (const struct pair *p = link->pairs; p; p = p->next) {
		*error = (struct link_error){ LINK_TWICE, p->key };
		if (!str_ieq(p->key, STR(LINK_CHOSEN)) && count(p, p->key) > 1)
			return RC_INVALID;
		error->fault = LINK_VALUE;
		if (!is_visible(p->key)) {
			error->name = STR("?");
			return RC_INVALID;
		}
		if (!is_visible(p->value))
			return RC_INVALID;
	}
	*error = (struct link_error){ 0 };
	return RC_OK;
}

static bool is_service(struct str s)
{
	struct str code, edition;
	uint64_t n;
	return str_cut(s, '_', &code, &edition) && str_u64(code, &n) == RC_OK && str_u64(edition, &n) == RC_OK;
}

static enum rc services_read(struct link *link, struct link_error *error)
{
	struct str rest = value(link, "Resources"), one;
	if (!rest.n)
		return fault(error, LINK_MISSING, "Resources");
	while (str_next(&rest, '.', &one)) {
		bool again = str_in(one, link->services, link->n);
		if (again || link->n == LINK_MAX_SERVICES || !is_service(one))
			return fault(error, LINK_VALUE, "Resources");
		link->services[link->n++] = one;
	}
	return RC_OK;
}

static enum rc parties_read(struct link *link, struct link_error *error)
{
	link->covered_by = value(link, "CoveredBy");
	link->handled_by = value(link, "HandledBy");
	link->offered_by = value(link, "OfferedBy");
	link->user_token = value(link, "UserToken");
	if (!link->covered_by.n)
		return fault(error, LINK_MISSING, "CoveredBy");
	if (!model_orgno_valid(link->covered_by))
		return fault(error, LINK_VALUE, "CoveredBy");
	if (link->handled_by.n && !model_orgno_valid(link->handled_by))
		return fault(error, LINK_VALUE, "HandledBy");
	if (link->offered_by.n && ((!model_orgno_valid(link->offered_by) && !model_pid_valid(link->offered_by)) ||
				   str_eq(link->offered_by, link->covered_by)))
		return fault(error, LINK_VALUE, "OfferedBy");
	if (link->user_token.n && link->user_token.n != 64)
		return fault(error, LINK_VALUE, "UserToken");
	return RC_OK;
}

/* A plus sign that stands unencoded in a query means a space. */
static struct str offset_mended(struct arena *a, struct str time)
{
	ptrdiff_t at = time.n > 19 ? str_find(str_span(time.p + 19, time.n - 19), STR(" ")) : -1;
	if (at < 0)
		return time;
	size_t before = 19 + (size_t)at;
	return arena_fmt(a, "%.*s+%.*s", (int)before, time.p, (int)(time.n - before - 1), time.p + before + 1);
}

static enum rc end_read(struct arena *a, struct link *link, struct link_error *error)
{
	struct str end = value(link, "ValidToDate");
	if (!end.n)
		return fault(error, LINK_MISSING, "ValidToDate");
	if (clock_parse_local(offset_mended(a, end), &link->valid_to) != RC_OK)
		return fault(error, LINK_VALUE, "ValidToDate");
	return RC_OK;
}

static enum rc language_read(struct link *link, struct link_error *error)
{
	struct str code = value(link, "LanguageCode");
	if (!code.n)
		return RC_OK;
	if (lang_parse_shipped(code, &link->lang) != RC_OK)
		return fault(error, LINK_VALUE, "LanguageCode");
	link->has_lang = true;
	return RC_OK;
}

static enum rc rest_read(struct link *link, struct link_error *error)
{
	struct str old = value(link, "DelegationContext"), type = value(link, "ResponseType");
	link->message = value(link, "RequestMessage");
	link->redirect = value(link, "RedirectUrl");
	if (!link->redirect.n)
		return fault(error, LINK_MISSING, "RedirectUrl");
	if (link->message.n && old.n)
		return fault(error, LINK_TWICE, "RequestMessage");
	if (old.n)
		link->message = old;
	if (type.n && !str_ieq(type, STR("code")))
		return fault(error, LINK_VALUE, "ResponseType");
	return RC_OK;
}

enum rc link_read(struct arena *a, struct str query, struct link *out, struct link_error *error)
{
	struct pair *pairs;
	*out = (struct link){ 0 };
	*error = (struct link_error){ 0 };
	if (url_pairs(a, query, &pairs) != RC_OK)
		return fault(error, LINK_UNREADABLE, "");
	out->pairs = pairs;
	struct link_error errors[6] = { 0 };
	(void)language_read(out, &errors[0]);
	(void)pairs_check(out, &errors[1]);
	(void)services_read(out, &errors[2]);
	(void)parties_read(out, &errors[3]);
	(void)end_read(a, out, &errors[4]);
	(void)rest_read(out, &errors[5]);
	for (size_t i = 0; i < LEN(errors) && !error->fault; i++)
		*error = errors[i];
	return error->fault ? RC_INVALID : RC_OK;
}

struct str link_service_value(const struct link *link, struct str service, struct str name)
{
	for (const struct pair *p = link->pairs; p; p = p->next) {
		if (p->key.n != service.n + 1 + name.n || !str_starts(p->key, service) || p->key.p[service.n] != '_')
			continue;
		if (str_ieq(str_span(p->key.p + service.n + 1, name.n), name))
			return p->value;
	}
	return STR_NONE;
}

bool link_token_fits(struct arena *a, struct str token, struct str number)
{
	struct buf hex = BUF(a);
	buf_hex(&hex, jose_sha256(a, number));
	return str_ieq(token, buf_str(&hex));
}
