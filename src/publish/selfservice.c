#include "publish/selfservice_internal.h"

#include <assert.h>

const struct registration_target *registration_target(const struct edit *e)
{
	return e->target;
}

enum rc registration_find_active(struct edit *e, struct registration *out)
{
	const struct registration_kind *kind = registration_target(e)->kind;
	TRY(kind->find(e, out));
	return out->active ? RC_OK : edit_conflict(e, kind->deactivated);
}

void registration_begin(struct edit *e, struct jsw *w)
{
	const struct registration_target *t = registration_target(e);
	assert(t->id.n);
	edit_entry_begin(e, w, t->kind->section);
	jsw_kstr(w, t->kind->id_member, t->id);
	jsw_kstr(w, "lastUpdated", e->now);
}

enum rc registration_change(struct edit *e, struct jsw *w)
{
	const struct registration_kind *kind = registration_target(e)->kind;
	struct registration r;
	TRY(registration_find_active(e, &r));
	TRY(edit_match(e, edit_tag(e->a, r.body)));
	kind->check(e, &r);
	if (e->publication->faults.n)
		return RC_INVALID;
	registration_begin(e, w);
	edit_members_write(e, w, kind->members);
	edit_entry_end(w);
	return RC_OK;
}

enum rc registration_deactivate(struct edit *e, struct jsw *w)
{
	struct registration r;
	TRY(registration_target(e)->kind->find(e, &r));
	if (!r.active)
		return RC_OK;
	TRY(edit_match(e, edit_tag(e->a, r.body)));
	registration_begin(e, w);
	jsw_kz(w, "state", "absent");
	edit_entry_end(w);
	return RC_OK;
}

enum rc registration_run(const struct publisher *publisher, const struct registration_target *t, const struct js *body,
			 struct publication *p, edit_fn *make)
{
	assert(t->kind && t->kind->find && t->kind->check);
	struct edit e = { .publisher = publisher, .publication = p, .body = body, .target = t, .merge = true };
	enum rc rc = edit_run(&e, make);
	edit_faults_rename(publisher->a, p, t->kind->members);
	return rc;
}
