#include <assert.h>

#include "base/embed.h"
#include "publish/budget.h"
#include "publish/seed_internal.h"

#define APPLY_TRIES 20 /* plans in a row after which nothing could be written, since others wrote meanwhile */

extern const struct embed seed_embedded[];

struct str seed_sandbox(void)
{
	return seed_embedded[0].data;
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

/* The changes of earlier tries stay in the report: they are written. */
static enum rc apply_once(struct store *s, struct str json, const struct seed_options *o, struct seed_report *report)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct seed_report written = *report;
	struct seed_doc d;
	int64_t version;
	seed_doc_init(&d, written.a, o, report);
	d.a = &a;
	report->changes = written.changes;
	report->n_changes = written.n_changes;
	report->told = written.told;
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
	return seed_write(&d, s, version);
}

static struct seed_report seed_report_new(struct arena *a)
{
	return (struct seed_report){ .a = a, .faults = BUF(a), .changes = BUF(a) };
}

/* Does the store say already what the document says? */
static bool is_applied(struct store *s, struct arena *a, struct str json, const struct seed_options *o)
{
	struct seed_options again = *o;
	struct seed_report report = seed_report_new(a);
	again.dry_run = true;
	again.written = NULL;
	again.limited = false;
	again.registry_version = 0;
	return apply_once(s, json, &again, &report) == RC_OK && report.n_changes == 0;
}

enum rc seed_apply(struct store *s, struct arena *a, struct str json, const struct seed_options *o,
		   struct seed_report *report)
{
	enum rc rc = RC_STALE;
	*report = seed_report_new(a);
	for (int tries = APPLY_TRIES; tries > 0 && rc == RC_STALE; tries--) {
		size_t before = report->n_changes;
		rc = apply_once(s, json, o, report);
		if (o->registry_version)
			break;
		if (report->n_changes > before)
			tries = APPLY_TRIES + 1;
	}
	if (rc != RC_UNCERTAIN || !is_applied(s, a, json, o))
		return rc;
	seed_tell(o, report);
	return RC_OK;
}
