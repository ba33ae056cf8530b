/* References, against what there will be when the document is applied. */
#include "domain/seed_doc.h"

#define ACCESS_MANAGEMENT "altinn_access_management" /* the platform's own resource: rights to it may be handed out */

struct source { /* who refers */
	struct seed_doc *d;
	const struct seed_node *node; /* NULL: an entry of its own kind of row */
	struct seed_path up, list, at;
};

static struct source source_of(struct seed_doc *d, const struct seed_node *n, enum section_id id, size_t index)
{
	struct source s = { .d = d, .node = n };
	s.up = (struct seed_path){ .name = str_of(seed_sections[id].parent) };
	s.list = (struct seed_path){ .name = str_of(seed_sections[id].list) };
	s.at = (struct seed_path){ .index = index };
	return s;
}

/* A reference that leads nowhere. In an entry that the document does not name it can only be the document's removal of
 * `gone` that is at fault. */
static void dangling(struct source *s, const char *member, const struct seed_path *tail, const char *word,
		     const struct seed_node *gone)
{
	const struct seed_section *own = s->node ? &seed_sections[s->node->section] : NULL;
	bool ours = !s->node || s->node->doc;
	if (!ours && (!gone || !gone->doc))
		return; /* it dangled before */
	struct source other = ours ? *s : source_of(s->d, gone, gone->section, gone->index);
	other.list.up = other.up.name.p ? &other.up : NULL;
	other.at.up = &other.list;
	if (!ours) {
		seed_fault(s->d, &other.at, "is named by %s %.*s", own->word, STR_FMT(s->node->key));
		return;
	}
	struct seed_path name = { .up = &other.at, .name = str_of(member) };
	struct seed_path index = { .up = &name, .index = tail ? tail->index : 0 };
	struct seed_path last = { .up = &index, .name = tail ? tail->name : STR_NONE };
	seed_fault(s->d, !tail ? &name : tail->name.p ? &last : &index, "no such %s", word);
}

/* tail NULL: the member itself; else an index in it and, where the name is there, a member of that item. */
static void entry_ref(struct source *s, const char *member, const struct seed_path *tail, enum section_id id,
		      struct str key)
{
	const struct seed_node *gone = NULL;
	for (const struct seed_node *n = seed_node_find(s->d, id, key); n; n = n->sibling) {
		if (n->body.n)
			return;
		if (!gone || n->doc)
			gone = n;
	}
	dangling(s, member, tail, seed_sections[id].word, gone);
}

static struct str member_text(const struct js *v, const char *name)
{
	const struct js *m = js_get(v, name);
	return js_is(m, JS_STRING) ? m->s : STR_NONE;
}

static void scopes_ref(struct source *s, const struct js *v)
{
	struct seed_path tail = { 0 };
	JS_EACH(scope, js_get(v, "scopes")) {
		entry_ref(s, "scopes", &tail, SECTION_SCOPE, scope->s);
		tail.index++;
	}
}

static enum rc organisation_ref(struct source *s, struct str orgno)
{
	struct seed_party *p = NULL;
	if (!orgno.n || !s->node->doc || map_get(&s->d->owners, orgno))
		return RC_OK;
	TRY(seed_party_find(s->d, (struct urn){ .kind = URN_ORG, .value = orgno }, &p));
	if (!p || p->removed)
		dangling(s, "owner", NULL, "organisation", NULL);
	return RC_OK;
}

/* Templates are found in any letter case. */
static struct str template_key(struct seed_doc *d, struct str id)
{
	for (const struct seed_node *n = d->first; n; n = n->next)
		if (n->section == SECTION_TEMPLATE && n->body.n && str_ieq(n->key, id))
			return n->key;
	return id;
}

static void resource_refs(struct source *s, const struct js *v)
{
	struct str id = member_text(v, "consentTemplate");
	if (!id.n)
		return;
	bool exact = seed_node_find(s->d, SECTION_TEMPLATE, id) != NULL;
	entry_ref(s, "consentTemplate", NULL, SECTION_TEMPLATE, exact ? id : template_key(s->d, id));
}

static void access_list_refs(struct source *s, const struct js *v)
{
	struct seed_path tail = { .name = STR("resource") };
	if (s->node->doc && !map_get(&s->d->owners, member_text(v, "owner")))
		dangling(s, "owner", NULL, "owner of a resource", NULL);
	JS_EACH(connection, js_get(v, "resourceConnections")) {
		entry_ref(s, "resourceConnections", &tail, SECTION_RESOURCE, member_text(connection, "resource"));
		tail.index++;
	}
}

static enum rc node_refs(struct seed_doc *d, struct seed_node *n)
{
	struct source s = source_of(d, n, n->section, n->index);
	const struct js *v = seed_tree(d, n);
	switch (n->section) {
	case SECTION_RESOURCE:
		resource_refs(&s, v);
		break;
	case SECTION_ACCESS_LIST:
		access_list_refs(&s, v);
		break;
	case SECTION_SCOPE:
		return organisation_ref(&s, member_text(v, "owner"));
	case SECTION_CLIENT:
	case SECTION_DELEGATION:
		scopes_ref(&s, v);
		break;
	case SECTION_SERVICE:
		entry_ref(&s, "resource", NULL, SECTION_RESOURCE, member_text(v, "resource"));
		break;
	case SECTION_PARTY:
	case SECTION_ROLE:
	case SECTION_RIGHT:
	case SECTION_TEMPLATE:
	case SECTION_API_KEY:
	case SECTION__MAX:
		break;
	}
	return RC_OK;
}

static void rights_refs(struct seed_doc *d)
{
	size_t i = 0;
	JS_EACH(v, seed_list(d, &seed_sections[SECTION_RIGHT])) {
		struct source s = source_of(d, NULL, SECTION_RIGHT, i++);
		struct str id = member_text(v, "resource");
		if (!seed_absent(v) && !str_is(id, ACCESS_MANAGEMENT))
			entry_ref(&s, "resource", NULL, SECTION_RESOURCE, id);
	}
}

static void owners_collect(struct seed_doc *d)
{
	for (struct seed_node *n = d->first; n; n = n->next) {
		if (n->section != SECTION_RESOURCE || !n->body.n)
			continue;
		const struct js *owner = js_get(seed_tree(d, n), "hasCompetentAuthority");
		map_put(&d->owners, d->a, member_text(owner, "orgcode"), n);
		map_put(&d->owners, d->a, member_text(owner, "organization"), n);
	}
}

enum rc seed_refs(struct seed_doc *d)
{
	owners_collect(d);
	for (struct seed_node *n = d->first; n; n = n->next)
		if (n->body.n && (n->doc || d->removes))
			TRY(node_refs(d, n));
	rights_refs(d);
	return RC_OK;
}
