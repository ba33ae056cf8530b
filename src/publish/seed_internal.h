/* A seed document at work, shared by the files of the seed.
 *
 * The steps of a document: seed_state_load reads the stored entries, seed_check checks the shape of each value against
 * a table, seed_plan makes the wanted entries (merged with the stored ones, in canonical form), seed_parties_plan and
 * seed_holdings_plan do the same for parties and their roles, seed_refs checks references, and seed_write writes the
 * difference. */
#pragma once
#include "base/map.h"
#include "publish/seed.h"
#include "publish/seed_part.h"
#include "jose/jose.h"

enum section_id {
	SECTION_PARTY,
	SECTION_ROLE,
	SECTION_RIGHT,
	SECTION_TEMPLATE,
	SECTION_RESOURCE,
	SECTION_ACCESS_LIST,
	SECTION_PREFIX,
	SECTION_SCOPE,
	SECTION_CLIENT,
	SECTION_DELEGATION,
	SECTION_EXTRA, /* the first of an extension's */
	SECTION__MAX = SECTION_EXTRA + SEED_EXTRA_SECTIONS
};
#define SECTION_BIT(name) (1u << SECTION_##name)
extern struct seed_section seed_sections[SECTION__MAX];

struct seed_node { /* an entry: of the store, of the document, or of both */
	enum section_id section;
	struct str key;
	int64_t version;
	struct str stored;         /* canonical form; absent: not stored */
	struct str body;           /* wanted, canonical form; absent: to be removed */
	const struct js *doc;      /* NULL: not named in the document */
	size_t index;              /* in the document's list */
	const struct js *tree;     /* of body, see seed_tree */
	const struct js *before;   /* of stored, for seed_plan.c */
	struct seed_node *sibling; /* another version of the same key */
	struct seed_node *next;
};
struct seed_party {
	struct party stored; /* key 0: not stored */
	struct party wanted;
	const struct js *doc;
	size_t index;
	bool removed;
	struct seed_party *parent; /* that the document names; NULL: none */
	/* seed_write.c */
	bool written;
	struct seed_party *lower; /* is to be written after this one */
	struct seed_party *next;
};
struct seed_holding {
	struct holding h;
	bool remove;
	const struct seed_party *party;
	const struct seed_party *holder;
	struct seed_holding *next;
};
struct seed_doc {
	struct arena *a;
	struct seed_options o;
	struct seed_report *report;
	struct reader *reader; /* NULL: the document is checked without a store */
	const struct js *root;
	struct map nodes; /* section and key → the latest node */
	struct seed_node *first;
	struct seed_node **last;
	struct map asked; /* names that the store was asked for */
	/* → struct seed_party */
	struct map idents;
	struct map uuids;
	struct map numbers;
	struct seed_party *parties;
	struct seed_party **parties_last;
	struct map held;   /* name of a stored holding → struct seed_holding */
	struct map groups; /* see seed_held */
	struct map holdings_named;
	struct seed_holding *holdings;
	struct seed_holding **holdings_last;
	struct map owners;            /* orgcode in lower case, orgno of competent authorities → a node */
	bool owners_known;            /* `owners` is complete */
	struct str now;               /* the time of the work, as JSON documents write it */
	unsigned removed;             /* SECTION_BIT of each section of which the document removes an entry */
	unsigned algs[JOSE_ALG__MAX]; /* 1 + the rc of keyring_signs; 0: not called yet */
	struct str stored; /* of the entry that is being checked; absent: not stored, or its keys are in `sound` */
	struct map sound;  /* JWKs that passed the check, in canonical form */
};

/* ---- seed_doc.c: faults, entries, nodes ---- */
void seed_doc_init(struct seed_doc *d, struct arena *a, const struct seed_options *o, struct seed_report *report);
struct seed_path {
	const struct seed_path *up;
	struct str name; /* absent: an index */
	size_t index;
};
/* Adds a line to the report; after SEED_MAX_FAULTS lines it only counts. */
void seed_fault(struct seed_doc *d, const struct seed_path *at, const char *fmt, ...) PRINTF(3, 4);
bool seed_absent(const struct js *entry);                             /* "state": "absent" */
bool seed_full(const struct seed_section *s, const struct js *entry); /* no required member is missing */
/* The list of the section in the document; NULL: it is absent or no list. */
const struct js *seed_list(const struct seed_doc *d, const struct seed_section *s);
/* The entry's key in the store; RC_INVALID: a member of the key is no text or number. */
MUST_USE enum rc seed_key(struct seed_doc *d, const struct seed_section *s, const struct js *v, struct str *key_out,
			  int64_t *version_out);
struct seed_node *seed_node_find(struct seed_doc *d, enum section_id s, struct str key); /* any version; NULL */
struct seed_node *seed_node_at(struct seed_doc *d, enum section_id s, struct str key, int64_t version);
/* Requires that no node has that section, key and version. `key` must live as long as the document. */
struct seed_node *seed_node_add(struct seed_doc *d, enum section_id s, struct str key, int64_t version);
const struct js *seed_tree(struct seed_doc *d, struct seed_node *n); /* of n->body; NULL: none, or no JSON */
enum section_id seed_section_of(struct str kind, struct str key);    /* SECTION__MAX: none */
MUST_USE enum rc seed_state_load(struct seed_doc *d);                /* a node for each stored entry */

/* ---- seed_json.c ---- */
/* Canonical form: members in the order of the table, null and absent ones left out, members of maps sorted. Members of
 * doc replace those of `stored`; either may be NULL. skip: flags of members that are left out. */
void seed_write_members(struct jsw *w, const struct seed_row *rows, const struct js *doc, const struct js *stored,
			unsigned skip);
struct seed_source {
	const struct js *doc;
	const struct js *stored; /* for members that doc does not name */
	const struct js *before; /* for times that doc does not name */
	struct str now;          /* for times that neither names; absent: no times are made */
	bool changed;            /* SEED_CHANGED is made anew where doc names none */
	unsigned skip;
};
/* The same with times. */
void seed_write_entry(struct jsw *w, const struct seed_row *rows, const struct seed_source *from);
void seed_write_json(struct jsw *w, const struct js *v); /* any value, members sorted */

struct str seed_text(const struct js *v, const char *name); /* STR_NONE: absent or null */
int64_t seed_number(const struct js *v, const char *name);  /* 0: absent or null */

/* ---- seed_load.c: parties and holdings of the document and of the store ---- */
MUST_USE enum rc seed_parties_load(struct seed_doc *d); /* all stored ones that the document names */
/* The party that a URN names, of the document or of the store; *out NULL: there is none. */
MUST_USE enum rc seed_party_find(struct seed_doc *d, struct urn u, struct seed_party **out);
/* Among those that were loaded or noted; NULL: none. kind: 'p' partyId, 'u' userId. */
struct seed_party *seed_party_by_uuid(const struct seed_doc *d, struct uuid u);
struct seed_party *seed_party_by_number(const struct seed_doc *d, char kind, int64_t n);
/* Requires that no party has the number yet. */
struct seed_party *seed_party_new(struct seed_doc *d, struct str ident);
void seed_party_uuid(struct seed_doc *d, struct seed_party *p, struct uuid u);
void seed_party_number(struct seed_doc *d, struct seed_party *p, char kind, int64_t n); /* 0: has none */
/* What each of the pairs holds. */
MUST_USE enum rc seed_holdings_load(struct seed_doc *d, const struct holding_pair *pairs, size_t n);
struct str seed_holding_name(struct arena *a, const struct holding *h);
/* Among those that were loaded. */
bool seed_holds(const struct seed_doc *d, const struct holding *h);
/* Stored ones: of a right (value: the resource) all actions, of others all spellings, in any letter case. */
const struct seed_holding *seed_held(const struct seed_doc *d, const struct holding_pair *pair, const char *kind,
				     struct str value);

/* ---- the steps: faults go to the report, rc is the store's ---- */
void seed_check(struct seed_doc *d, struct str json);
void seed_plan(struct seed_doc *d);
MUST_USE enum rc seed_parties_plan(struct seed_doc *d);
MUST_USE enum rc seed_holdings_plan(struct seed_doc *d); /* requires seed_parties_plan */
MUST_USE enum rc seed_refs(struct seed_doc *d);
/* New entries whose keys differ from others by letter case alone. */
void seed_twins(struct seed_doc *d);
/* ---- seed_write.c ---- */
/* Writes the difference and its lines in the report; with dry_run the lines alone. version: of the registry that it was
 * planned on. RC_STALE: the rest must be planned again; report->changes has what was written. */
MUST_USE enum rc seed_write(struct seed_doc *d, struct store *s, int64_t version);
/* Calls o->written with the lines that it has not got yet. */
void seed_tell(const struct seed_options *o, struct seed_report *report);

/* All steps that need no store: finds the faults of the document itself. RC_INVALID: faults. */
MUST_USE enum rc seed_validate(struct arena *a, struct str json, const struct seed_options *o,
			       struct seed_report *report);
