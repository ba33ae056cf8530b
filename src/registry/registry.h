/* The compiled registry: resources, templates, scopes, clients, delegations and access lists in one immutable snapshot,
 * with the version number of the store that it was read at.
 *
 * A change takes effect everywhere at the next request, wherever it was made: a write carries what it was decided on
 * (registry_basis; RC_STALE when a part of that has changed), and the server compares the store's version before it
 * gives a refusal (http_config.refresh). */
#pragma once
#include <stdatomic.h>

#include "model/model.h"
#include "store/store.h"

struct registry; /* a snapshot as its holder sees it; the snapshot is reference-counted */
/* The place of the current snapshot. Any number of threads may use one box at once. */
struct registry_box {
	_Atomic(struct snapshot *) current;
	_Atomic int64_t version; /* of the current one */
	struct store *store;
	void *lock; /* registry.c's */
};

/* The part of each snapshot that an extension compiles from entries of a kind of its own. */
struct registry_part {
	const char *kind; /* of struct entry */
	size_t size;      /* bytes of its state, which begins zeroed */
	/* Takes one entry in; what it keeps lives in `a`. The store has entries that the extension's seed sections let
	 * through. */
	void (*compile)(void *state, struct arena *a, struct str key, const struct js *v);
	/* Does the extension list the consents to the resource? (consent.h: the list of a resource's owner) */
	bool (*mapped)(const void *state, struct str resource);
};
#define REGISTRY_PARTS_MAX 4
/* Call it before the first snapshot is read, once a part. */
void registry_extend(const struct registry_part *part);

/* Reads the first snapshot. `s` must outlive the box. rc other than RC_OK: the store's, and nothing is to be finished.
 */
MUST_USE enum rc registry_init(struct registry_box *box, struct store *s);
/* Requires that no thread uses the box any more; snapshots that are still held stay. A zeroed box is allowed. */
void registry_finish(struct registry_box *box);
/* Compiles a new snapshot when the store has a newer version; *changed_out: the current snapshot is another than
 * before. rc other than RC_OK: the store's, and the old snapshot stays. */
MUST_USE enum rc registry_refresh(struct registry_box *box, bool *changed_out);

/* Takes a reference to the current snapshot; the caller calls registry_release. One thread at a time may use it: the
 * lookups below note in it what they have read. */
const struct registry *registry_hold(struct registry_box *box);
void registry_release(const struct registry *r); /* may be NULL */
static inline void registry_releasep(const struct registry **r)
{
	registry_release(*r);
}
int64_t registry_version(const struct registry *r);
int64_t registry_epoch(const struct registry *r);
#define REGISTRY_USED_MAX 256 /* subjects of a narrow basis; a decision that used more rests on the very version */
/* For a write that was decided on this snapshot: all that its holder has looked up so far. Borrowed from r. */
struct basis registry_basis(const struct registry *r);
/* Of the current snapshot. */
int64_t registry_snapshot_version(struct registry_box *box);
int64_t registry_snapshot_epoch(struct registry_box *box);
/* Reads the store's version, without compiling anything. */
MUST_USE enum rc registry_stored_version(struct registry_box *box, int64_t *out);

/* What the lookups below return is borrowed from the snapshot. NULL: there is none. */
const struct resource *registry_resource(const struct registry *r, struct str id); /* the latest version */
const struct resource *registry_resource_at(const struct registry *r, struct str id, struct str version);
/* Templates are found in any letter case. */
const struct consent_template *registry_template(const struct registry *r, struct str id); /* the latest version */
const struct consent_template *registry_template_at(const struct registry *r, struct str id, int64_t version);
const struct scope *registry_scope(const struct registry *r, struct str scope);
const struct client *registry_client(const struct registry *r, struct str client_id); /* with its keys parsed */
const struct scope_prefix *registry_prefix(const struct registry *r, struct str prefix);
const struct delegation *registry_delegation(const struct registry *r, struct str consumer, struct str supplier);
const struct access_list *registry_access_list(const struct registry *r, struct str owner, struct str list);

/* The state of an extension's part. A change of its entries concerns every decision, so no subject is noted. */
const void *registry_part(const struct registry *r, const struct registry_part *part);
/* Does an extension list the consents to the resource? */
bool registry_mapped(const struct registry *r, struct str resource);

#define SCOPE_PREFIXES_MAX 32
/* The prefixes (before the colon) of the active scopes that the organisation owns: each once, in byte order, the first
 * SCOPE_PREFIXES_MAX of them. Returns how many. Reads all scopes. */
size_t registry_prefixes(const struct registry *r, struct str orgno, struct str out[SCOPE_PREFIXES_MAX]);
/* Has the consumer delegated the scope to the supplier? */
bool registry_delegated(const struct registry *r, struct str consumer, struct str supplier, struct str scope);
bool registry_on_access_list(const struct registry *r, struct str owner, struct str list, struct str orgno);
/* Is the organisation on a list that is connected to the resource for requestconsent? */
bool registry_on_connected_list(const struct registry *r, const struct resource *res, struct str orgno);
/* Is the organisation on a list that is connected to the resource for this action? */
bool registry_listed_for(const struct registry *r, const struct resource *res, struct str action, struct str orgno);
/* Does the owner code belong to the organisation? It does when the latest version of a resource names both as its
 * competent authority: only the operator applies codes, and their owners cannot make new ones. */
bool registry_owns(const struct registry *r, struct str code, struct str orgno);
/* Union of redirectAllow over the organisation's active clients; the list lives in `a`, its texts in the snapshot.
 * *n_out 0: redirect addresses are not restricted. */
MUST_USE enum rc registry_redirect_allow(const struct registry *r, struct arena *a, struct str orgno, struct str **out,
					 size_t *n_out);

/* Each calls fn for every entry, deactivated ones too, in the order that stands beside it. */
typedef void scope_fn(void *ctx, const struct scope *s);
void registry_scopes_each(const struct registry *r, scope_fn *fn, void *ctx); /* by name */
typedef void prefix_fn(void *ctx, const struct scope_prefix *p);
void registry_prefixes_each(const struct registry *r, prefix_fn *fn, void *ctx); /* by prefix */
typedef void delegation_fn(void *ctx, const struct delegation *d);
void registry_delegations_each(const struct registry *r, delegation_fn *fn, void *ctx); /* by consumer, supplier */
typedef void client_fn(void *ctx, const struct client *c);
void registry_clients_each(const struct registry *r, client_fn *fn, void *ctx); /* by identifier */
typedef void resource_fn(void *ctx, const struct resource *res);
void registry_resources_each(const struct registry *r, resource_fn *fn, void *ctx); /* latest versions, by identifier */
void registry_versions_each(const struct registry *r, resource_fn *fn,
			    void *ctx); /* all, by identifier, latest first */
typedef void template_fn(void *ctx, const struct consent_template *t);
void registry_templates_each(const struct registry *r, template_fn *fn, void *ctx); /* latest versions, by identifier */
typedef void access_list_fn(void *ctx, const struct access_list *l);
void registry_access_lists_each(const struct registry *r, access_list_fn *fn, void *ctx); /* by owner, identifier */
