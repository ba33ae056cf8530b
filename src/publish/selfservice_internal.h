/* What clients and scopes share when their organisation registers them: an entry is found, changed and deactivated in
 * the same way. */
#pragma once
#include "publish/edit.h"
#include "publish/selfservice.h"

/* An entry of the snapshot. */
struct registration {
	const void *entry; /* struct client or struct scope */
	bool active;
	struct str body; /* as it is stored */
};
struct registration_kind {
	const char *section;     /* of the seed */
	const char *id_member;   /* of the entry in the seed */
	const char *deactivated; /* why a deactivated one cannot be changed */
	const struct edit_member *members;
	/* The entry that the edit is about; RC_NOT_FOUND when it is another organisation's, too. */
	enum rc (*find)(const struct edit *e, struct registration *out);
	/* Adds faults of the body of a change. */
	void (*check)(struct edit *e, const struct registration *r);
};
/* The target of an edit. */
struct registration_target {
	const struct registration_kind *kind;
	struct str id;
	const struct client_manager *manager; /* of a client; NULL: of a scope */
	struct str orgno;                     /* grants: of the organisation that the scope is granted to */
};

const struct registration_target *registration_target(const struct edit *e);
/* RC_NOT_FOUND; RC_CONFLICT: it is deactivated. */
MUST_USE enum rc registration_find_active(struct edit *e, struct registration *out);
/* The entry with its identifier and the time of the change; edit_entry_end ends it. */
void registration_begin(struct edit *e, struct jsw *w);
/* Makers of changes that every kind has. */
edit_fn registration_change, registration_deactivate;
/* Runs an edit of the target; members that the fragment does not name stay. */
MUST_USE enum rc registration_run(const struct publisher *publisher, const struct registration_target *t,
				  const struct js *body, struct publication *p, edit_fn *make);
