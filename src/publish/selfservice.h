/* Entries that organisations register with the issuer themselves: clients and their keys, scopes and their grants, and
 * the scopes that an organisation delegates to its suppliers. Every change is applied as `samtykke apply` applies a
 * document (see publish.h, whose results and rules these share). It takes effect on the next token, in every process.
 *
 * Entries are never removed. A deactivated client or scope stays, can never be changed again (RC_CONFLICT), and its
 * name is never given to another one. An entry of another organisation is RC_NOT_FOUND, as if it were not there.
 *
 * A change or deactivation can be tied to one state of the entry: publisher.if_match names it by one of the tags below.
 * RC_CONFLICT with `overtaken`: the entry is in another state. */
#pragma once
#include "publish/publish.h"

#define SELF_MAX_CLIENTS 2000   /* clients that an organisation has registered, deactivated ones, too */
#define SELF_MAX_SCOPES 2000    /* scopes of an organisation, deactivated ones, too */
#define SELF_MAX_GRANTS 100000  /* organisations with a grant of a scope */
#define SELF_MAX_SUPPLIERS 2000 /* suppliers that an organisation has delegated scopes to */
#define SELF_MAX_NAMED 200      /* scopes in one call */
#define SELF_MAX_SOURCES 100    /* delegation sources in a list */

/* An organisation that manages clients: its own, and those that it has registered as the supplier of others. */
struct client_manager {
	struct publisher publisher;
	bool own;
	bool supplied;
	struct trust *trust; /* issuers of certificates that a key may be tied to; NULL: certificates are refused */
};
/* Is the client one that the organisation manages? */
bool client_managed(const struct client_manager *m, const struct client *c);
/* Entity tags of stored states. */
struct str selfservice_client_tag(struct arena *a, const struct client *c);
struct str selfservice_keys_tag(struct arena *a, const struct client *c); /* of the client's keys alone */
struct str selfservice_scope_tag(struct arena *a, const struct scope *s);
/* Registers a client named `id`: for the organisation that the body names, whose supplier the caller then is, or for
 * the caller itself. */
MUST_USE enum rc selfservice_client_create(const struct client_manager *m, struct str id, const struct js *body,
					   struct publication *p);
/* Changes the client. A member that body does not name gets the value that a new client has, except for the keys and
 * redirect_allow, which stay. */
MUST_USE enum rc selfservice_client_change(const struct client_manager *m, struct str id, const struct js *body,
					   struct publication *p);
/* Replaces all keys of the client; they count as posted now. A certificate of a key (x5c) must be trusted now. */
MUST_USE enum rc selfservice_client_keys(const struct client_manager *m, struct str id, const struct js *body,
					 struct publication *p);
MUST_USE enum rc selfservice_client_deactivate(const struct client_manager *m, struct str id, struct publication *p);

/* Registers a scope. Its prefix must belong to the organisation. *name_out is the name with the prefix; it is set
 * whatever the result. */
MUST_USE enum rc selfservice_scope_create(const struct publisher *publisher, const struct js *body,
					  struct publication *p, struct str *name_out);
MUST_USE enum rc selfservice_scope_change(const struct publisher *publisher, struct str scope, const struct js *body,
					  struct publication *p);
MUST_USE enum rc selfservice_scope_deactivate(const struct publisher *publisher, struct str scope,
					      struct publication *p);
/* Grants the scope to the organisation with that number, or withdraws the grant. */
MUST_USE enum rc selfservice_grant(const struct publisher *publisher, struct str scope, struct str orgno,
				   struct publication *p);
MUST_USE enum rc selfservice_grant_withdraw(const struct publisher *publisher, struct str scope, struct str orgno,
					    struct publication *p);

/* Adds scopes to what the organisation has delegated to a supplier. body: supplier_org, scopes. The organisation may
 * delegate a scope before it has a grant of it. */
MUST_USE enum rc selfservice_delegate(const struct publisher *publisher, const struct js *body, struct publication *p);
/* Withdraws one scope from the supplier; scope absent: all of them. */
MUST_USE enum rc selfservice_delegation_withdraw(const struct publisher *publisher, struct str supplier,
						 struct str scope, struct publication *p);
