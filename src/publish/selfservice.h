/* What organisations register with the issuer themselves: clients and their keys, scopes and who may use them, and what
 * one hands over to its suppliers. Every change goes the way of `samtykke apply` (see publish.h, whose results and
 * limits of time these share): it takes effect on the next token, in every process.
 *
 * Nothing is ever taken away: what is deactivated stays, cannot be changed any more (RC_CONFLICT), and its name is not
 * given again. What belongs to somebody else is RC_NOT_FOUND, as if it were not there.
 *
 * Who changes or deactivates something may say which state of it is meant (publisher.if_match, by the tags below);
 * RC_CONFLICT with `overtaken` when it is in another one by then. */
#pragma once
#include "publish/publish.h"

#define SELF_MAX_CLIENTS 2000   /* that an organisation has registered, deactivated ones, too */
#define SELF_MAX_SCOPES 2000    /* of an organisation, likewise */
#define SELF_MAX_GRANTS 100000  /* organisations that a scope is granted to */
#define SELF_MAX_SUPPLIERS 2000 /* that an organisation has handed something to */
#define SELF_MAX_NAMED 200      /* scopes in one call */
#define SELF_MAX_SOURCES 100    /* delegation sources that are listed */

/* Which clients: those of the organisation itself, those that it has registered for others. */
struct self {
	struct publisher who;
	bool own;
	bool supplied;
	struct trust *trust; /* who issues certificates that keys may be tied to; NULL: nobody */
};
/* A client for the organisation that it is said to be (then its supplier is the caller), or the caller's. */
bool self_sees(const struct self *s, const struct client *c);
struct str self_client_tag(struct arena *a, const struct client *c);
struct str self_keys_tag(struct arena *a, const struct client *c); /* of its keys alone */
struct str self_scope_tag(struct arena *a, const struct scope *s);
/* `id`: what the new client shall be called. */
MUST_USE enum rc self_client_create(const struct self *s, struct str id, const struct js *body, struct publication *p);
/* What body does not name is as when a client is made, but for its keys, and for redirect_allow, which stays. */
MUST_USE enum rc self_client_change(const struct self *s, struct str id, const struct js *body, struct publication *p);
/* All of its keys, posted now. The certificate of a key that has one (x5c) must be trusted at this time. */
MUST_USE enum rc self_client_keys(const struct self *s, struct str id, const struct js *body, struct publication *p);
MUST_USE enum rc self_client_deactivate(const struct self *s, struct str id, struct publication *p);

/* The prefix has to be the organisation's; *name_out is the whole name. */
MUST_USE enum rc self_scope_create(const struct publisher *who, const struct js *body, struct publication *p,
				   struct str *name_out);
MUST_USE enum rc self_scope_change(const struct publisher *who, struct str scope, const struct js *body,
				   struct publication *p);
MUST_USE enum rc self_scope_deactivate(const struct publisher *who, struct str scope, struct publication *p);
MUST_USE enum rc self_grant(const struct publisher *who, struct str scope, struct str orgno, struct publication *p);
MUST_USE enum rc self_grant_withdraw(const struct publisher *who, struct str scope, struct str orgno,
				     struct publication *p);

/* body: supplier_org, scopes. An organisation may hand over what it has not been granted yet. */
MUST_USE enum rc self_delegate(const struct publisher *who, const struct js *body, struct publication *p);
/* scope absent: all of them. */
MUST_USE enum rc self_delegation_withdraw(const struct publisher *who, struct str supplier, struct str scope,
					  struct publication *p);
