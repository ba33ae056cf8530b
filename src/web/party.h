/* Whose agreements a page is about: oneself, or somebody that one represents; `party` of the address says it. */
#pragma once
#include "web/internal.h"

struct about {
	struct party **all; /* that the person may choose: oneself first */
	size_t n;
	const struct party *party; /* the chosen one */
	struct str name;           /* its display name, or that it is unknown */
	bool self;
};
/* RC_OK and *ok_out false: another page has been sent: no such party, or one that the person may not read for. */
MUST_USE enum rc about_read(struct page *p, const struct pair *query, struct about *out, bool *ok_out);
/* A message with {name} for the party; `plain` where the name is unknown. */
struct str about_heading(const struct page *p, const struct about *about, enum msg with_name, enum msg plain);
/* HTML: number and kind of an organisation; absent for a person. */
struct str about_org(const struct page *p, const struct about *about);
/* HTML: a form that opens `path` for another party; absent when there is none to choose. */
struct str about_picker(const struct page *p, const struct about *about, struct str path);
/* HTML: the party as a field of another form. */
struct str about_field(const struct page *p, const struct about *about);

/* ---- addresses with what they are about ---- */
struct address {
	struct buf b;
	bool more; /* has parameters */
};
struct address address_start(struct arena *a, struct str path, const struct about *about); /* about may be NULL */
void address_put(struct address *to, const char *key, struct str value); /* nothing when absent or empty */
