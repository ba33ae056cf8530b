/* Writes the difference between a document and the store.
 *
 * A document with few rows of parties, roles and rights is one change: all of it or nothing. One with more rows has
 * them in changes of SEED_CHUNK rows first; the last rows go with everything else. So nobody waits for more than one of
 * these. A run that was interrupted is finished by the next one, which plans what is left: each change leaves a whole
 * state, and rights are taken before others are given. The last change always gives the registry a new version: so
 * whoever keeps what a person holds reads what was added. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "publish/seed_internal.h"
#include "registry/subject.h"

static_assert((SECTION__MAX - 3) * INT64_C(1) * SEED_MAX_ENTRIES + 4 * SEED_CHUNK < CHANGE_OPS_MAX,
	      "one change has room for all lists");

#define REST_LEAST_US 5000 /* longer than a process that waits for the database looks away (store/sqlite.c) */
#define REST_MOST_US CLOCK_SECOND

struct writer {
	struct seed_doc *d;
	struct store *s;
	int64_t version; /* of the registry that the rest was planned on */
	bool chunks;
	/* the change that is being made */
	struct arena a;
	struct change *c;
	size_t n;   /* its lines in the report */
	bool takes; /* changes or removes what others may have decided on */
	bool adds_parties;
};

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

/* ---- changes ---- */

static void change_begin(struct writer *w)
{
	arena_reset(&w->a);
	w->c = change_new(&w->a);
	w->n = 0;
	w->takes = w->adds_parties = false;
}

/* Other processes get the database for as long as this one had it. */
static void rest(int64_t us)
{
	us = us < REST_LEAST_US ? REST_LEAST_US : us > REST_MOST_US ? REST_MOST_US : us;
	(void)nanosleep(&(struct timespec){ us / CLOCK_SECOND, us % CLOCK_SECOND * 1000 }, NULL);
}

void seed_tell(const struct seed_options *o, struct seed_report *report)
{
	const struct buf *lines = &report->changes;
	if (o->written && lines->n > report->told)
		o->written(o->written_ctx, str_span(lines->p + report->told, lines->n - report->told));
	report->told = lines->n;
}

/* bump: the registry gets a new version. A party that somebody else registered meanwhile fails the change: it is
 * planned again with that party. */
static enum rc change_write(struct writer *w, bool bump)
{
	struct seed_report *report = w->d->report;
	if (bump)
		change_at(w->c, w->version);
	else
		change_since(w->c, w->version);
	enum rc rc = store_apply(w->s, w->c, bump);
	if (rc == RC_OK) {
		w->version += bump;
		seed_tell(&w->d->o, report);
		return RC_OK;
	}
	if (rc == RC_UNCERTAIN)
		return rc;
	report->changes.n = report->told;
	report->n_changes -= w->n;
	return rc == RC_FAIL && w->adds_parties ? RC_STALE : rc;
}

static enum rc chunk_end(struct writer *w)
{
	int64_t start = clock_mono();
	if (!w->n)
		return RC_OK;
	TRY(change_write(w, w->takes));
	change_begin(w);
	if (w->d->o.rests)
		rest(clock_mono() - start);
	return RC_OK;
}

/* Before the row is added. Changes that take and changes that only add are kept apart: those that add need no new
 * version before the last change: at each one every server reads the registry again. */
static enum rc row_begin(struct writer *w, bool takes)
{
	if (w->chunks && w->n && (w->n == SEED_CHUNK || w->takes != takes))
		TRY(chunk_end(w));
	w->takes |= takes;
	w->n++;
	return RC_OK;
}

/* ---- parties ---- */

static bool party_same(const struct party *a, const struct party *b)
{
	return uuid_eq(a->uuid, b->uuid) && a->party_id == b->party_id && a->user_id == b->user_id &&
	       str_eq(a->name, b->name) && str_eq(a->unit_type, b->unit_type) && uuid_eq(a->parent, b->parent);
}

static bool party_is_new(const struct seed_party *p)
{
	return p->doc && !p->removed && !p->stored.key;
}

static bool party_changes(const struct seed_party *p)
{
	return p->doc && p->stored.key && (p->removed || !party_same(&p->stored, &p->wanted));
}

static const char *party_word(void)
{
	return seed_sections[SECTION_PARTY].word;
}

static enum rc party_add(struct writer *w, const struct seed_party *p)
{
	TRY(row_begin(w, false));
	w->adds_parties = true;
	report_line(w->d, '+', party_word(), "%.*s", STR_FMT(p->wanted.ident));
	if (!w->d->o.dry_run) /* which takes no numbers */
		change_party_new(w->c, &p->wanted);
	return RC_OK;
}

/* Main units come before their subunits. */
static enum rc party_new_write(struct writer *w, struct seed_party *p)
{
	if (!party_is_new(p) || p->written)
		return RC_OK;
	struct seed_party *top = p;
	for (p->written = true; top->parent && party_is_new(top->parent) && !top->parent->written; top = top->parent) {
		top->parent->written = true;
		top->parent->lower = top;
	}
	for (const struct seed_party *unit = top; unit; unit = unit->lower)
		TRY(party_add(w, unit));
	return RC_OK;
}

static enum rc party_change_write(struct writer *w, const struct seed_party *p)
{
	if (!party_changes(p))
		return RC_OK;
	TRY(row_begin(w, true));
	report_line(w->d, p->removed ? '-' : '~', party_word(), "%.*s", STR_FMT(p->stored.ident));
	if (p->removed)
		change_party_delete(w->c, p->stored.ident);
	else
		change_party(w->c, &p->wanted);
	return RC_OK;
}

/* ---- holdings ---- */

static enum rc holding_write(struct writer *w, const struct seed_holding *h)
{
	TRY(row_begin(w, h->remove));
	report_line(w->d, h->remove ? '-' : '+', str_is(h->h.kind, "right") ? "right" : "role", "%.*s %.*s %.*s",
		    STR_FMT(h->party->wanted.ident), STR_FMT(h->holder->wanted.ident), STR_FMT(h->h.value));
	if (h->remove)
		change_holding_delete(w->c, &h->h);
	else
		change_holding(w->c, &h->h);
	return RC_OK;
}

static enum rc holdings_write(struct writer *w, bool remove)
{
	for (const struct seed_holding *h = w->d->holdings; h; h = h->next)
		if (h->remove == remove)
			TRY(holding_write(w, h));
	return RC_OK;
}

static enum rc rows_write(struct writer *w)
{
	TRY(holdings_write(w, true));
	for (struct seed_party *p = w->d->parties; p; p = p->next)
		TRY(party_new_write(w, p));
	for (const struct seed_party *p = w->d->parties; p; p = p->next)
		TRY(party_change_write(w, p));
	return holdings_write(w, false);
}

static size_t rows_count(const struct seed_doc *d)
{
	size_t n = 0;
	for (const struct seed_party *p = d->parties; p; p = p->next)
		n += party_is_new(p) || party_changes(p);
	for (const struct seed_holding *h = d->holdings; h; h = h->next)
		n++;
	return n;
}

/* ---- numbers of new parties ---- */

/* The next number that the document gives to none of its parties. */
static int64_t number_next(const struct seed_doc *d, char kind, int64_t *at)
{
	while (seed_party_by_number(d, kind, *at))
		(*at)++;
	return (*at)++;
}

/* All of them at once: one at a time, each would lock the row that logins need. */
static enum rc numbers_take(struct seed_doc *d, struct store *s)
{
	size_t ids = 0, users = 0;
	int64_t party_id, user_id;
	for (const struct seed_party *p = d->parties; p; p = p->next) {
		ids += party_is_new(p);
		users += party_is_new(p) && p->wanted.type == PARTY_PERSON;
	}
	if (!ids)
		return RC_OK;
	TRY(parties_take_numbers(s, d->a, ids, users, &party_id, &user_id));
	for (struct seed_party *p = d->parties; p; p = p->next) {
		if (!party_is_new(p))
			continue;
		if (!p->wanted.party_id)
			p->wanted.party_id = number_next(d, 'p', &party_id);
		if (!p->wanted.user_id && p->wanted.type == PARTY_PERSON)
			p->wanted.user_id = number_next(d, 'u', &user_id);
	}
	return RC_OK;
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

static void node_write(struct writer *w, const struct seed_node *n)
{
	struct seed_doc *d = w->d;
	struct change *c = w->c;
	if (str_eq(n->stored, n->body))
		return;
	const struct seed_section *s = &seed_sections[n->section];
	assert(s->kind);
	w->n++;
	char version[24] = "";
	if (s->version)
		snprintf(version, sizeof version, " %" PRId64, n->version);
	size_t skip = s->key_prefix ? strlen(s->key_prefix) : 0;
	struct str key = str_span(n->key.p + skip, n->key.n - skip);
	report_line(d, node_sign(d, n), s->word, "%.*s%s", STR_FMT(key), version);
	/* A document of an operator may change what no lookup names: owner codes, for example. */
	if (!d->o.registry_version || !subjects_touch(c, &w->a, str_of(s->kind), n->key, n->stored, n->body))
		change_touch_all(c);
	if (n->body.n)
		change_entry(c, &(struct entry){ str_of(s->kind), n->key, n->version, n->body });
	else
		change_entry_delete(c, str_of(s->kind), n->key, n->version);
}

static enum rc all_write(struct writer *w)
{
	const struct seed_doc *d = w->d;
	TRY(rows_write(w));
	for (const struct seed_node *n = d->first; n; n = n->next)
		node_write(w, n);
	if (d->o.dry_run)
		seed_tell(&d->o, d->report);
	return d->o.dry_run || !w->n ? RC_OK : change_write(w, true);
}

enum rc seed_write(struct seed_doc *d, struct store *s, int64_t version)
{
	struct writer w = { .d = d, .s = s, .version = version };
	w.chunks = !d->o.dry_run && rows_count(d) > SEED_CHUNK;
	if (!d->o.dry_run)
		TRY(numbers_take(d, s));
	change_begin(&w);
	enum rc rc = all_write(&w);
	arena_finish(&w.a);
	return rc;
}
