/* From stored entries to the structs of a snapshot; registry.c's. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "jose/jose.h"
#include "store/store.h"

struct resource_node {
	struct resource r;
	struct resource_node *older;
};
struct template_node {
	struct consent_template t;
	/* next: of another id; in the list stands the oldest version */
	struct template_node *older;
	struct template_node *next;
};
struct client_node {
	struct client c;
	struct jwks keys; /* parsed when the client is asked for: a key costs OpenSSL more than a whole row */
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
struct connection { /* access lists that are connected to a resource */
	const struct access_list_node *list;
	struct connection *next;
};
struct filter { /* the same, whatever the actions */
	const struct access_list_node *list;
	const struct list_connection *connection;
	struct filter *next;
};

struct registry {
	atomic_uint refs;
	int64_t version;
	struct arena a;
	pthread_mutex_t keys_lock;
	struct map resources;
	struct map templates;
	struct map scopes;
	struct map clients;
	struct map clients_of;
	struct map delegations;
	struct map access_lists;
	struct map connections;
	struct map filters;
	struct map owners; /* orgcode in lower case → a resource of the owner's */
	struct client_node *first_client;
	struct client_node **last_client;
	struct map prefixes;
	/* in order of name */
	struct scope_node *first_scope;
	struct scope_node **last_scope;
	/* in order */
	struct prefix_node *first_prefix;
	struct prefix_node **last_prefix;
	struct delegation_node *first_delegation;
	struct delegation_node *last_delegation;
	struct template_node *first_template;
	struct template_node **last_template;
	/* in order of owner and identifier */
	struct access_list_node *first_list;
	struct access_list_node **last_list;
	struct resource_node **order; /* latest versions, in order of identifier */
	size_t n_resources;
	size_t cap_resources;
	struct arena scratch; /* of one entry, while compiling */
};

MUST_USE enum rc registry_compile(void *registry, const struct entry *e); /* an entry_fn */
