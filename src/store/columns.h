/* The columns of a consent and of an event, one row each. From a row come the column in the statements and the type of
 * its parameter (statements.def), and the member that the column is written from and read into (consents.c, events.c).
 *
 * COLUMN(x, column, member, parameter)          of an event
 * COLUMN(x, column, member, parameter, listed)  of a consent
 *   x          what the user of the list hands to every row: a prefix of columns, or nothing
 *   parameter  as in the signatures of sql.h; a capital letter: the column may be NULL
 *   listed     YES: lists and the activity log read the column too
 *
 * FIRST is the first row, for lists with commas between. Rows are in the order of the members of the struct. */
#pragma once

// clang-format off
#define CONSENT_OWN_COLUMNS(FIRST, COLUMN, x) \
	FIRST(x,  id,               id,                      b, YES) \
	COLUMN(x, from_urn,         from,                    t, YES) \
	COLUMN(x, to_urn,           to,                      t, YES) \
	COLUMN(x, delegator_urn,    required_delegator,      T, YES) \
	COLUMN(x, handled_by_urn,   handled_by,              T, NO) \
	COLUMN(x, from_uuid,        from_uuid,               b, YES) \
	COLUMN(x, to_uuid,          to_uuid,                 b, YES) \
	COLUMN(x, delegator_uuid,   required_delegator_uuid, B, YES) \
	COLUMN(x, handled_by_uuid,  handled_by_uuid,         B, NO) \
	COLUMN(x, by_owner,         by_owner,                i, NO) \
	COLUMN(x, created,          created,                 i, YES) \
	COLUMN(x, valid_to,         valid_to,                i, YES) \
	COLUMN(x, answered,         answered,                i, YES) \
	COLUMN(x, valid_to_text,    valid_to_text,           t, NO) \
	COLUMN(x, consented_text,   consented_text,          T, YES) \
	COLUMN(x, status,           status,                  i, YES) \
	COLUMN(x, rights,           rights_json,             t, YES) \
	COLUMN(x, message,          message_json,            T, NO) \
	COLUMN(x, redirect_url,     redirect_url,            t, NO) \
	COLUMN(x, view_mode,        view_mode,               i, YES) \
	COLUMN(x, template_id,      template_id,             T, YES) \
	COLUMN(x, template_version, template_version,        i, YES) \
	COLUMN(x, shown_language,   shown_language,          T, NO) \
	COLUMN(x, shown_sha256,     shown_sha256,            T, NO) \
	COLUMN(x, one_time,         one_time,                i, NO) \
	COLUMN(x, used,             used,                    i, YES) \
	COLUMN(x, last_event,       last_event,              b, NO)
/* What a consent of Altinn 3 leaves at the defaults. */
#define CONSENT_ALTINN2_COLUMNS(COLUMN, x) \
	COLUMN(x, origin,           origin,                  i, NO) \
	COLUMN(x, keep_session,     keep_session,            i, NO) \
	COLUMN(x, opened,           opened,                  i, NO)
#define CONSENT_COLUMNS(FIRST, COLUMN, x) \
	CONSENT_OWN_COLUMNS(FIRST, COLUMN, x) \
	CONSENT_ALTINN2_COLUMNS(COLUMN, x)

#define EVENT_COLUMNS(FIRST, COLUMN, x) \
	FIRST(x,  id,                id,                b) \
	COLUMN(x, type,              type,              i) \
	COLUMN(x, created,           created,           i) \
	COLUMN(x, performed_by,      performed_by,      t) \
	COLUMN(x, performed_by_uuid, performed_by_uuid, B) \
	COLUMN(x, detail,            detail,            T)
// clang-format on
