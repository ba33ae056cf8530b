/* The fields of a snapshot: compile.c fills them from stored entries, registry.c and policy.c read them. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "jose/jose.h"
#include "registry/registry.h"

/* A version of a resource, compiled once for all snapshots that have it. It never changes. */
struct resource_version {
	atomic_uint refs; /* snapshots */
	struct arena a;
	struct resource r;
};
struct resource_node {
	struct resource_version *version;
	struct resource_node *older; /* version */
};
struct template_node {
	struct consent_template t;
	struct template_node *older; /* version */
	struct template_node *next;  /* of another identifier; the list holds the oldest version of each */
};
struct client_node {
	struct client c;
	struct jwks keys; /* parsed at the first lookup: a key costs OpenSSL more than the rest of a row */
	atomic_bool parsed;
	_Atomic int64_t budget;
	struct client_node *same_org;
	struct client_node *next;
};
struct scope_node {
	struct scope s;
	struct scope_node *next;
};
struct prefix_node {
	struct scope_prefix p;
	struct prefix_node *next;
};
struct access_list_node {
	struct access_list l;
	struct map members;
	struct access_list_node *next;
};
struct delegation_node {
	struct delegation d;
	struct delegation_node *next;
};
struct connection { /* a list that is connected to a resource for requestconsent */
	const struct access_list_node *list;
	struct connection *next;
};
struct filter { /* a list that is connected to a resource, for any actions */
	const struct access_list_node *list;
	const struct list_connection *connection;
	struct filter *next;
};

struct snapshot {
	atomic_uint refs;
	int64_t version;
	int64_t epoch;
	struct arena a;
	struct arena scratch;          /* of one entry, while compiling */
	const struct snapshot *before; /* while compiling: the snapshot that this one replaces; NULL: none */
	pthread_mutex_t keys_lock;
	struct map resources;      /* identifier → struct resource_node, the latest version */
	struct map templates;      /* identifier in lower case → struct template_node, the latest version */
	struct map scopes;         /* name → struct scope */
	struct map prefixes;       /* prefix → struct scope_prefix */
	struct map clients;        /* identifier → struct client_node */
	struct map clients_of_org; /* organisation number → struct client_node, the first of same_org */
	struct map delegations;    /* CONSUMER/SUPPLIER → struct delegation */
	struct map access_lists;   /* OWNER/IDENTIFIER → struct access_list_node */
	struct map connections;    /* identifier of a resource → struct connection */
	struct map filters;        /* identifier of a resource → struct filter */
	struct map owners;         /* owner code in lower case → struct resource, one that the owner has */
	/* lists in the store's order, which is that of keys */
	struct client_node *first_client;
	struct client_node **last_client;
	struct scope_node *first_scope;
	struct scope_node **last_scope;
	struct prefix_node *first_prefix;
	struct prefix_node **last_prefix;
	struct delegation_node *first_delegation;
	struct delegation_node **last_delegation;
	struct template_node *first_template;
	struct template_node **last_template;
	struct access_list_node *first_list;
	struct access_list_node **last_list;
	struct resource_node **order; /* latest versions, by identifier */
	size_t n_resources;
	size_t cap_resources;
	void *parts[REGISTRY_PARTS_MAX]; /* states of the extensions' parts */
};

/* A snapshot as one holder sees it, with the subjects that the holder has looked up. */
struct registry {
	struct snapshot *s;
	struct arena a; /* of names that the snapshot does not have */
	struct subject *used;
	size_t n_used;
	size_t cap_used;
	bool used_all;
};
/* The parts of extensions, in the order of their states. */
extern const struct registry_part *registry_parts[REGISTRY_PARTS_MAX];
extern size_t registry_n_parts;
/* An empty snapshot with one reference, the caller's. */
struct snapshot *snapshot_new(void);
/* Takes the caller's reference to the snapshot over. */
struct registry *registry_over(struct snapshot *s);
/* Notes that the holder has looked the subject up; kept: the name lives as long as the snapshot. */
void registry_note(const struct registry *r, const char *kind, struct str name, bool kept);

/* Adds a stored entry to the snapshot; an entry_fn whose ctx is the struct snapshot. Entries must come in order of
 * kind, key and version. RC_FAIL: the body is no JSON object, which `samtykke apply` never writes. */
MUST_USE enum rc registry_compile(void *snapshot, const struct entry *e);
