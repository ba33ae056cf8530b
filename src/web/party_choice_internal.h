/* Whose agreements a page is about: oneself, or somebody that one represents; `party` of the address says it. */
#pragma once
#include "web/page_internal.h"

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

/* ---- what a list is narrowed by, and its pages ---- */
struct choice {
	const char *value; /* of ?state=; the first one is "" */
	enum msg text;
	unsigned bits;
};
size_t choice_read(const struct choice *choices, size_t n, struct str value); /* 0: none of them */
struct filter {
	struct str path;
	enum msg search;
	struct str text;
	const struct choice *choices;
	size_t n;
	size_t chosen;
};
struct str about_filter(const struct page *p, const struct about *about, const struct filter *f); /* HTML */
/* HTML: links to the newest and to older ones; absent addresses have none. */
struct str about_pages(const struct page *p, struct str newest, enum msg newest_text, struct str older,
		       enum msg older_text);
struct str value_of(const struct pair *query, const char *key); /* trimmed; absent = none */

/* ---- addresses with what they are about ---- */
struct address {
	struct buf b;
	bool more; /* has parameters */
};
struct address address_start(struct arena *a, struct str path, const struct about *about); /* about may be NULL */
void address_put(struct address *to, const char *key, struct str value); /* nothing when absent or empty */
