/* Shared by the files of consent/. */
#pragma once
#include "consent/consent.h"
#include "consent/view.h"

/* Loads the consent and its events from one snapshot of the store. RC_NOT_FOUND adds AM-00001. */
MUST_USE enum rc consent_load(struct consent_service *consents, struct arena *a, struct uuid id, struct consent **out,
			      struct problems *p);
/* The same with the consent's epoch, for which recently read parties and standings count. */
MUST_USE enum rc consent_load_at(struct consent_service *consents, struct arena *a, struct uuid id, bool with_events,
				 struct consent **out, struct problems *p);
/* Appends the event to c->events. */
void consent_add_event(struct arena *a, struct consent *c, const struct event *e);
/* Appends an Expired event (nil id, at validTo, performed by `to`) to an expired consent that has none. */
void consent_derive_expired(struct arena *a, struct consent *c);
/* RC_DENIED AM-00000 with p->level: the login is below the level of the consent's resources. */
MUST_USE enum rc consent_level_check(const struct registry *reg, const struct person_caller *who,
				     const struct consent *c, struct problems *p);
/* Leaves out what a login below that level does not read: metadata, message, uses. Returns the level; 0: nothing is
 * left out. */
int64_t consent_level_hide(const struct registry *reg, const struct person_caller *who, struct consent *c);
/* May the organisation read it as a requester: is it `to`, or the organisation that created it? */
MUST_USE enum rc consent_readable(struct consent_service *consents, struct arena *a, const struct consent *c,
				  struct str orgno, bool *out);

/* Looks the parties up: found[i] is NULL for an absent URN, a party id and a party that is not registered.
 * RC_TOO_LARGE: n is over PARTIES_MAX. */
MUST_USE enum rc parties_resolve(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
				 struct party *found[]);
/* The same for a decision on a registry snapshot of this epoch. It takes parties from the cache. */
MUST_USE enum rc parties_resolve_at(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
				    struct party *found[], int64_t epoch);
/* Registers every number whose entry in `found` is NULL, with an unknown name. */
MUST_USE enum rc parties_register(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
				  struct party *found[]);
/* Adds AM-00003 or AM-00004 by the kind of `u`; a party uuid counts as `type`. Always RC_INVALID. */
MUST_USE enum rc party_unknown(struct problems *p, struct arena *a, struct urn u, enum party_type type);

/* decide.c: the resources of the consent whose owners have it in a list: those that an extension lists
 * (registry_mapped), and those that it was asked for by a service of Altinn 2. Returns how many. */
size_t consent_listed(struct arena *a, const struct registry *reg, const struct consent *c, const struct str **out);

/* create.c: can consent to the resource be asked for? NULL: no. */
bool resource_usable(const struct resource *res);

/* redirect.c: may a browser be sent to the address? It is safe, and it is on `allow` unless that list is empty. */
bool redirect_allowed(struct str target, const struct str *allow, size_t n_allow);

/* The outcome of a change. Where an earlier attempt may have been committed, a later failure stays RC_UNCERTAIN: an
 * answer that nothing was done would be a guess. */
static inline enum rc consent_outcome(bool uncertain, enum rc rc)
{
	return uncertain && (rc == RC_BUSY || rc == RC_STALE || rc == RC_FAIL) ? RC_UNCERTAIN : rc;
}

/* The texts of template and resources that apply to a consent, in all languages. They are borrowed from the registry
 * snapshot that the caller holds. */
struct agreement {
	const struct consent_template *template;
	const struct resource **resources; /* of each right, in its order */
	size_t n_resources;
	const struct party *
		*owners; /* of each resource without a name of its owner; NULL: it has one, or no party has */
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
/* RC_NOT_FOUND: the part *missing_out is gone. A party that is not registered any more is NULL. */
MUST_USE enum rc agreement_load(struct consent_service *consents, struct arena *a, const struct registry *reg,
				const struct consent *c, struct agreement *out, enum agreement_part *missing_out);
/* The bytes of the right's title and filled-in consent text, in the language that has most. */
size_t agreement_bytes(struct arena *a, const struct right *r, const struct resource *res);
/* The consent text of one right as HTML, in the language or else in another one (*lang_out). */
MUST_USE enum rc agreement_html(struct arena *a, const struct right *r, const struct resource *res, enum lang lang,
				struct str *html_out, enum lang *lang_out);

/* consent_view_load on a registry snapshot that the caller holds. */
MUST_USE enum rc consent_view_fill(struct consent_service *consents, struct arena *a, const struct registry *reg,
				   const struct consent *c, enum lang lang, struct consent_view *out);

/* ---- list.c: a search text ---- */
struct needle {
	struct str text;   /* in small letters; absent = everything matches */
	struct str number; /* its digits */
};
struct needle needle_of(struct arena *a, struct str text);
bool needle_in(struct arena *a, const struct needle *n, struct str text); /* letter case aside */
bool needle_is_number(const struct needle *n, struct str orgno);

/* activity.c: the title of a resource in the version that the consent names, or its identifier. */
struct localized activity_resource_title(const struct registry *reg, struct arena *a, const struct consent *c,
					 struct str resource, enum lang lang);
