/* The consent view: the texts of a request as a page shows them, filled in or with their placeholders. */
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
	/* of a consent that is given; as above where the template has none */
	struct localized title_accepted;
	struct localized intro_accepted;
	struct localized message;
	struct localized handled_by;
	bool says_until;        /* the expiration names the date */
	struct str says;        /* author of a message that is the request's own; absent = the template's message */
	struct str message_tag; /* BCP 47 tag of a message in none of our languages; absent = it is in one of them */
	/* display names; absent = unknown */
	struct str from_name;
	struct str to_name;
	struct str handler_name;
	struct str to_orgno;
	struct str handler_orgno;
	struct str from_orgno;  /* absent: the giver is a person */
	struct str from_masked; /* stands in for a person's unknown name; absent: the name or the number is known */
	struct view_right *rights;
	size_t n_rights;
	struct str template_id;
	int64_t template_version;
};
/* RC_NOT_FOUND: the template or a resource is gone, in the version that the consent names. */
MUST_USE enum rc consent_view_load(struct consent_service *consents, struct arena *a, const struct consent *c,
				   enum lang lang, struct consent_view *out);
/* Writes the agreement as HTML: heading, message, intro, list of rights, expiration, handled by. These bytes are the
 * middle of the page, and the same bytes are hashed and frozen with an acceptance. */
void consent_view_html(struct buf *b, const struct consent_view *s, const struct consent *c);
/* What was asked, of a request that can no longer be answered: message and list of rights. The template's sentences say
 * what a yes would give, so they are left out. asked: above the list; wrote: above a message that is the request's own.
 */
void consent_view_past_html(struct buf *b, const struct consent_view *s, struct str asked, struct str wrote);

/* The view for a front end that fills in the names itself. It has every language, with another one's text where a
 * language has none. Metadata is filled in; {CoveredBy}, {OfferedBy}, {HandledBy} and {Expiration} stay. */
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
	struct texts message; /* the template's; the request's own message is its message_json */
	const struct party *from;
	const struct party *to;
	const struct party *handler; /* NULL: none, or not registered any more */
	struct unfilled_view_right *rights;
	size_t n_rights;
};
/* RC_NOT_FOUND: the part *missing_out is gone. */
MUST_USE enum rc unfilled_view_load(struct consent_service *consents, struct arena *a, const struct consent *c,
				    struct unfilled_view *out, enum agreement_part *missing_out);
