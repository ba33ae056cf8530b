/* Compiled resources, templates, scopes, clients, delegations and access lists: one immutable snapshot with the version
 * number of the store that it was read at. Every write carries the version it was decided on (RC_STALE when it is old),
 * and every refusal is checked against the store's version before it is given (http_config.refresh), so that a change
 * made anywhere takes effect everywhere at the next request. */
#pragma once
#include <stdatomic.h>

#include "model/model.h"
#include "store/store.h"

struct registry; /* reference-counted */
struct registry_box {
	_Atomic(struct registry *) current;
	struct store *store;
	void *lock; /* registry.c's */
};

MUST_USE enum rc registry_init(struct registry_box *box, struct store *s); /* reads it for the first time */
void registry_finish(struct registry_box *box);
/* Reads the store's version; when it is newer than the current snapshot's, compiles a new one. *changed_out says so. */
MUST_USE enum rc registry_refresh(struct registry_box *box, bool *changed_out);

const struct registry *registry_hold(struct registry_box *box);
void registry_release(const struct registry *r); /* may be NULL */
static inline void registry_releasep(const struct registry **r)
{
	registry_release(*r);
}
int64_t registry_version(const struct registry *r);          /* its version */
int64_t registry_snapshot_version(struct registry_box *box); /* version of the current snapshot */
/* The store's version now, without compiling anything. */
MUST_USE enum rc registry_stored_version(struct registry_box *box, int64_t *out);

/* NULL when there is none. Borrowed from the snapshot. */
const struct resource *registry_resource(const struct registry *r, struct str id); /* the latest version */
const struct resource *registry_resource_at(const struct registry *r, struct str id, struct str version);
const struct consent_template *registry_template(const struct registry *r,
						 struct str id); /* latest, letter case ignored */
const struct consent_template *registry_template_at(const struct registry *r, struct str id, int64_t version);
const struct scope *registry_scope(const struct registry *r, struct str scope);
const struct client *registry_client(const struct registry *r, struct str client_id);
#define SCOPE_PREFIXES_MAX 32
/* What stands before the colon in the scopes that the organisation owns, each once, in byte order; the first
 * SCOPE_PREFIXES_MAX of more. Looks at all scopes. */
size_t registry_prefixes(const struct registry *r, struct str orgno, struct str out[SCOPE_PREFIXES_MAX]);
typedef void scope_fn(void *ctx, const struct scope *s);
void registry_scopes_each(const struct registry *r, scope_fn *fn, void *ctx); /* by name; deactivated ones, too */
const struct scope_prefix *registry_prefix(const struct registry *r, struct str prefix);
typedef void prefix_fn(void *ctx, const struct scope_prefix *p);
void registry_prefixes_each(const struct registry *r, prefix_fn *fn, void *ctx); /* in order */
const struct delegation *registry_delegation(const struct registry *r, struct str consumer, struct str supplier);
bool registry_delegated(const struct registry *r, struct str consumer, struct str supplier, struct str scope);
typedef void delegation_fn(void *ctx, const struct delegation *d);
void registry_delegations_each(const struct registry *r, delegation_fn *fn, void *ctx); /* by consumer, supplier */
const struct access_list *registry_access_list(const struct registry *r, struct str owner, struct str list);
bool registry_on_access_list(const struct registry *r, struct str owner, struct str list, struct str orgno);
/* Is the organisation on a list that is connected to the resource for requestconsent? */
bool registry_on_connected_list(const struct registry *r, const struct resource *res, struct str orgno);
/* Is the organisation on a list that is connected to the resource for this action? */
bool registry_listed_for(const struct registry *r, const struct resource *res, struct str action, struct str orgno);
/* Union of redirectAllow over the organisation's clients; n = 0: nothing is restricted. */
MUST_USE enum rc registry_redirect_allow(const struct registry *r, struct arena *a, struct str orgno, struct str **out,
					 size_t *n_out);
typedef void client_fn(void *ctx, const struct client *c);
void registry_clients_each(const struct registry *r, client_fn *fn, void *ctx);
typedef void resource_fn(void *ctx, const struct resource *res);
void registry_resources_each(const struct registry *r, resource_fn *fn, void *ctx); /* latest versions */
typedef void template_fn(void *ctx, const struct consent_template *t);
void registry_templates_each(const struct registry *r, template_fn *fn, void *ctx); /* latest versions */
typedef void access_list_fn(void *ctx, const struct access_list *l);
void registry_access_lists_each(const struct registry *r, access_list_fn *fn, void *ctx); /* by owner, identifier */
/* Does the owner code belong to the organisation? It does when the latest version of a resource names both as its
 * competent authority: codes come in with what the operator applies, and their owners cannot make new ones. */
bool registry_owns(const struct registry *r, struct str code, struct str orgno);
