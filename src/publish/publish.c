#include "publish/publish.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "publish/edit.h"
#include "base/map.h"

#define NOT_OWNER "the owner code is not one of the organisation's"
#define NOT_RESOURCE_OWNER "the resource belongs to another organisation"

/* What a change is about: a resource, or an access list and perhaps a resource that it is connected to. */
struct target {
	struct list_id id;
	struct str resource;
	struct str xml;
	enum member_change members;
	bool connected; /* after the change */
};

static const struct target *target(const struct edit *e)
{
	return e->target;
}

/* ---- resources ---- */

static struct str member_text(const struct js *o, const char *name)
{
	struct str s = STR_NONE;
	return js_member_str(o, name, &s) == RC_OK ? s : STR_NONE;
}

static enum rc resource_owner_check(struct edit *e, const struct resource *latest)
{
	const struct js *owner = js_get(e->body, "hasCompetentAuthority");
	struct str orgno = member_text(owner, "organization"), code = member_text(owner, "orgcode");
	if (latest && !str_eq(latest->owner_orgno, e->publisher->orgno))
		return edit_denied(e, NOT_RESOURCE_OWNER);
	e->owner_missing = !orgno.n || !code.n;
	if (e->owner_missing)
		return RC_OK;
	bool own = str_eq(orgno, e->publisher->orgno) && registry_owns(e->registry, code, orgno);
	return own ? RC_OK : edit_denied(e, NOT_OWNER);
}

static enum rc body_parse(struct edit *e, const struct resource *r, const struct js **out)
{
	static const struct js_opts opts = { .max_nodes = UINT32_MAX };
	return js_parse(e->a, r->body, &opts, out, NULL) == RC_OK ? RC_OK : RC_FAIL;
}

static bool one_of(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (str_is(name, *names))
			return true;
	return false;
}

/* Copies the members that `names` lists (named), or all others. */
static void members_copy(struct jsw *w, const struct js *o, const char *const *names, bool named)
{
	JS_EACH(m, o) {
		if (one_of(m->key, names) != named)
			continue;
		jsw_key_str(w, m->key);
		jsw_raw(w, m->raw);
	}
}

static const char *const policy_members[] = { "policy", "policyXml", NULL };

static void resource_begin(struct edit *e, struct jsw *w, struct str id, const struct resource *latest)
{
	edit_entry_begin(e, w, "resources");
	if (id.p)
		jsw_kstr(w, "identifier", id);
	jsw_ki64(w, "versionId", latest ? latest->version + e->next_version : 1);
}

/* "state" is for the operator: an owner withdraws a resource by "status". */
static enum rc resource_body_check(struct edit *e, struct str id)
{
	struct str named = member_text(e->body, "identifier");
	if (js_get(e->body, "state"))
		edit_fault(e, STR("state"), "unknown member");
	if (target(e)->resource.p && named.p && !str_eq(named, id))
		edit_fault(e, STR("identifier"), "is not that of the address");
	return e->publication->faults.n ? RC_INVALID : RC_OK;
}

static enum rc resource_make(struct edit *e, struct jsw *w)
{
	static const char *const made_here[] = { "identifier", "versionId", NULL };
	struct str id = target(e)->resource.p ? target(e)->resource : member_text(e->body, "identifier");
	const struct resource *latest = id.p ? registry_resource(e->registry, id) : NULL;
	const struct js *old = NULL;
	if (target(e)->resource.p && !latest)
		return RC_NOT_FOUND;
	if (!target(e)->resource.p && latest) {
		e->publication->why = "a resource has this identifier";
		return RC_CONFLICT;
	}
	TRY(resource_owner_check(e, latest));
	TRY(resource_body_check(e, id));
	if (latest && !js_get(e->body, "policy") && !js_get(e->body, "policyXml"))
		TRY(body_parse(e, latest, &old));
	resource_begin(e, w, id, latest);
	members_copy(w, e->body, made_here, false);
	members_copy(w, old, policy_members, true);
	edit_entry_end(w);
	return RC_OK;
}

static enum rc policy_make(struct edit *e, struct jsw *w)
{
	static const char *const replaced[] = { "identifier", "versionId", "policy", "policyXml", NULL };
	const struct resource *latest = registry_resource(e->registry, target(e)->resource);
	const struct js *old;
	if (!latest)
		return RC_NOT_FOUND;
	if (!str_eq(latest->owner_orgno, e->publisher->orgno))
		return edit_denied(e, NOT_RESOURCE_OWNER);
	TRY(body_parse(e, latest, &old));
	resource_begin(e, w, target(e)->resource, latest);
	members_copy(w, old, replaced, false);
	jsw_kstr(w, "policyXml", target(e)->xml);
	edit_entry_end(w);
	e->body_path = arena_fmt(e->a, "%.*s.policyXml", STR_FMT(e->entry_path));
	return RC_OK;
}

enum rc publish_resource(const struct publisher *publisher, struct str id, const struct js *body, struct publication *p)
{
	struct target t = { .resource = id };
	struct edit e = { .publisher = publisher, .publication = p, .target = &t, .body = body };
	return edit_run(&e, resource_make);
}

enum rc publish_policy(const struct publisher *publisher, struct str id, struct str xml, struct publication *p)
{
	struct target t = { .resource = id, .xml = xml };
	struct edit e = { .publisher = publisher, .publication = p, .target = &t };
	return edit_run(&e, policy_make);
}

/* ---- access lists ---- */

/* The wanted list; parts that the change does not touch are those of the snapshot. */
struct list_want {
	/* JSON; absent: none */
	struct str name;
	struct str description;
	struct str *members;
	size_t n_members;
};

static struct str json_text(struct arena *a, struct str s)
{
	struct buf b = BUF(a);
	if (!s.p)
		return STR_NONE;
	buf_json(&b, s);
	return buf_str(&b);
}

static struct list_want list_current(struct arena *a, const struct access_list *l)
{
	if (!l)
		return (struct list_want){ 0 };
	return (struct list_want){ json_text(a, l->name), json_text(a, l->description), l->members, l->n_members };
}

static void filters_write(struct jsw *w, const struct list_connection *c)
{
	jsw_key(w, "actionFilters");
	jsw_arr(w);
	for (size_t i = 0; i < c->n_filters; i++)
		jsw_str(w, c->filters[i]);
	jsw_end_arr(w);
}

static void connection_new_write(struct edit *e, struct jsw *w)
{
	jsw_obj(w);
	jsw_kstr(w, "resource", target(e)->resource);
	if (e->body)
		jsw_kraw(w, "actionFilters", e->body->raw);
	jsw_end_obj(w);
}

/* The connection that the change is about comes last, or is left out. */
static void connections_write(struct edit *e, struct jsw *w, const struct access_list *l)
{
	size_t n = 0;
	jsw_key(w, "resourceConnections");
	jsw_arr(w);
	for (size_t i = 0; l && i < l->n_connections; i++) {
		if (str_eq(l->connections[i].resource, target(e)->resource))
			continue;
		jsw_obj(w);
		jsw_kstr(w, "resource", l->connections[i].resource);
		filters_write(w, &l->connections[i]);
		jsw_end_obj(w);
		n++;
	}
	if (target(e)->connected) {
		e->body_path = arena_fmt(e->a, "%.*s.resourceConnections[%zu]", STR_FMT(e->entry_path), n);
		connection_new_write(e, w);
	}
	jsw_end_arr(w);
}

static void list_write(struct edit *e, struct jsw *w, const struct access_list *l, const struct list_want *want)
{
	edit_entry_begin(e, w, "accessLists");
	jsw_kstr(w, "owner", target(e)->id.owner);
	jsw_kstr(w, "identifier", target(e)->id.identifier);
	if (want->name.p)
		jsw_kraw(w, "name", want->name);
	if (want->description.p)
		jsw_kraw(w, "description", want->description);
	jsw_key(w, "members");
	jsw_arr(w);
	for (size_t i = 0; i < want->n_members; i++)
		jsw_str(w, urn_str(e->a, (struct urn){ .kind = URN_ORG, .value = want->members[i] }));
	jsw_end_arr(w);
	connections_write(e, w, l);
	edit_entry_end(w);
}

/* *out NULL: there is no such list yet. */
static enum rc list_find(struct edit *e, const struct access_list **out)
{
	if (!registry_owns(e->registry, target(e)->id.owner, e->publisher->orgno))
		return edit_denied(e, NOT_OWNER);
	*out = registry_access_list(e->registry, target(e)->id.owner, target(e)->id.identifier);
	return RC_OK;
}

static enum rc list_make(struct edit *e, struct jsw *w)
{
	const struct access_list *l = NULL;
	TRY(list_find(e, &l));
	struct list_want want = list_current(e->a, l);
	want.name = want.description = STR_NONE;
	JS_EACH(m, e->body) {
		if (str_is(m->key, "name"))
			want.name = m->raw;
		else if (str_is(m->key, "description"))
			want.description = m->raw;
		else
			edit_fault(e, m->key, "unknown member");
	}
	if (e->publication->faults.n)
		return RC_INVALID;
	list_write(e, w, l, &want);
	return RC_OK;
}

static enum rc list_removal_make(struct edit *e, struct jsw *w)
{
	const struct access_list *l = NULL;
	TRY(list_find(e, &l));
	if (!l)
		return RC_NOT_FOUND;
	edit_entry_begin(e, w, "accessLists");
	jsw_kstr(w, "owner", target(e)->id.owner);
	jsw_kstr(w, "identifier", target(e)->id.identifier);
	jsw_kz(w, "state", "absent");
	edit_entry_end(w);
	return RC_OK;
}

static enum rc data_read(struct edit *e, struct map *named)
{
	size_t i = 0;
	if (!js_is(e->body, JS_ARRAY))
		edit_fault(e, STR("data"), "must be an array");
	else if (e->body->n > PUBLISH_MAX_MEMBERS)
		edit_fault(e, STR("data"), "has too many entries for one call");
	else
		JS_EACH(m, e->body) {
			struct urn u;
			if (m->type == JS_STRING && urn_parse(e->a, m->s, &u) == RC_OK && u.kind == URN_ORG)
				map_put(named, e->a, u.value, (void *)(uintptr_t)m);
			else
				edit_fault(e, arena_fmt(e->a, "data[%zu]", i), "is no URN of an organisation number");
			i++;
		}
	return e->publication->faults.n ? RC_INVALID : RC_OK;
}

/* Members that stay, then members that are named, all of them in order of text. */
static void members_change(struct edit *e, const struct map *named, struct list_want *want)
{
	size_t n = 0;
	struct str *list = arena_array(e->a, struct str, want->n_members + named->n + 1);
	for (size_t i = 0; i < want->n_members && target(e)->members != MEMBERS_REPLACE; i++)
		if (!map_get(named, want->members[i]))
			list[n++] = want->members[i];
	for (size_t i = 0; i < named->cap && target(e)->members != MEMBERS_REMOVE; i++)
		if (named->slots[i].value)
			list[n++] = named->slots[i].key;
	assert(n <= want->n_members + named->n);
	if (n)
		qsort(list, n, sizeof *list, str_cmp_qsort);
	want->members = list;
	want->n_members = n;
}

static enum rc members_make(struct edit *e, struct jsw *w)
{
	const struct access_list *l = NULL;
	struct map named = { 0 };
	TRY(list_find(e, &l));
	if (!l)
		return RC_NOT_FOUND;
	TRY(data_read(e, &named));
	struct list_want want = list_current(e->a, l);
	members_change(e, &named, &want);
	list_write(e, w, l, &want);
	return RC_OK;
}

static enum rc connection_make(struct edit *e, struct jsw *w)
{
	const struct access_list *l = NULL;
	TRY(list_find(e, &l));
	const struct resource *res = registry_resource(e->registry, target(e)->resource);
	if (!l || (target(e)->connected && !res))
		return RC_NOT_FOUND;
	if (target(e)->connected && !str_eq(res->owner_orgno, e->publisher->orgno))
		return edit_denied(e, NOT_RESOURCE_OWNER);
	const struct list_want want = list_current(e->a, l);
	list_write(e, w, l, &want);
	return RC_OK;
}

enum rc publish_list(const struct publisher *publisher, struct list_id id, const struct js *body, struct publication *p)
{
	struct target t = { .id = id };
	struct edit e = { .publisher = publisher, .publication = p, .target = &t, .body = body };
	return edit_run(&e, list_make);
}

enum rc publish_list_removal(const struct publisher *publisher, struct list_id id, struct publication *p)
{
	struct target t = { .id = id };
	struct edit e = { .publisher = publisher, .publication = p, .target = &t };
	return edit_run(&e, list_removal_make);
}

enum rc publish_members(const struct publisher *publisher, struct list_id id, enum member_change change,
			const struct js *data, struct publication *p)
{
	struct target t = { .id = id, .members = change };
	struct edit e = { .publisher = publisher, .publication = p, .target = &t, .body = data };
	return edit_run(&e, members_make);
}

enum rc publish_connection(const struct publisher *publisher, struct list_id id, struct str resource,
			   const struct js *filters, struct publication *p)
{
	struct target t = { .id = id, .resource = resource, .connected = true };
	struct edit e = { .publisher = publisher, .publication = p, .target = &t, .body = filters };
	return edit_run(&e, connection_make);
}

enum rc publish_connection_removal(const struct publisher *publisher, struct list_id id, struct str resource,
				   struct publication *p)
{
	struct target t = { .id = id, .resource = resource };
	struct edit e = { .publisher = publisher, .publication = p, .target = &t };
	return edit_run(&e, connection_make);
}
