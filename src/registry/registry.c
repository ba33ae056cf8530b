#include "registry/registry.h"

#include <assert.h>
#include <stdlib.h>

#include "base/task.h"
#include "registry/snapshot_internal.h"
#include "registry/subject.h"

#define USED_FIRST 16 /* subjects */

struct box_lock {
	pthread_mutex_t hold;     /* guards `current` together with its reference count, for a few instructions */
	struct task_lock refresh; /* one thread or task compiles, the others wait for its snapshot */
};

/* ---- snapshots ---- */

struct snapshot *snapshot_new(void)
{
	struct snapshot *s = calloc(1, sizeof *s);
	if (!s)
		abort();
	atomic_init(&s->refs, 1);
	pthread_mutex_init(&s->keys_lock, NULL);
	s->last_client = &s->first_client;
	s->last_template = &s->first_template;
	s->last_scope = &s->first_scope;
	s->last_prefix = &s->first_prefix;
	s->last_delegation = &s->first_delegation;
	s->last_list = &s->first_list;
	for (size_t i = 0; i < registry_n_parts; i++)
		s->parts[i] = memset(arena_alloc(&s->a, registry_parts[i]->size), 0, registry_parts[i]->size);
	return s;
}

static void resource_version_release(struct resource_version *v)
{
	unsigned refs = atomic_fetch_sub_explicit(&v->refs, 1, memory_order_acq_rel);
	assert(refs > 0);
	if (refs > 1)
		return;
	arena_finish(&v->a);
	free(v);
}

static void snapshot_release(struct snapshot *s)
{
	if (!s)
		return;
	unsigned refs = atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel);
	assert(refs > 0);
	if (refs > 1)
		return;
	for (struct client_node *n = s->first_client; n; n = n->next)
		jwks_finish(&n->keys);
	for (size_t i = 0; i < s->n_resources; i++)
		for (struct resource_node *n = s->order[i]; n; n = n->older)
			resource_version_release(n->version);
	pthread_mutex_destroy(&s->keys_lock);
	arena_finish(&s->scratch);
	arena_finish(&s->a);
	free(s);
}

/* before: the snapshot that the new one replaces; NULL: none. */
static enum rc snapshot_read(struct store *store, const struct snapshot *before, struct snapshot **out)
{
	CLEANUP(reader_closep) struct reader *reader = NULL;
	TRY(reader_open(store, true, &reader));
	struct snapshot *s = snapshot_new();
	s->before = before;
	enum rc rc = store_registry_version(reader, &s->version);
	if (rc == RC_OK)
		rc = store_registry_epoch(reader, &s->epoch);
	if (rc == RC_OK)
		rc = entries_each(reader, registry_compile, s);
	arena_finish(&s->scratch);
	s->before = NULL;
	if (rc == RC_OK)
		*out = s;
	else
		snapshot_release(s);
	return rc;
}

/* ---- a holder's view ---- */

struct registry *registry_over(struct snapshot *s)
{
	struct registry *r = calloc(1, sizeof *r);
	if (!r)
		abort();
	r->s = s;
	return r;
}

void registry_release(const struct registry *held)
{
	struct registry *r = (struct registry *)(uintptr_t)held;
	if (!r)
		return;
	snapshot_release(r->s);
	arena_finish(&r->a);
	free(r->used);
	free(r);
}

int64_t registry_version(const struct registry *r)
{
	return r->s->version;
}

int64_t registry_epoch(const struct registry *r)
{
	return r->s->epoch;
}

struct basis registry_basis(const struct registry *r)
{
	return (struct basis){ .version = r->s->version, .narrow = !r->used_all, .used = r->used, .n_used = r->n_used };
}

static bool used_room(struct registry *r)
{
	if (r->n_used < r->cap_used)
		return true;
	size_t cap = r->cap_used ? 2 * r->cap_used : USED_FIRST;
	if (cap > REGISTRY_USED_MAX)
		return false;
	struct subject *p = realloc(r->used, cap * sizeof *p);
	if (!p)
		abort();
	r->used = p;
	r->cap_used = cap;
	return true;
}

/* Lookups take the view as constant: what they note is no part of the snapshot. */
void registry_note(const struct registry *held, const char *kind, struct str name, bool kept)
{
	struct registry *r = (struct registry *)(uintptr_t)held;
	for (size_t i = 0; i < r->n_used; i++)
		if (r->used[i].kind == kind && str_eq(r->used[i].name, name))
			return;
	if (!used_room(r)) {
		r->used_all = true;
		return;
	}
	r->used[r->n_used++] = (struct subject){ kind, kept ? name : arena_str(&r->a, name) };
}

static void note_all(const struct registry *held)
{
	((struct registry *)(uintptr_t)held)->used_all = true;
}

/* ---- the box ---- */

enum rc registry_init(struct registry_box *box, struct store *s)
{
	struct snapshot *first = NULL;
	TRY(snapshot_read(s, NULL, &first));
	struct box_lock *lock = malloc(sizeof *lock);
	if (!lock)
		abort();
	pthread_mutex_init(&lock->hold, NULL);
	task_lock_init(&lock->refresh);
	box->store = s;
	box->lock = lock;
	assert(s);
	atomic_init(&box->current, first);
	atomic_init(&box->version, first->version);
	return RC_OK;
}

void registry_finish(struct registry_box *box)
{
	struct box_lock *lock = box->lock;
	if (!lock)
		return;
	snapshot_release(atomic_exchange(&box->current, NULL));
	pthread_mutex_destroy(&lock->hold);
	task_lock_finish(&lock->refresh);
	free(lock);
	box->lock = NULL;
}

static struct snapshot *snapshot_hold(struct registry_box *box)
{
	struct box_lock *lock = box->lock;
	assert(lock);
	pthread_mutex_lock(&lock->hold);
	struct snapshot *s = atomic_load_explicit(&box->current, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	pthread_mutex_unlock(&lock->hold);
	return s;
}

const struct registry *registry_hold(struct registry_box *box)
{
	return registry_over(snapshot_hold(box));
}

int64_t registry_snapshot_version(struct registry_box *box)
{
	return atomic_load_explicit(&box->version, memory_order_acquire);
}

int64_t registry_snapshot_epoch(struct registry_box *box)
{
	struct snapshot *s = snapshot_hold(box);
	int64_t epoch = s->epoch;
	snapshot_release(s);
	return epoch;
}

enum rc registry_stored_version(struct registry_box *box, int64_t *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(box->store, false, &r));
	return store_registry_version(r, out);
}

/* Rate limits go on: a change of the registry must not give every client a new budget. Requests between this copy and
 * the exchange of the snapshots are not counted. */
static void budgets_take_over(struct snapshot *fresh, const struct snapshot *old)
{
	for (struct client_node *n = fresh->first_client; n; n = n->next) {
		const struct client_node *before = map_get(&old->clients, n->c.client_id);
		if (before)
			atomic_store_explicit(&n->budget, atomic_load_explicit(before->c.budget, memory_order_relaxed),
					      memory_order_relaxed);
	}
}

static enum rc replace(struct registry_box *box)
{
	struct box_lock *lock = box->lock;
	struct snapshot *fresh = NULL;
	const struct snapshot *current =
		atomic_load(&box->current); /* nobody else replaces it: lock->refresh is held */
	TRY(snapshot_read(box->store, current, &fresh));
	budgets_take_over(fresh, current);
	pthread_mutex_lock(&lock->hold);
	struct snapshot *old = atomic_exchange(&box->current, fresh);
	pthread_mutex_unlock(&lock->hold);
	/* The snapshot comes first: a reader of the new version finds it. */
	atomic_store_explicit(&box->version, fresh->version, memory_order_release);
	snapshot_release(old);
	return RC_OK;
}

enum rc registry_refresh(struct registry_box *box, bool *changed_out)
{
	struct box_lock *lock = box->lock;
	int64_t before = registry_snapshot_version(box), stored;
	enum rc rc = RC_OK;
	*changed_out = false;
	TRY(registry_stored_version(box, &stored));
	if (stored == before)
		return RC_OK;
	task_lock_enter(&lock->refresh);
	if (registry_snapshot_version(box) < stored)
		rc = replace(box);
	task_lock_leave(&lock->refresh);
	*changed_out = rc == RC_OK && registry_snapshot_version(box) != before;
	return rc;
}

/* ---- looking up ---- */

const struct resource *registry_resource(const struct registry *r, struct str id)
{
	const struct resource_node *n = map_get(&r->s->resources, id);
	registry_note(r, SUBJECT_RESOURCE, n ? n->version->r.identifier : id, n);
	return n ? &n->version->r : NULL;
}

const struct resource *registry_resource_at(const struct registry *r, struct str id, struct str version)
{
	uint64_t v;
	if (str_u64(version, &v) != RC_OK || v > INT64_MAX)
		return NULL;
	registry_note(r, SUBJECT_RESOURCE, id, false);
	for (const struct resource_node *n = map_get(&r->s->resources, id); n; n = n->older)
		if (n->version->r.version == (int64_t)v)
			return &n->version->r;
	return NULL;
}

static const struct template_node *template_latest(const struct registry *r, struct str id)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	return map_get(&r->s->templates, arena_lower(&a, id));
}

const struct consent_template *registry_template(const struct registry *r, struct str id)
{
	const struct template_node *n = template_latest(r, id);
	return n ? &n->t : NULL;
}

const struct consent_template *registry_template_at(const struct registry *r, struct str id, int64_t version)
{
	for (const struct template_node *n = template_latest(r, id); n; n = n->older)
		if (n->t.version == version)
			return &n->t;
	return NULL;
}

const struct scope *registry_scope(const struct registry *r, struct str scope)
{
	const struct scope *s = map_get(&r->s->scopes, scope);
	registry_note(r, SUBJECT_SCOPE, s ? s->scope : scope, s);
	return s;
}

static void keys_parse(struct snapshot *s, struct client_node *n)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	pthread_mutex_lock(&s->keys_lock);
	bool done = atomic_load_explicit(&n->parsed, memory_order_relaxed);
	if (!done && n->c.jwks_json.n && jwks_parse_checked(&a, n->c.jwks_json, &n->keys) != RC_OK)
		n->keys.n = 0;
	atomic_store_explicit(&n->parsed, true, memory_order_release);
	pthread_mutex_unlock(&s->keys_lock);
}

const struct client *registry_client(const struct registry *r, struct str client_id)
{
	struct client_node *n = map_get(&r->s->clients, client_id);
	registry_note(r, SUBJECT_CLIENT, n ? n->c.client_id : client_id, n);
	if (!n)
		return NULL;
	if (!atomic_load_explicit(&n->parsed, memory_order_acquire))
		keys_parse(r->s, n);
	return &n->c;
}

/* Inserts in order; a full list loses its last prefix. Returns the new length. */
static size_t prefix_insert(struct str prefix, struct str out[SCOPE_PREFIXES_MAX], size_t n)
{
	size_t at = 0;
	while (at < n && str_cmp(out[at], prefix) < 0)
		at++;
	if (at == SCOPE_PREFIXES_MAX || (at < n && str_eq(out[at], prefix)))
		return n;
	n += n < SCOPE_PREFIXES_MAX;
	for (size_t i = n - 1; i > at; i--)
		out[i] = out[i - 1];
	out[at] = prefix;
	return n;
}

size_t registry_prefixes(const struct registry *r, struct str orgno, struct str out[SCOPE_PREFIXES_MAX])
{
	struct str prefix, rest;
	size_t n = 0;
	registry_note(r, SUBJECT_SCOPES_OF, orgno, false);
	for (size_t i = 0; i < r->s->scopes.cap; i++) {
		const struct scope *s = r->s->scopes.slots[i].value;
		if (s && s->active && str_eq(s->owner, orgno) && str_cut(s->scope, ':', &prefix, &rest))
			n = prefix_insert(prefix, out, n);
	}
	return n;
}

const struct delegation *registry_delegation(const struct registry *r, struct str consumer, struct str supplier)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str key = arena_fmt(&a, "%.*s/%.*s", STR_FMT(consumer), STR_FMT(supplier));
	registry_note(r, SUBJECT_DELEGATION, key, false);
	return map_get(&r->s->delegations, key);
}

bool registry_delegated(const struct registry *r, struct str consumer, struct str supplier, struct str scope)
{
	const struct delegation *d = registry_delegation(r, consumer, supplier);
	return d && str_in(scope, d->scopes, d->n_scopes);
}

void registry_delegations_each(const struct registry *r, delegation_fn *fn, void *ctx)
{
	note_all(r);
	for (const struct delegation_node *n = r->s->first_delegation; n; n = n->next)
		fn(ctx, &n->d);
}

static const struct access_list_node *list_find(const struct registry *r, struct str owner, struct str list)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str key = arena_fmt(&a, "%.*s/%.*s", STR_FMT(arena_lower(&a, owner)), STR_FMT(list));
	registry_note(r, SUBJECT_ACCESS_LIST, key, false);
	return map_get(&r->s->access_lists, key);
}

const struct access_list *registry_access_list(const struct registry *r, struct str owner, struct str list)
{
	const struct access_list_node *n = list_find(r, owner, list);
	return n ? &n->l : NULL;
}

bool registry_on_access_list(const struct registry *r, struct str owner, struct str list, struct str orgno)
{
	const struct access_list_node *n = list_find(r, owner, list);
	return n && map_get(&n->members, orgno);
}

bool registry_on_connected_list(const struct registry *r, const struct resource *res, struct str orgno)
{
	registry_note(r, SUBJECT_LISTS_OF, res->identifier, true);
	for (const struct connection *c = map_get(&r->s->connections, res->identifier); c; c = c->next)
		if (map_get(&c->list->members, orgno))
			return true;
	return false;
}

bool registry_listed_for(const struct registry *r, const struct resource *res, struct str action, struct str orgno)
{
	registry_note(r, SUBJECT_LISTS_OF, res->identifier, true);
	for (const struct filter *f = map_get(&r->s->filters, res->identifier); f; f = f->next) {
		bool covered = f->connection->n_filters == 0;
		for (size_t i = 0; i < f->connection->n_filters; i++)
			covered = covered || str_ieq(f->connection->filters[i], action);
		if (covered && map_get(&f->list->members, orgno))
			return true;
	}
	return false;
}

enum rc registry_redirect_allow(const struct registry *r, struct arena *a, struct str orgno, struct str **out,
				size_t *n_out)
{
	const struct client_node *first = map_get(&r->s->clients_of_org, orgno);
	size_t n = 0;
	registry_note(r, SUBJECT_CLIENTS_OF, orgno, false);
	for (const struct client_node *c = first; c; c = c->same_org)
		n += c->c.active ? c->c.n_redirect_allow : 0;
	struct str *list = arena_array(a, struct str, n + 1);
	*n_out = 0;
	for (const struct client_node *c = first; c; c = c->same_org)
		for (size_t i = 0; c->c.active && i < c->c.n_redirect_allow; i++)
			list[(*n_out)++] = c->c.redirect_allow[i];
	*out = list;
	return RC_OK;
}

void registry_clients_each(const struct registry *r, client_fn *fn, void *ctx)
{
	note_all(r);
	for (const struct client_node *n = r->s->first_client; n; n = n->next)
		fn(ctx, &n->c);
}

void registry_scopes_each(const struct registry *r, scope_fn *fn, void *ctx)
{
	note_all(r);
	for (const struct scope_node *n = r->s->first_scope; n; n = n->next)
		fn(ctx, &n->s);
}

void registry_prefixes_each(const struct registry *r, prefix_fn *fn, void *ctx)
{
	note_all(r);
	for (const struct prefix_node *n = r->s->first_prefix; n; n = n->next)
		fn(ctx, &n->p);
}

const struct scope_prefix *registry_prefix(const struct registry *r, struct str prefix)
{
	return map_get(&r->s->prefixes, prefix);
}

void registry_resources_each(const struct registry *r, resource_fn *fn, void *ctx)
{
	note_all(r);
	for (size_t i = 0; i < r->s->n_resources; i++)
		fn(ctx, &r->s->order[i]->version->r);
}

void registry_versions_each(const struct registry *r, resource_fn *fn, void *ctx)
{
	note_all(r);
	for (size_t i = 0; i < r->s->n_resources; i++)
		for (const struct resource_node *n = r->s->order[i]; n; n = n->older)
			fn(ctx, &n->version->r);
}

void registry_templates_each(const struct registry *r, template_fn *fn, void *ctx)
{
	note_all(r);
	for (const struct template_node *n = r->s->first_template; n; n = n->next)
		fn(ctx, registry_template(r, n->t.id));
}

void registry_access_lists_each(const struct registry *r, access_list_fn *fn, void *ctx)
{
	note_all(r);
	for (const struct access_list_node *n = r->s->first_list; n; n = n->next)
		fn(ctx, &n->l);
}

bool registry_owns(const struct registry *r, struct str code, struct str orgno)
{
	note_all(r);
	for (size_t i = 0; i < r->s->n_resources; i++) {
		const struct resource *res = &r->s->order[i]->version->r;
		if (str_ieq(res->owner_code, code) && str_eq(res->owner_orgno, orgno))
			return true;
	}
	return false;
}

/* ---- extensions ---- */

const void *registry_part(const struct registry *r, const struct registry_part *part)
{
	size_t i = 0;
	while (registry_parts[i] != part) {
		i++;
		assert(i < registry_n_parts);
	}
	return r->s->parts[i];
}

bool registry_mapped(const struct registry *r, struct str resource)
{
	for (size_t i = 0; i < registry_n_parts; i++)
		if (registry_parts[i]->mapped(r->s->parts[i], resource))
			return true;
	return false;
}
