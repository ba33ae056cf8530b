/* What the files of the seed share; nobody above includes it (tests/fuzz does).
 *
 * A document goes through seed_state_load (what the store has), seed_check (shapes: one table row a member), seed_plan
 * (what each entry shall be: merged over what is stored, in canonical form), seed_refs (references, against the union
 * of document and store) and seed_changes (the difference). */
#pragma once
#include "base/map.h"
#include "publish/seed.h"
#include "jose/jose.h"

enum shape { SHAPE_TEXT, SHAPE_BOOL, SHAPE_INT, SHAPE_OBJECT, SHAPE_LIST, SHAPE_MAP, SHAPE_JSON };
enum seed_flag {
	SEED_KEY = 1,       /* names the entry: needed always */
	SEED_REQUIRED = 2,  /* needed unless the entry is stored already */
	SEED_NULL = 4,      /* null is the same as absent */
	SEED_EMPTY = 8,     /* the text may be empty */
	SEED_UNSTORED = 16, /* never part of the canonical form */
	SEED_SECRET = 32,   /* stored, never exported */
};
struct seed_doc;
/* NULL: sound; else what is wrong, static text or in the document's arena. */
typedef const char *seed_value_fn(struct seed_doc *d, const struct js *v);
struct seed_row {
	const char *name; /* NULL ends a table */
	enum shape shape;
	unsigned flags;
	int64_t limit; /* TEXT: bytes; INT: greatest; LIST, MAP: how many */
	seed_value_fn *check;
	const struct seed_row *of; /* OBJECT: its table; LIST and MAP: one row, what each holds */
};

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
	SECTION_API_KEY,
	SECTION_SERVICE,
	SECTION__MAX
};
struct seed_section {
	const char *list;   /* "resources" */
	const char *parent; /* "altinn2" or NULL */
	const char *kind;   /* of struct entry; NULL: rows of their own */
	const char *word;   /* in the report of changes */
	const struct seed_row *rows;
	const char *key[2]; /* members that make the key */
	const char *key_prefix;
	const char *version;  /* member; NULL: none */
	bool fixed;           /* a version's content never changes */
	bool deactivates;     /* absent is a state, not a removal */
	seed_value_fn *check; /* of the whole entry */
};
extern const struct seed_section seed_sections[SECTION__MAX];

struct seed_node { /* an entry: of the store, of the document, or of both */
	enum section_id section;
	struct str key;
	int64_t version;
	/* canonical; absent: none; body is what shall be */
	struct str stored;
	struct str body;
	const struct js *doc;      /* NULL: not named in the document */
	size_t index;              /* in the document's list */
	const struct js *tree;     /* of body, see seed_tree */
	struct seed_node *sibling; /* another version of the same key */
	struct seed_node *next;
};
struct seed_party {
	/* is.key 0: not in the store */
	struct party is;
	struct party want;
	const struct js *doc;
	size_t index;
	bool removed;
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
	struct reader *reader; /* NULL: there is no store */
	const struct js *root;
	struct map nodes; /* section and key → the node read last */
	struct seed_node *first;
	struct seed_node **last;
	/* → struct seed_party */
	struct map idents;
	struct map uuids;
	struct map numbers;
	struct seed_party *parties;
	struct seed_party **parties_last;
	struct map holdings_named;
	struct seed_holding *holdings;
	struct seed_holding **holdings_last;
	struct map owners;            /* orgcode, orgno of competent authorities */
	bool removes;                 /* the document takes something away */
	unsigned algs[JOSE_ALG__MAX]; /* 1 + what keyring_signs said; 0: not asked yet */
	struct str stored;            /* what the store has of the entry that is being checked; absent: nothing */
	struct map sound;             /* JWKs of the document that were found to be so, in canonical form */
};

void seed_doc_init(struct seed_doc *d, struct arena *a, const struct seed_options *o, struct seed_report *report);
struct seed_path {
	const struct seed_path *up;
	struct str name; /* absent: an index */
	size_t index;
};
void seed_fault(struct seed_doc *d, const struct seed_path *at, const char *fmt, ...) PRINTF(3, 4);

/* Canonical form: members in the order of the table, null and absent left out, maps sorted. doc's members stand before
 * those of `stored`; either may be NULL. `skip`: flag of members that are left out, 0 = none. */
void seed_write_json(struct jsw *w, const struct js *v); /* any value, members sorted */
void seed_write_members(struct jsw *w, const struct seed_row *rows, const struct js *doc, const struct js *stored,
			unsigned skip);
bool seed_absent(const struct js *entry); /* "state": "absent" */
/* The entry's key as the store has it; RC_INVALID: a member of the key is no text or number. */
MUST_USE enum rc seed_key(struct seed_doc *d, const struct seed_section *s, const struct js *v, struct str *key_out,
			  int64_t *version_out);
struct seed_node *seed_node_find(struct seed_doc *d, enum section_id s, struct str key); /* any version; NULL */
struct seed_node *seed_node_at(struct seed_doc *d, enum section_id s, struct str key, int64_t version);
struct seed_node *seed_node_add(struct seed_doc *d, enum section_id s, struct str key, int64_t version);
const struct js *seed_list(const struct seed_doc *d, const struct seed_section *s); /* NULL: absent or no list */
const struct js *seed_tree(struct seed_doc *d, struct seed_node *n);
enum section_id seed_section_of(struct str kind, struct str key);     /* SECTION__MAX: none */
bool seed_full(const struct seed_section *s, const struct js *entry); /* no required member is missing */

/* The steps. Faults go to the report; rc is the store's. */
MUST_USE enum rc seed_state_load(struct seed_doc *d);
void seed_check(struct seed_doc *d, struct str json);   /* seed_check.c */
void seed_plan(struct seed_doc *d);                     /* seed_plan.c */
MUST_USE enum rc seed_parties_plan(struct seed_doc *d); /* seed_party.c */
MUST_USE enum rc seed_holdings_plan(struct seed_doc *d);
/* The party that a URN of the document or an organisation number names; *out NULL: there is none. */
MUST_USE enum rc seed_party_find(struct seed_doc *d, struct urn u, struct seed_party **out);
MUST_USE enum rc seed_refs(struct seed_doc *d);          /* seed_refs.c */
void seed_changes(struct seed_doc *d, struct change *c); /* seed.c */
/* All of it but the store: what a document alone can be blamed for. */
MUST_USE enum rc seed_validate(struct arena *a, struct str json, const struct seed_options *o,
			       struct seed_report *report);
