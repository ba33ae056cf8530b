/* One change that somebody makes by API, on its way: a fragment of a seed document is made from one snapshot of the
 * registry and goes the way of `samtykke apply`; it is made again from a newer snapshot when somebody else was faster.
 * For publish.c and the files of self-service. */
#pragma once
#include "publish/publish.h"
#include "publish/seed.h"

#define EDIT_TRIES 20 /* plans, when others write meanwhile */

struct edit {
	const struct publisher *who;
	struct publication *p;
	const struct js *body; /* what was sent */
	const void *of;        /* what it is about: the maker's own */
	bool merge;            /* members that the fragment does not name stay */
	struct arena *a;       /* of one try */
	struct str now;        /* its time */
	const struct registry *reg;
	/* What make has to say. */
	bool next_version; /* the latest version has other content: make the next one */
	/* in front of the paths of the entry, of the body, in the fragment's faults */
	struct str entry;
	struct str base;
	bool unowned; /* the body does not say whose it is: a fault, and never written */
};
/* Decides on e->reg and writes the members of the fragment; none of them: there is nothing to change. */
typedef enum rc edit_fn(struct edit *e, struct jsw *w);

/* who, p, body, of and merge are set. Results as in publish.h. */
MUST_USE enum rc edit_run(struct edit *e, edit_fn *make);

void edit_fault(struct edit *e, struct str path, const char *text);
enum rc edit_denied(struct edit *e, const char *why);   /* RC_DENIED */
enum rc edit_conflict(struct edit *e, const char *why); /* RC_CONFLICT */
/* RC_CONFLICT: who->if_match names other states than the one with this tag. */
MUST_USE enum rc edit_match(struct edit *e, struct str tag);
/* The entity tag (RFC 9110 section 8.8.3, a strong one) of what is stored. */
struct str edit_tag(struct arena *a, struct str stored);
void edit_entry_begin(struct edit *e, struct jsw *w, const char *section);
void edit_entry_end(struct jsw *w);

/* ---- bodies whose members have other names than those of the seed ---- */
enum edit_how {
	EDIT_COPY,  /* what is not named becomes `missing` */
	EDIT_KEEP,  /* what is not named stays */
	EDIT_FIXED, /* may be named, as it is: `missing` is the only value (JSON) */
	EDIT_SAME,  /* may be named, as it is: the maker knows the value */
	EDIT_IGNORE /* read only */
};
struct edit_member {
	/* seed NULL: the seed has no such member; name NULL ends a table */
	const char *name;
	const char *seed;
	enum edit_how how;
	const char *missing; /* JSON */
};
/* The members of e->body that the table knows; others, and what differs from what it must be, are faults. `same`: the
 * values of the rows EDIT_SAME in their order; an absent one may not be named. null is the same as not named. */
void edit_members_check(struct edit *e, const struct edit_member *rows, const struct str *same);
void edit_members_write(const struct edit *e, struct jsw *w, const struct edit_member *rows);
/* The names of the seed in p->faults become those of the body. */
void edit_faults_rename(struct arena *a, struct publication *p, const struct edit_member *rows);
struct str edit_text(const struct edit *e, const char *name); /* a text in the body; absent: none */
