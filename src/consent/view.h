/* What a person is shown of a consent request, filled in and unfilled. */
#pragma once
#include "consent/consent.h"

struct view_right {
	const struct right *right;
	struct localized title;
	struct localized html;       /* from buf_markdown */
	struct localized owner_name; /* of the data source */
	struct str owner_orgno;
};
struct consent_view {
	enum lang lang;
	bool is_poa;
	bool one_time;
	/* filled in, not escaped */
	struct localized title;
	struct localized heading;
	struct localized intro;
	struct localized expiration;
	/* once it is given; as above where a template has none */
	struct localized title_accepted;
	struct localized intro_accepted;
	struct localized message;
	struct localized handled_by;
	bool says_until;        /* the expiration has the date in it */
	struct str says;        /* whose words the message is, where it is the request's own; absent = the template's */
	struct str message_tag; /* BCP 47: the message is in none of our languages, but in this one; absent = it is */
	/* display names; absent = unknown */
	struct str from_name;
	struct str to_name;
	struct str handler_name;
	/* from_orgno absent: the giver is a person */
	struct str to_orgno;
	struct str handler_orgno;
	struct str from_orgno;
	struct view_right *rights;
	size_t n_rights;
	struct str template_id;
	int64_t template_version;
};
/* RC_NOT_FOUND: the template or a resource is gone, in the version that was asked for. */
MUST_USE enum rc consent_view_load(struct consent_service *d, struct arena *a, const struct consent *c, enum lang lang,
				   struct consent_view *out);
/* The HTML of the agreement: heading, message, intro, list of rights, expiration, handled by. It is both the middle of
 * the page and what is hashed and frozen. */
void consent_view_html(struct buf *b, const struct consent_view *s, const struct consent *c);

/* The same for a front end that fills it in: every language (another one's text where one has none), {CoveredBy},
 * {OfferedBy}, {HandledBy} and {Expiration} left as they are, metadata filled in. */
enum agreement_part { PART_PARTY, PART_RESOURCE, PART_TEMPLATE };
struct unfilled_view_right {
	struct str identifier;
	struct texts title;
	struct texts html;
};
struct unfilled_view {
	bool is_poa;
	bool has_message;
	bool own_message;
	bool has_handled_by;
	struct texts title;
	struct texts heading;
	struct texts intro;
	struct texts title_accepted;
	struct texts intro_accepted;
	struct texts expiration;
	struct texts handled_by;
	struct texts message; /* the template's; the request's own is its message_json */
	/* handler NULL: none, or not registered any more */
	const struct party *from;
	const struct party *to;
	const struct party *handler;
	struct unfilled_view_right *rights;
	size_t n_rights;
};
/* RC_NOT_FOUND: *missing_out is gone. */
MUST_USE enum rc unfilled_view_load(struct consent_service *d, struct arena *a, const struct consent *c,
				    struct unfilled_view *out, enum agreement_part *missing_out);
