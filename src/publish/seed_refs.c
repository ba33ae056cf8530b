/* Checks that each reference leads to an entry, as entries will be after the document is applied. */
#include <assert.h>

#include "keys/keyring.h"
#include "registry/policy.h"
#include "registry/policy_subject.h"
#include "publish/seed_internal.h"

#define ACCESS_MANAGEMENT "altinn_access_management" /* a resource of the platform: rights to it need no entry */

struct source { /* the entry that refers */
	struct seed_doc *d;
	const struct seed_node *node; /* NULL: a role or a right, which have no node */
	struct seed_path up;
	struct seed_path list;
	struct seed_path at;
};

static void source_init(struct source *s, struct seed_doc *d, const struct seed_node *n, enum section_id id,
			size_t index)
{
	assert((unsigned)id < SECTION__MAX);
	*s = (struct source){ .d = d, .node = n };
	s->up = (struct seed_path){ .name = str_of(seed_sections[id].parent) };
	s->list = (struct seed_path){ .up = s->up.name.p ? &s->up : NULL, .name = str_of(seed_sections[id].list) };
	s->at = (struct seed_path){ .up = &s->list, .index = index };
}

/* Adds the fault of a reference that leads nowhere. The fault is the reference itself, when the document names the
 * entry that refers; otherwise it is the removal of `removed` by the document. */
static void dangling(struct source *s, const struct seed_path *where, const char *word, const struct seed_node *removed)
{
	struct source other;
	if (!s->node || s->node->doc) {
		seed_fault(s->d, where, "no such %s", word);
		return;
	}
	if (!removed || !removed->doc)
		return; /* it led nowhere before */
	source_init(&other, s->d, removed, removed->section, removed->index);
	seed_fault(s->d, &other.at, "is named by %s %.*s", seed_sections[s->node->section].word, STR_FMT(s->node->key));
}

static void named_ref(struct source *s, const struct seed_path *where, enum section_id id, struct str key,
		      const char *word)
{
	const struct seed_node *removed = NULL;
	for (const struct seed_node *n = seed_node_find(s->d, id, key); n; n = n->sibling) {
		if (n->body.n)
			return;
		if (!removed || n->doc)
			removed = n;
	}
	dangling(s, where, word, removed);
}

static void entry_ref(struct source *s, const struct seed_path *where, enum section_id id, struct str key)
{
	named_ref(s, where, id, key, seed_sections[id].word);
}

static struct seed_path member_path(const struct source *s, const char *name)
{
	return (struct seed_path){ .up = &s->at, .name = str_of(name) };
}

static struct str member_text(const struct js *v, const char *name)
{
	const struct js *m = js_get(v, name);
	return js_is(m, JS_STRING) ? m->s : STR_NONE;
}

static void scopes_ref(struct source *s, const struct js *v)
{
	struct seed_path list = member_path(s, "scopes"), at = { .up = &list };
	JS_EACH(scope, js_get(v, "scopes")) {
		entry_ref(s, &at, SECTION_SCOPE, scope->s);
		at.index++;
	}
}

/* Collected when an entry first asks: it takes the JSON of every resource. */
static const struct map *owners(struct seed_doc *d)
{
	for (struct seed_node *n = d->owners_known ? NULL : d->first; n; n = n->next) {
		if (n->section != SECTION_RESOURCE || !n->body.n)
			continue;
		const struct js *owner = js_get(seed_tree(d, n), "hasCompetentAuthority");
		map_put(&d->owners, d->a, arena_lower(d->a, member_text(owner, "orgcode")), n);
		map_put(&d->owners, d->a, member_text(owner, "organization"), n);
	}
	d->owners_known = true;
	return &d->owners;
}

static enum rc organisation_ref(struct source *s, struct str orgno)
{
	struct seed_party *p = NULL;
	struct seed_path owner = member_path(s, "owner");
	if (!orgno.n || !s->node->doc || map_get(owners(s->d), orgno))
		return RC_OK;
	TRY(seed_party_find(s->d, (struct urn){ .kind = URN_ORG, .value = orgno }, &p));
	if (!p || p->removed)
		dangling(s, &owner, "organisation", NULL);
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

static void template_ref(struct source *s, const struct js *v)
{
	struct seed_path at = member_path(s, "consentTemplate");
	struct str id = member_text(v, "consentTemplate");
	if (!id.n)
		return;
	bool exact = seed_node_find(s->d, SECTION_TEMPLATE, id) != NULL;
	entry_ref(s, &at, SECTION_TEMPLATE, exact ? id : template_key(s->d, id));
}

static void subject_ref(struct source *s, const struct seed_path *where, struct str subject)
{
	struct str owner, list;
	if (!policy_subject_access_list(subject, &owner, &list))
		return;
	struct str key = arena_fmt(s->d->a, "%.*s/%.*s", STR_FMT(owner), STR_FMT(list));
	struct str word = arena_fmt(s->d->a, "accessList %.*s",
				    STR_FMT(key)); /* the path of a fault in policyXml does not name the list */
	named_ref(s, where, SECTION_ACCESS_LIST, key, arena_cstr(s->d->a, word));
}

/* Could the policy of a stored entry name an access list? Compiling it costs more. A file may write each character as a
 * reference, which begins with '&'. */
static bool may_name_list(struct str body)
{
	return str_find(body, STR("access-list")) >= 0 || memchr(body.p, '&', body.n);
}

/* The access lists that a policy names. Indexes of compiled rules are those of a JSON policy. */
static void policy_refs(struct source *s, const struct js *v)
{
	struct seed_path file = member_path(s, "policyXml"), top = member_path(s, "policy");
	struct seed_path rules = { .up = &top, .name = STR("rules") }, rule = { .up = &rules };
	struct seed_path subjects = { .up = &rule, .name = STR("subjects") }, all = { .up = &subjects };
	struct seed_path one = { .up = &all };
	struct policy p;
	struct str err = STR_NONE;
	if (!s->node->doc && !(s->d->removed & SECTION_BIT(ACCESS_LIST) && may_name_list(s->node->body)))
		return;
	if (policy_read(s->d->a, v, &p, &err) != RC_OK) {
		if (s->node->doc)
			seed_fault(s->d, &file, "%.*s", STR_FMT(err));
		return;
	}
	const struct seed_path *where = js_get(v, "policyXml") ? &file : &one;
	for (rule.index = 0; rule.index < p.n_rules; rule.index++)
		for (all.index = 0; all.index < p.rules[rule.index].n_subjects; all.index++) {
			const struct str *list = p.rules[rule.index].subjects[all.index];
			for (one.index = 0; list[one.index].p; one.index++)
				subject_ref(s, where, list[one.index]);
		}
}

static void access_list_refs(struct source *s, const struct js *v)
{
	struct seed_path owner = member_path(s, "owner"), list = member_path(s, "resourceConnections");
	struct seed_path item = { .up = &list }, at = { .up = &item, .name = STR("resource") };
	if (s->node->doc && !map_get(owners(s->d), arena_lower(s->d->a, member_text(v, "owner"))))
		dangling(s, &owner, "owner of a resource", NULL);
	JS_EACH(connection, js_get(v, "resourceConnections")) {
		entry_ref(s, &at, SECTION_RESOURCE, member_text(connection, "resource"));
		item.index++;
	}
}

static void resource_ref(struct source *s, const char *member, struct str id)
{
	struct seed_path at = member_path(s, member);
	entry_ref(s, &at, SECTION_RESOURCE, id);
}

/* A sandbox has a key of every algorithm outside the store. An algorithm that is stored already is not checked again.
 */
static enum rc alg_ref(struct source *s, const struct js *v)
{
	struct seed_doc *d = s->d;
	struct seed_path at = member_path(s, "tokenAlg");
	struct str name = member_text(v, "tokenAlg");
	enum jose_alg alg;
	if (!name.p || !js_get(s->node->doc, "tokenAlg") || d->o.sandbox || !d->reader ||
	    keyring_alg(name, &alg) != RC_OK)
		return RC_OK;
	assert((unsigned)alg < JOSE_ALG__MAX);
	if (!d->algs[alg])
		d->algs[alg] = 1 + keyring_signs(d->reader, alg);
	enum rc rc = (enum rc)(d->algs[alg] - 1);
	if (rc != RC_NOT_FOUND)
		return rc;
	seed_fault(d, &at, "no key of that algorithm signs now; see samtykke key new --alg %.*s and key list",
		   STR_FMT(name));
	return RC_OK;
}

static enum rc node_refs(struct seed_doc *d, struct seed_node *n)
{
	struct source s;
	const struct js *v = seed_tree(d, n);
	source_init(&s, d, n, n->section, n->index);
	switch (n->section) {
	case SECTION_RESOURCE:
		template_ref(&s, v);
		policy_refs(&s, v);
		break;
	case SECTION_ACCESS_LIST:
		access_list_refs(&s, v);
		break;
	case SECTION_PREFIX:
	case SECTION_SCOPE:
		TRY(alg_ref(&s, v));
		return organisation_ref(&s, member_text(v, "owner"));
	case SECTION_CLIENT:
		scopes_ref(&s, v);
		return alg_ref(&s, v);
	case SECTION_DELEGATION:
		scopes_ref(&s, v);
		break;
	case SECTION_PARTY:
	case SECTION_ROLE:
	case SECTION_RIGHT:
	case SECTION_TEMPLATE:
	case SECTION_EXTRA:
	case SECTION__MAX:
		break;
	}
	const char *resource = seed_sections[n->section].resource;
	if (resource)
		resource_ref(&s, resource, member_text(v, resource));
	return RC_OK;
}

static void rights_refs(struct seed_doc *d)
{
	size_t i = 0;
	JS_EACH(v, seed_list(d, &seed_sections[SECTION_RIGHT])) {
		struct source s;
		source_init(&s, d, NULL, SECTION_RIGHT, i++);
		struct str id = member_text(v, "resource");
		if (!seed_absent(v) && !str_is(id, ACCESS_MANAGEMENT))
			resource_ref(&s, "resource", id);
	}
}

/* Sections of which an entry of `id` may name entries. */
static unsigned named_sections(enum section_id id)
{
	static const unsigned sections[SECTION__MAX] = {
		[SECTION_RESOURCE] = SECTION_BIT(TEMPLATE) | SECTION_BIT(ACCESS_LIST),
		[SECTION_ACCESS_LIST] = SECTION_BIT(RESOURCE),
		[SECTION_CLIENT] = SECTION_BIT(SCOPE),
		[SECTION_DELEGATION] = SECTION_BIT(SCOPE),
	};
	return sections[id] | (seed_sections[id].resource ? SECTION_BIT(RESOURCE) : 0);
}

/* Entries that the document does not name are read only where an entry that it removes could be missed. */
enum rc seed_refs(struct seed_doc *d)
{
	for (struct seed_node *n = d->first; n; n = n->next)
		if (n->body.n && (n->doc || d->removed & named_sections(n->section)))
			TRY(node_refs(d, n));
	rights_refs(d);
	return RC_OK;
}
