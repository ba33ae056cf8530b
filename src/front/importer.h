/* Importers: what `samtykke import KIND` takes in. An extension names its own (extension.h). */
#pragma once
#include "consent/consent.h"

#define IMPORT_ROW_MAX ((size_t)1 << 20) /* bytes of a row */
#define IMPORT_CHUNK 250                 /* rows of one call: the store is held for one at a time */

enum import_state { IMPORT_TAKEN, IMPORT_STOOD, IMPORT_REFUSED };
struct import_verdict {
	enum import_state state;
	struct str id;    /* of the row, where it has a valid one; absent otherwise */
	const char *code; /* IMPORT_REFUSED: a word for programs */
	struct str why;   /* and a sentence for people, which has no identity number */
};
struct importer {
	const char *kind;           /* "altinn2" */
	const char *const *members; /* names of a row's members (base/split.h), ended by NULL */
	/* Takes at most IMPORT_CHUNK rows of JSON. A row that stands stays as it is. dry_run: writes nothing. rc other
	 * than RC_OK: the store's, and perhaps a part of the rows was written; the same rows can be given again. */
	enum rc (*take)(struct consent_service *consents, struct arena *a, const struct str rows[], size_t n,
			bool dry_run, struct import_verdict out[]);
};
