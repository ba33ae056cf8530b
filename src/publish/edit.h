/* One change that an organisation makes by API. A maker writes a fragment of a seed document from one snapshot of the
 * registry, and the fragment is applied as `samtykke apply` applies a document. When another writer was faster, the
 * fragment is made again from a newer snapshot. For publish.c, self-service, and
 * extensions whose owners change entries. */
#pragma once
#include "publish/budget.h"
#include "publish/publish.h"
#include "publish/seed.h"

#define EDIT_TRIES 20        /* fragments that are made while others write */
#define EDIT_MAX_FAULTS 8192 /* bytes of faults; the fault that passes it is the last one */

struct edit {
	/* set by the caller of edit_run */
	const struct publisher *publisher;
	struct publication *publication;
	const struct js *body; /* as the organisation sent it; NULL: none */
	const void *target;    /* of the change; its type is the maker's own */
	bool merge;            /* members that the fragment does not name stay as they are stored */
	/* set by edit_run for one try */
	struct arena *a;
	const struct registry *registry;
	struct str now;    /* time of the try, as JSON documents write it */
	bool next_version; /* the latest version has other content: the maker must make the next version */
	/* set by the maker. Faults of the fragment begin with body_path, or else entry_path; both are left out of the
	 * faults that the organisation gets */
	struct str entry_path;
	struct str body_path;
	enum budget budget; /* of the entry: set by edit_entry_begin */
	bool owner_missing; /* the body names no owner: the fragment is checked for faults and never written */
};
/* Decides on e->registry and writes the members of the fragment; writing none means that nothing is to be changed. Any
 * other rc than RC_OK ends the change with that rc. */
typedef enum rc edit_fn(struct edit *e, struct jsw *w);

/* Runs the change in its turn; results as in publish.h. RC_BUSY: writers of other processes were faster EDIT_TRIES
 * times, or the organisation keeps no pace. */
MUST_USE enum rc edit_run(struct edit *e, edit_fn *make);

/* For makers. `why` is static text. A fault's path is one of the body. Faults past EDIT_MAX_FAULTS are left out. */
void edit_fault(struct edit *e, struct str path, const char *text);
enum rc edit_denied(struct edit *e, const char *why);   /* RC_DENIED */
enum rc edit_conflict(struct edit *e, const char *why); /* RC_CONFLICT */
/* RC_CONFLICT with `overtaken`: publisher->if_match is given and does not name `tag`. */
MUST_USE enum rc edit_match(struct edit *e, struct str tag);
/* The entity tag of a stored text: a strong one, RFC 9110 section 8.8.3. */
struct str edit_tag(struct arena *a, struct str stored);
/* The one entry of the fragment, in the section's list. It must fit into the organisation's budget. */
void edit_entry_begin(struct edit *e, struct jsw *w, const char *section);
void edit_entry_end(struct jsw *w);

/* ---- bodies whose members have other names than those of the seed ---- */
enum edit_rule {
	EDIT_COPY,  /* is written; a member that is not named becomes `missing` */
	EDIT_KEEP,  /* is written; a member that is not named stays as it is stored */
	EDIT_FIXED, /* may be named with the value `missing` only */
	EDIT_SAME,  /* may be named with the value that it has only */
	EDIT_IGNORE /* read only: may be named with any value, and is not written */
};
struct edit_member {
	const char *name; /* in the body; NULL ends a table */
	const char *seed; /* in the seed; NULL: the seed has no such member */
	enum edit_rule rule;
	const char *missing; /* JSON */
};
/* Adds a fault for each member of e->body that `rows` does not know or that breaks its rule. `same` holds the values of
 * the rows with EDIT_SAME in their order; such a member with an absent value must not be named. A member that is null
 * counts as not named. */
void edit_members_check(struct edit *e, const struct edit_member *rows, const struct str *same);
/* Writes the members with EDIT_COPY and EDIT_KEEP under their names of the seed. */
void edit_members_write(const struct edit *e, struct jsw *w, const struct edit_member *rows);
/* Replaces the names of the seed in p->faults by those of the body. */
void edit_faults_rename(struct arena *a, struct publication *p, const struct edit_member *rows);
/* The text of a member of the body; absent: it has none. */
struct str edit_text(const struct edit *e, const char *name);
