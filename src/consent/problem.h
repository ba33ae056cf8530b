/* What a rule has to say when it refuses. The fronts give these their codes (AM-000nn, CTUI-000nn, …) and words. */
#pragma once
#include "base/arena.h"

enum problem_code {
	PROB_NOT_AUTHORIZED,   /* AM-00000 */
	PROB_NOT_FOUND,        /* AM-00001 */
	PROB_WRONG_STATUS,     /* AM-00002 to be consented */
	PROB_UNKNOWN_ORG,      /* AM-00003 orgnr = URN */
	PROB_UNKNOWN_PERSON,   /* AM-00004 fnumber = URN */
	PROB_RESOURCE,         /* AM-00005 */
	PROB_METADATA,         /* AM-00006 key */
	PROB_METADATA_VALUE,   /* AM-00007 index, key */
	PROB_METADATA_MISSING, /* AM-00008 key */
	PROB_COMBINATION,      /* AM-00009 */
	PROB_REVOKE_STATUS,    /* AM-00010 */
	PROB_REVOKED,          /* AM-00011 */
	PROB_FROM_MISMATCH,    /* AM-00012 */
	PROB_EXPIRED,          /* AM-00013 */
	PROB_NOT_ACCEPTED,     /* AM-00014 */
	PROB_REJECT_STATUS,    /* AM-00015 */
	PROB_ID_EXISTS,        /* AM-00016 requestId */
	PROB_VALIDATION,       /* STD-00000 with validation errors */
	PROB__MAX
};
enum validation_code {
	VLD_REQUIRED,     /* STD.VLD-00000 */
	VLD_FUTURE,       /* AM.VLD-00022 ValidTo */
	VLD_EMPTY_LIST,   /* AM.VLD-00023 Resource */
	VLD_REDIRECT,     /* AM.VLD-00027 RedirectUrl */
	VLD_DATE_RANGE,   /* AM.VLD-00051 $QUERY/createdAfter */
	VLD_EVENT_TYPE,   /* AM.VLD-00052 $QUERY/eventType */
	VLD_CONTINUATION, /* AM.VLD-00053 $QUERY/continuationToken */
	VLD_MAX_VALIDITY, /* SAM.VLD-00001 ValidTo */
	VLD_USE_TIME,     /* SAM.VLD-00002 Time */
	VLD_MAX_USES,     /* SAM.VLD-00003 Resource */
	VLD_MAX_TEXTS,    /* SAM.VLD-00004 Resource */
	VLD__MAX
};
struct validation {
	enum validation_code code;
	struct str path;
	struct str limit; /* follows the sentence; absent = none */
};
#define PROBLEM_MAX_VALIDATIONS 8
struct problem {
	enum problem_code code;
	struct str key; /* lower-cased metadata key, URN or id; absent = no extension member */
	size_t index;   /* PROB_METADATA_VALUE: of the right */
	struct validation validations[PROBLEM_MAX_VALIDATIONS];
	size_t n_validations;
};
#define PROBLEMS_MAX 128 /* later ones are counted and left out */
struct problems {
	struct arena *a;
	struct problem *items;
	size_t n;
	size_t cap;
	size_t dropped;
	int64_t level;   /* RC_DENIED: the login level that would do; 0: the refusal has other reasons */
	const char *why; /* RC_DENIED without problems: the reason, for the log alone; static text or NULL */
};
#define PROBLEMS(arena) ((struct problems){ .a = (arena) })
/* Never NULL; what is returned is good until the next problem is added. */
struct problem *problems_add(struct problems *p, enum problem_code code, struct str key);
/* Adds one validation error, to the PROB_VALIDATION problem `to` or to a new one when NULL; returns that problem. */
struct problem *problems_validation(struct problems *p, struct problem *to, enum validation_code code, struct str path);
bool problems_has(const struct problems *p, enum problem_code code);
