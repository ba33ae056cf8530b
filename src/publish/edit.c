#include "publish/edit.h"

#include <assert.h>

#include "base/clock.h"
#include "jose/jose.h"

#define TAG_BYTES 16 /* of the SHA-256 */

/* ---- faults ---- */

void edit_fault(struct edit *e, struct str path, const char *text)
{
	struct buf b = BUF(e->publisher->a);
	if (e->publication->faults.n >= EDIT_MAX_FAULTS)
		return;
	buf_add(&b, e->publication->faults);
	buf_add(&b, path);
	buf_lit(&b, ": ");
	buf_z(&b, text);
	buf_c(&b, '\n');
	e->publication->faults = buf_str(&b);
}

/* Takes the faults of the fragment over, with paths of the body. */
static void faults_take(struct edit *e, struct str faults)
{
	struct buf b = BUF(e->publisher->a);
	struct str line;
	while (str_next(&faults, '\n', &line)) {
		struct str path = str_starts(line, e->body_path) ? e->body_path : e->entry_path;
		if (str_starts(line, path))
			line = str_span(line.p + path.n, line.n - path.n);
		if (str_starts(line, STR(".")))
			line = str_span(line.p + 1, line.n - 1);
		if (!line.n)
			continue;
		buf_add(&b, line);
		buf_c(&b, '\n');
	}
	e->publication->faults = buf_str(&b);
}

enum rc edit_denied(struct edit *e, const char *why)
{
	assert(why);
	e->publication->why = why;
	return RC_DENIED;
}

enum rc edit_conflict(struct edit *e, const char *why)
{
	assert(why);
	e->publication->why = why;
	return RC_CONFLICT;
}

struct str edit_tag(struct arena *a, struct str stored)
{
	uint8_t sum[32];
	struct buf b = BUF(a);
	jose_sha256_into(stored, sum);
	buf_c(&b, '"');
	buf_hex(&b, str_span(sum, TAG_BYTES));
	buf_c(&b, '"');
	return buf_str(&b);
}

/* = RFC 9110 13.1.1: "When an origin server receives a request that selects a representation and that request includes
 * an If-Match header field, the origin server MUST evaluate the If-Match condition prior to performing the method. […]
 * using the strong comparison function". Our tags contain no comma, so that the list is split at each one. */
enum rc edit_match(struct edit *e, struct str tag)
{
	struct str named, rest = e->publisher->if_match;
	if (!rest.p || str_is(str_trim(rest), "*"))
		return RC_OK;
	while (str_next(&rest, ',', &named))
		if (str_eq(str_trim(named), tag))
			return RC_OK;
	e->publication->overtaken = true;
	return edit_conflict(e, "it has been changed since");
}

void edit_entry_begin(struct edit *e, struct jsw *w, const char *section)
{
	bool publishes = str_is(str_of(section), "resources") || str_is(str_of(section), "accessLists");
	e->budget = publishes ? BUDGET_PUBLISH : BUDGET_SELF;
	e->entry_path = e->body_path = arena_fmt(e->a, "%s[0]", section);
	jsw_key(w, section);
	jsw_arr(w);
	jsw_obj(w);
}

void edit_entry_end(struct jsw *w)
{
	jsw_end_obj(w);
	jsw_end_arr(w);
}

/* ---- applying ---- */

static enum rc edit_once(struct edit *e, edit_fn *make, bool *other_content_out)
{
	struct buf b = BUF(e->a);
	struct jsw w = JSW(&b);
	struct seed_report report;
	*other_content_out = false;
	jsw_obj(&w);
	TRY(make(e, &w));
	jsw_end_obj(&w);
	const struct seed_options o = { .whole = !e->merge,
					.registry_version = registry_version(e->registry),
					.dry_run = e->owner_missing,
					.limited = true,
					.room = budget_room(e->registry, e->publisher->orgno, e->budget) };
	enum rc rc = seed_apply(e->publisher->registry->store, e->a, buf_str(&b), &o, &report);
	assert(rc != RC_OK || !report.n_faults);
	if (rc == RC_INVALID) {
		*other_content_out = report.other_content;
		faults_take(e, buf_str(&report.faults));
	}
	if (rc == RC_CONFLICT && report.over_room)
		return edit_conflict(e, "the organisation has as many bytes stored as it may");
	e->publication->changed = rc == RC_OK && report.n_changes > 0;
	return rc;
}

static enum rc edit_try(struct edit *e, edit_fn *make)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	CLEANUP(registry_releasep) const struct registry *registry = registry_hold(e->publisher->registry);
	bool other_content;
	struct buf now = BUF(&a);
	buf_time(&now, clock_now());
	e->now = buf_str(&now);
	e->a = &a;
	e->registry = registry;
	e->owner_missing = e->next_version = false;
	*e->publication = (struct publication){ 0 };
	enum rc rc = edit_once(e, make, &other_content);
	if (!other_content)
		return rc;
	e->next_version = true;
	e->publication->faults = STR_NONE;
	return edit_once(e, make, &other_content);
}

static enum rc edit_in_turn(struct edit *e, edit_fn *make)
{
	struct registry_box *box = e->publisher->registry;
	enum rc rc = RC_STALE;
	bool changed;
	for (int i = 0; i < EDIT_TRIES && rc == RC_STALE; i++) {
		TRY(registry_refresh(box, &changed));
		rc = edit_try(e, make);
	}
	/* The next request in this process is to see the change. It is stored all the same when the snapshot cannot be
	 * refreshed now: a later request refreshes it. */
	if (rc == RC_OK && registry_refresh(box, &changed) != RC_OK)
		return RC_OK;
	return rc == RC_STALE ? RC_BUSY : rc;
}

enum rc edit_run(struct edit *e, edit_fn *make)
{
	assert(e->publisher && e->publication && make);
	const struct publisher *publisher = e->publisher;
	struct pace *pace = publisher->pace;
	int64_t wait_s;
	if (!pace)
		return edit_in_turn(e, make);
	*e->publication = (struct publication){ 0 };
	if (pace_enter(pace, publisher->orgno, clock_mono(), &wait_s) != RC_OK) {
		e->publication->wait_s = wait_s;
		return RC_BUSY;
	}
	if (!publisher->in_turn)
		pace_turn(pace);
	enum rc rc = edit_in_turn(e, make);
	if (!publisher->in_turn)
		pace_turn_end(pace);
	pace_leave(pace, publisher->orgno);
	return rc;
}

/* ---- members ---- */

struct str edit_text(const struct edit *e, const char *name)
{
	struct str s = STR_NONE;
	return js_member_str(e->body, name, &s) == RC_OK ? s : STR_NONE;
}

/* Is v the JSON of `want`: a boolean, a text, or a list of texts? */
static bool same_json(struct arena *a, const struct js *v, const char *want)
{
	const struct js *w;
	if (js_parse(a, str_of(want), NULL, &w, NULL) != RC_OK || v->type != w->type || v->n != w->n)
		return false;
	if (v->type == JS_BOOL)
		return v->b == w->b;
	if (v->type == JS_STRING)
		return str_eq(v->s, w->s);
	const struct js *wanted = w->type == JS_ARRAY ? w->child : NULL;
	JS_EACH(item, v) {
		if (item->type != JS_STRING || wanted->type != JS_STRING || !str_eq(item->s, wanted->s))
			return false;
		wanted = wanted->next;
	}
	return v->type == JS_ARRAY;
}

static const char *member_fault(struct edit *e, const struct edit_member *row, const struct js *v, struct str same)
{
	bool equal = js_is(v, JS_STRING) && same.p && str_eq(v->s, same);
	if (row->rule == EDIT_SAME && !equal)
		return same.p ? "cannot be changed" : "is not the caller's to say";
	if (row->rule != EDIT_FIXED || same_json(e->a, v, row->missing))
		return NULL;
	return arena_cstr(e->a, arena_fmt(e->a, "must be %s", row->missing));
}

void edit_members_check(struct edit *e, const struct edit_member *rows, const struct str *same)
{
	JS_EACH(v, e->body) {
		const struct edit_member *row = rows;
		size_t nth = 0;
		for (; row->name && !str_is(v->key, row->name); row++)
			nth += row->rule == EDIT_SAME;
		if (v->type == JS_NULL && row->name)
			continue;
		const char *why = "unknown member";
		if (row->name)
			why = member_fault(e, row, v, row->rule == EDIT_SAME ? same[nth] : STR_NONE);
		if (why)
			edit_fault(e, v->key, why);
	}
}

void edit_members_write(const struct edit *e, struct jsw *w, const struct edit_member *rows)
{
	for (; rows->name; rows++) {
		const struct js *v = js_get(e->body, rows->name);
		bool named = v && v->type != JS_NULL;
		if (rows->rule != EDIT_COPY && (rows->rule != EDIT_KEEP || !v))
			continue;
		assert(rows->seed && rows->missing);
		jsw_key(w, rows->seed);
		jsw_raw(w, named ? v->raw : str_of(rows->missing));
	}
}

void edit_faults_rename(struct arena *a, struct publication *p, const struct edit_member *rows)
{
	struct buf b = BUF(a);
	struct str line, rest = p->faults;
	while (rest.n && str_next(&rest, '\n', &line)) {
		const struct edit_member *row = rows;
		size_t n = 0;
		while (n < line.n && line.p[n] != '.' && line.p[n] != '[' && line.p[n] != ':')
			n++;
		while (row->name && !(row->seed && str_is(str_span(line.p, n), row->seed)))
			row++;
		if (row->name)
			buf_z(&b, row->name);
		buf_add(&b, row->name ? str_span(line.p + n, line.n - n) : line);
		buf_c(&b, '\n');
	}
	p->faults = buf_str(&b);
}
