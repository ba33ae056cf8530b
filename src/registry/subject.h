/* The subjects of the registry (struct subject in store.h): lookups name what they read, and changes of entries name
 * what they concern. An entry is a subject of its own kind and key; versions of a key are one subject. */
#pragma once
#include "store/change.h"

#define SUBJECT_RESOURCE "resource"
#define SUBJECT_ACCESS_LIST "accessList" /* OWNER/IDENTIFIER */
#define SUBJECT_CLIENT "client"
#define SUBJECT_SCOPE "scope"
#define SUBJECT_DELEGATION "delegation" /* CONSUMER/SUPPLIER */
/* All entries of one kind that are about the name, also those that are yet to come. */
#define SUBJECT_LISTS_OF "listsOf"     /* access lists that are connected to a resource */
#define SUBJECT_CLIENTS_OF "clientsOf" /* clients of an organisation */
#define SUBJECT_SCOPES_OF "scopesOf"   /* scopes of an owner */

/* Names the subjects that the entry concerns, as it was and as it will be; an absent text is no entry. The change lives
 * in the arena `a` too. false: the entry is of a kind that every decision rests on, and names none. */
bool subjects_touch(struct change *c, struct arena *a, struct str kind, struct str key, struct str before,
		    struct str after);
