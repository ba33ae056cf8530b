/* What the files about consents share; nobody outside this folder includes it. */
#pragma once
#include "consent/consent.h"
#include "consent/view.h"

/* The consent with its events, in one snapshot. RC_NOT_FOUND adds AM-00001. */
MUST_USE enum rc consent_load(struct consent_service *d, struct arena *a, struct uuid id, struct consent **out,
			      struct problems *p);
/* c->events grows by e. */
void consent_add_event(struct arena *a, struct consent *c, const struct event *e);
/* Appends Expired (nil id, at validTo, performed by `to`) when the time is over and no such event is there. */
void consent_derive_expired(struct arena *a, struct consent *c);
/* `to`, or the organisation that created it. */
MUST_USE enum rc consent_readable(struct consent_service *d, struct arena *a, const struct consent *c, struct str orgno,
				  bool *out);

/* found[i] is NULL for what is not registered, for an absent URN and for a party id; n at most PARTIES_MAX. */
MUST_USE enum rc parties_resolve(struct consent_service *d, struct arena *a, const struct urn *urns, size_t n,
				 struct party *found[]);
/* The same for a decision that is written with this registry version: parties seen lately are not read again. */
MUST_USE enum rc parties_resolve_at(struct consent_service *d, struct arena *a, const struct urn *urns, size_t n,
				    struct party *found[], int64_t version);
/* Registers what is NULL in `found` and is a number; names unknown. */
MUST_USE enum rc parties_register(struct consent_service *d, struct arena *a, const struct urn *urns, size_t n,
				  struct party *found[]);
/* AM-00003 or AM-00004 by the kind of `u`; a party uuid is of `type`. Always RC_INVALID. */
MUST_USE enum rc party_unknown(struct problems *p, struct arena *a, struct urn u, enum party_type type);

/* redirect.c: is the address one that a browser may be sent to, and one of `allow` unless that is empty? */
bool redirect_allowed(struct str target, const struct str *allow, size_t n_allow);

/* What is said of a change whose first attempt may have been made (uncertain): "nothing was done" would be a guess. */
static inline enum rc consent_outcome(bool uncertain, enum rc rc)
{
	return uncertain && (rc == RC_BUSY || rc == RC_STALE || rc == RC_FAIL) ? RC_UNCERTAIN : rc;
}

/* What a consent says: the texts of its template and resources that apply to it, in all languages. Borrowed from the
 * snapshot that the caller holds. */
struct agreement {
	const struct consent_template *template;
	const struct resource **resources; /* of each right, in its order */
	size_t n_resources;
	/* NULL: not registered any more, or none */
	const struct party *from;
	const struct party *to;
	const struct party *handler;
	bool one_time;
	const struct texts *title;
	const struct texts *heading;
	const struct texts *intro;
	const struct texts *title_accepted;
	const struct texts *intro_accepted;
	const struct texts *expiration;
	const struct texts *handled_by; /* NULL: nobody handles it */
	struct texts message;           /* the request's own, or the template's */
	struct str message_other;       /* own, in a language that is none of ours */
	struct str message_tag;         /* which, as the requester calls it */
	bool own_message;
};
/* RC_NOT_FOUND: *missing_out is gone. Parties that are gone are none. */
MUST_USE enum rc agreement_load(struct consent_service *d, struct arena *a, const struct registry *reg,
				const struct consent *c, struct agreement *out, enum agreement_part *missing_out);
/* The consent text of one right, in the language or in another. */
MUST_USE enum rc agreement_html(struct arena *a, const struct right *r, const struct resource *res, enum lang lang,
				struct str *html_out, enum lang *lang_out);

/* consent_shown on a snapshot that the caller holds. */
MUST_USE enum rc consent_view_fill(struct consent_service *d, struct arena *a, const struct registry *reg,
				   const struct consent *c, enum lang lang, struct consent_view *out);

/* ---- list.c: what a person looks for ---- */
struct needle {
	struct str text;   /* in small letters; absent = everything is wanted */
	struct str number; /* its digits */
};
struct needle needle_of(struct arena *a, struct str text);
bool needle_in(struct arena *a, const struct needle *n, struct str text); /* letter case aside */
bool needle_is_number(const struct needle *n, struct str orgno);

/* trail.c: the title of a resource of the consent in the version that was asked for, or its identifier. */
struct localized activity_resource_title(const struct registry *reg, struct arena *a, const struct consent *c,
					 struct str resource, enum lang lang);
