/* The tables of what a seed document may hold: its sections, and the members of their entries. An extension adds
 * sections of its own before the first document is read. */
#pragma once
#include "base/js.h"
#include "publish/limits.h"

struct seed_doc;

enum shape { SHAPE_TEXT, SHAPE_BOOL, SHAPE_INT, SHAPE_OBJECT, SHAPE_LIST, SHAPE_MAP, SHAPE_JSON };
enum seed_flag {
	SEED_KEY = 1,       /* part of the entry's key: always required */
	SEED_REQUIRED = 2,  /* required unless the entry is stored already */
	SEED_NULL = 4,      /* null counts as absent */
	SEED_EMPTY = 8,     /* the text may be empty */
	SEED_UNSTORED = 16, /* never part of the canonical form */
	SEED_SECRET = 32,   /* stored, never exported */
	SEED_FOLDED = 128,  /* TEXT: it has no letter case, and is stored in lower case */
	SEED_MADE = 256, /* a time that the server makes when the entry is new, and keeps; null counts as not named */
	SEED_CHANGED = 512, /* the same, made anew with each change of the entry */
	SEED_TIMES = 1024,  /* MAP of times like SEED_MADE, one for each text of the list `grants` */
	SEED_OPEN = 64,     /* OBJECT: members that its table does not have are allowed, and are not stored */
};
/* NULL: sound; else the fault, static text or in the document's arena. */
typedef const char *seed_value_fn(struct seed_doc *d, const struct js *v);
struct seed_row {
	const char *name; /* NULL ends a table */
	enum shape shape;
	unsigned flags;
	int64_t limit; /* TEXT: bytes; INT: greatest; LIST, MAP: how many */
	seed_value_fn *check;
	const struct seed_row *of; /* OBJECT: its table; LIST and MAP: the row of each item */
};

struct seed_section {
	const char *list;   /* "resources"; NULL: a place that no extension has taken */
	const char *parent; /* member of the document that has the list; NULL: the document itself */
	const char *kind;   /* of struct entry; NULL: stored in tables of their own */
	const char *word;   /* in reports */
	const struct seed_row *rows;
	const char *key[2];     /* members that make the key */
	const char *key_prefix; /* of sections that share a kind */
	const char *version;    /* member; NULL: none */
	size_t max_bytes;       /* of an entry's canonical form; 0: SEED_BYTES_ENTRY */
	bool fixed;             /* the content of a version never changes */
	bool deactivates;       /* "state": "absent" is stored, the entry is not removed */
	seed_value_fn *check;   /* of the whole entry */
	/* The key ends with the SHA-256 of an entry's secret in hexadecimal. `hash`: the member that holds it,
	 * `secret`: the member that may stand in its place. Both rows are SEED_UNSTORED. NULL: the key has no such
	 * part. */
	const char *hash;
	const char *secret;
	const char *resource; /* member that names a resource, which must be there; NULL: none */
};

/* Adds the sections of an extension: at most SEED_EXTRA_SECTIONS in all. Call it before any document is read, once; the
 * sections must outlive the program's use of documents. */
#define SEED_EXTRA_SECTIONS 2
void seed_extend(const struct seed_section *sections, size_t n);

/* ---- what the tables of several sections have ---- */
seed_value_fn seed_word_ok;  /* letters, digits and . _ - */
seed_value_fn seed_orgno_ok; /* an organisation number */
seed_value_fn seed_name_ok;  /* of a map: a name of 1 to SEED_MAX_KEY bytes */
seed_value_fn seed_time_ok;  /* as clock_parse reads it */
seed_value_fn seed_state_ok; /* "absent" */
// clang-format off
#define SEED_STATE { "state", SHAPE_TEXT, SEED_UNSTORED, SEED_MAX_ID, seed_state_ok, NULL } /* of each entry */
#define SEED_END { NULL, SHAPE_TEXT, 0, 0, NULL, NULL }
// clang-format on
