#include "model/model.h"

static const char *const status_names[] = {
	[ST_CREATED] = "Created", [ST_REJECTED] = "Rejected", [ST_ACCEPTED] = "Accepted",
	[ST_REVOKED] = "Revoked", [ST_DELETED] = "Deleted",   [ST_EXPIRED] = "Expired",
};
static const char *const event_names[] = {
	[EV_CREATED] = "Created", [EV_REJECTED] = "Rejected", [EV_ACCEPTED] = "Accepted", [EV_REVOKED] = "Revoked",
	[EV_DELETED] = "Deleted", [EV_EXPIRED] = "Expired",   [EV_USED] = "Used",
};
static const char *const view_mode_names[] = { [VIEW_HIDE] = "Hide", [VIEW_SHOW] = "Show" };
static const char *const party_type_names[] = { [PARTY_PERSON] = "person", [PARTY_ORG] = "organization" };
static const char *const lang_codes[] = { [LANG_NB] = "nb", [LANG_NN] = "nn", [LANG_EN] = "en", [LANG_SE] = "se" };

_Static_assert(LEN(status_names) == ST__MAX, "a name for each status");
_Static_assert(LEN(event_names) == EV__MAX, "a name for each event type");
_Static_assert(LEN(view_mode_names) == VIEW__MAX, "a name for each view mode");
_Static_assert(LEN(party_type_names) == PARTY__MAX, "a name for each party type");
_Static_assert(LEN(lang_codes) == LANG__MAX, "a code for each language");

/* The index of `s` in the table; n: it is not there. */
static unsigned name_find(const char *const *names, unsigned n, struct str s)
{
	for (unsigned i = 0; i < n; i++)
		if (str_ieq(str_of(names[i]), s))
			return i;
	return n;
}

const char *status_name(enum consent_status s)
{
	return s < ST__MAX ? status_names[s] : "";
}

const char *event_name(enum event_type e)
{
	return e < EV__MAX ? event_names[e] : "";
}

const char *view_mode_name(enum view_mode m)
{
	return m < VIEW__MAX ? view_mode_names[m] : "";
}

const char *party_type_name(enum party_type t)
{
	return t < PARTY__MAX ? party_type_names[t] : "";
}

const char *lang_code(enum lang l)
{
	return l < LANG__MAX ? lang_codes[l] : "";
}

enum rc status_parse(struct str s, enum consent_status *out)
{
	unsigned i = name_find(status_names, ST__MAX, s);
	if (i == ST__MAX)
		return RC_INVALID;
	*out = (enum consent_status)i;
	return RC_OK;
}

enum rc event_parse(struct str s, enum event_type *out)
{
	unsigned i = name_find(event_names, EV__MAX, s);
	if (i == EV__MAX)
		return RC_INVALID;
	*out = (enum event_type)i;
	return RC_OK;
}

enum rc view_mode_parse(struct str s, enum view_mode *out)
{
	unsigned i = name_find(view_mode_names, VIEW__MAX, s);
	if (i == VIEW__MAX)
		return RC_INVALID;
	*out = (enum view_mode)i;
	return RC_OK;
}

enum rc party_type_parse(struct str s, enum party_type *out)
{
	unsigned i = name_find(party_type_names, PARTY__MAX, s);
	if (i == PARTY__MAX)
		return RC_INVALID;
	*out = (enum party_type)i;
	return RC_OK;
}

enum rc lang_parse(struct str s, enum lang *out)
{
	unsigned i = name_find(lang_codes, LANG__MAX, s);
	if (i == LANG__MAX)
		return RC_INVALID;
	*out = (enum lang)i;
	return RC_OK;
}

/* Cuts the first subtag off: what stands before '-' or '_'. */
static struct str subtag_next(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && rest->p[n] != '-' && rest->p[n] != '_')
		n++;
	struct str head = str_span(rest->p, n);
	*rest = n < rest->n ? str_span(rest->p + n + 1, rest->n - n - 1) : STR_NONE;
	return head;
}

enum rc lang_parse_tag(struct str tag, enum lang *out)
{
	struct str rest = tag, primary = subtag_next(&rest);
	if (!str_ieq(primary, STR("no")))
		return lang_parse(primary, out);
	struct str form = subtag_next(&rest); /* "no_nn" */
	*out = str_ieq(form, STR("nn")) ? LANG_NN : LANG_NB;
	return RC_OK;
}

enum rc lang_parse_shipped(struct str tag, enum lang *out)
{
	enum lang found;
	if (lang_parse_tag(tag, &found) != RC_OK || found >= LANG_SHIPPED)
		return RC_INVALID;
	*out = found;
	return RC_OK;
}
