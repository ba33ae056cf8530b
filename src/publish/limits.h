/* Limits on a seed document and its entries; each has a test at limit + 1. */
#pragma once
#include <stdint.h>

#define SEED_MAX (64 * 1024 * 1024) /* bytes of a document */
/* Bytes of one entry as it is stored: canonical JSON. An entry that is stored already may stay as it is. */
#define SEED_BYTES_CLIENT (128 << 10)
#define SEED_BYTES_RESOURCE (512 << 10) /* a version, its policy included */
#define SEED_BYTES_TEMPLATE (1 << 20)
#define SEED_BYTES_ENTRY (8 << 20) /* any other entry */
#define SEED_MAX_FAULTS 200        /* lines of a report */
#define SEED_MAX_ENTRIES 200000    /* of one list */
#define SEED_CHUNK 500             /* rows of parties, roles and rights in one change */
#define SEED_MAX_NODES 16000000    /* JSON values */
#define SEED_MAX_ID 200            /* bytes: identifiers, scopes, client ids, URNs */
#define SEED_MAX_KEY 100           /* bytes: metadata key, action */
#define SEED_MAX_NAME 500          /* bytes: names, titles */
#define SEED_MAX_DESCRIPTION 4000  /* bytes */
#define SEED_MAX_TEXT 20000        /* bytes: consent text, text of a template */
#define SEED_MAX_URL 2000          /* bytes */
#define SEED_MAX_METADATA 50       /* keys of a resource */
#define SEED_MAX_ACTIONS 20
#define SEED_MAX_RULES 50
#define SEED_MAX_SUBJECTS 200   /* alternatives in a rule */
#define SEED_MAX_ALL 10         /* attributes in an alternative */
#define SEED_MAX_OWNERS 50      /* restrictedToServiceOwners */
#define SEED_MAX_MEMBERS 100000 /* of an access list; grants of a scope */
#define SEED_MAX_CONNECTIONS 500
#define SEED_MAX_SCOPES 200 /* of a client or a delegation */
#define SEED_MAX_JWKS 5     /* keys of a client */
#define SEED_MAX_REDIRECTS 100
#define SEED_MAX_EXTRAS 20         /* contact points, party types, keywords, references */
#define SEED_MAX_LIFETIME 86400    /* s: accessTokenLifetime, atMaxAge */
#define SEED_MAX_NUMBER UINT32_MAX /* partyId, userId, versionId */
#define SEED_MAX_TYPES 10          /* integration types of a scope */
#define SEED_KID_MAX 128           /* bytes of a client key's kid */
#define SEED_MAX_JWK 65536         /* bytes of a client key, its certificates included */
