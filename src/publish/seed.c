#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/embed.h"
#include "publish/budget.h"
#include "publish/seed_internal.h"
#include "registry/subject.h"

#define APPLY_TRIES 20 /* plans, when others write meanwhile */

static void report_line(struct seed_doc *d, char sign, const char *word, const char *fmt, ...) PRINTF(4, 5);
static void report_line(struct seed_doc *d, char sign, const char *word, const char *fmt, ...)
{
	va_list ap;
	char text[SEED_MAX_ID * 3 + 100];
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_fmt(&d->report->changes, "%c %s %s\n", sign, word, text);
	d->report->n_changes++;
}

extern const struct embed seed_embedded[];

struct str seed_sandbox(void)
{
	return seed_embedded[0].data;
}

/* ---- entries ---- */

static bool inactive(struct str body)
{
	return str_ends(body, STR("\"state\":\"absent\"}"));
}

static bool another_version_stored(struct seed_doc *d, const struct seed_node *n)
{
	for (const struct seed_node *v = seed_node_find(d, n->section, n->key); v; v = v->sibling)
		if (v != n && v->stored.n)
			return true;
	return false;
}

/* A further version of a stored key counts as a change of the key. */
static char node_sign(struct seed_doc *d, const struct seed_node *n)
{
	if (!n->body.n)
		return '-';
	bool stored = n->stored.n && !inactive(n->stored), wanted = !inactive(n->body);
	if (wanted && !stored && another_version_stored(d, n))
		return '~';
	if (stored != wanted)
		return wanted ? '+' : '-';
	return n->stored.n ? '~' : '-';
}

static void node_change(struct seed_doc *d, struct change *c, const struct seed_node *n)
{
	if (str_eq(n->stored, n->body))
		return;
	const struct seed_section *s = &seed_sections[n->section];
	assert(s->kind);
	char version[24] = "";
	if (s->version)
		snprintf(version, sizeof version, " %" PRId64, n->version);
	size_t skip = s->key_prefix ? strlen(s->key_prefix) : 0;
	struct str key = str_span(n->key.p + skip, n->key.n - skip);
	report_line(d, node_sign(d, n), s->word, "%.*s%s", STR_FMT(key), version);
	/* A document of an operator may change what no lookup names: owner codes, for example. */
	if (!d->o.registry_version || !subjects_touch(c, d->a, str_of(s->kind), n->key, n->stored, n->body))
		change_touch_all(c);
	if (n->body.n)
		change_entry(c, &(struct entry){ str_of(s->kind), n->key, n->version, n->body });
	else
		change_entry_delete(c, str_of(s->kind), n->key, n->version);
}

/* ---- parties and holdings ---- */

static bool party_same(const struct party *a, const struct party *b)
{
	return uuid_eq(a->uuid, b->uuid) && a->party_id == b->party_id && a->user_id == b->user_id &&
	       str_eq(a->name, b->name) && str_eq(a->unit_type, b->unit_type) && uuid_eq(a->parent, b->parent);
}

static void party_change(struct seed_doc *d, struct change *c, const struct seed_party *p)
{
	const char *word = seed_sections[SECTION_PARTY].word;
	if (!p->doc || (p->removed && !p->stored.key))
		return;
	if (p->removed) {
		report_line(d, '-', word, "%.*s", STR_FMT(p->stored.ident));
		change_party_delete(c, p->stored.ident);
		return;
	}
	if (p->stored.key && party_same(&p->stored, &p->wanted))
		return;
	report_line(d, p->stored.key ? '~' : '+', word, "%.*s", STR_FMT(p->wanted.ident));
	change_party(c, &p->wanted);
}

static void holding_write(struct seed_doc *d, struct change *c, const struct seed_holding *h)
{
	report_line(d, h->remove ? '-' : '+', str_is(h->h.kind, "right") ? "right" : "role", "%.*s %.*s %.*s",
		    STR_FMT(h->party->wanted.ident), STR_FMT(h->holder->wanted.ident), STR_FMT(h->h.value));
	if (h->remove)
		change_holding_delete(c, &h->h);
	else
		change_holding(c, &h->h);
}

void seed_changes(struct seed_doc *d, struct change *c)
{
	for (const struct seed_holding *h = d->holdings; h; h = h->next)
		if (h->remove)
			holding_write(d, c, h);
	for (const struct seed_party *p = d->parties; p; p = p->next)
		party_change(d, c, p);
	for (const struct seed_holding *h = d->holdings; h; h = h->next)
		if (!h->remove)
			holding_write(d, c, h);
	for (const struct seed_node *n = d->first; n; n = n->next)
		node_change(d, c, n);
}

/* ---- apply ---- */

static enum rc plan(struct seed_doc *d, struct str json)
{
	seed_check(d, json);
	if (d->report->n_faults)
		return RC_INVALID;
	seed_plan(d);
	TRY(seed_parties_plan(d));
	TRY(seed_holdings_plan(d));
	TRY(seed_refs(d));
	seed_twins(d);
	return d->report->n_faults ? RC_INVALID : RC_OK;
}

enum rc seed_validate(struct arena *a, struct str json, const struct seed_options *o, struct seed_report *report)
{
	struct seed_doc d;
	seed_doc_init(&d, a, o, report);
	return plan(&d, json);
}

/* A new entry counts as PUBLISH_VERSION_BYTES more, where the budget counts so too. */
static bool fits(const struct seed_doc *d)
{
	size_t before = 0, after = 0;
	for (const struct seed_node *n = d->first; n; n = n->next) {
		bool publishes = n->section == SECTION_RESOURCE || n->section == SECTION_ACCESS_LIST;
		if (n->stored.p == n->body.p || str_eq(n->stored, n->body))
			continue;
		before += n->stored.n + (publishes && n->stored.n ? PUBLISH_VERSION_BYTES : 0);
		after += n->body.n + (publishes && n->body.n ? PUBLISH_VERSION_BYTES : 0);
	}
	return after <= before || after - before <= d->o.room;
}

static enum rc apply_once(struct store *s, struct arena *a, struct str json, const struct seed_options *o,
			  struct seed_report *report)
{
	struct seed_doc d;
	struct change *c = change_new(a);
	int64_t version;
	seed_doc_init(&d, a, o, report);
	{
		CLEANUP(reader_closep) struct reader *r = NULL;
		TRY(reader_open(s, true, &r));
		d.reader = r;
		TRY(store_registry_version(r, &version));
		if (o->registry_version && o->registry_version != version)
			return RC_STALE;
		TRY(seed_state_load(&d));
		TRY(plan(&d, json));
	}
	assert(!report->n_faults);
	report->over_room = o->limited && !fits(&d);
	if (report->over_room)
		return RC_CONFLICT;
	seed_changes(&d, c);
	if (o->dry_run || !report->n_changes)
		return RC_OK;
	change_at(c, version);
	return store_apply(s, c, true);
}

/* Does the store say already what the document says? */
static bool is_applied(struct store *s, struct arena *a, struct str json, const struct seed_options *o)
{
	struct seed_options again = *o;
	struct seed_report report;
	again.dry_run = true;
	again.limited = false;
	again.registry_version = 0;
	return apply_once(s, a, json, &again, &report) == RC_OK && report.n_changes == 0;
}

enum rc seed_apply(struct store *s, struct arena *a, struct str json, const struct seed_options *o,
		   struct seed_report *report)
{
	enum rc rc = RC_STALE;
	for (int i = 0; i < APPLY_TRIES && rc == RC_STALE; i++) {
		rc = apply_once(s, a, json, o, report);
		if (o->registry_version)
			break;
	}
	return rc == RC_UNCERTAIN && is_applied(s, a, json, o) ? RC_OK : rc;
}
