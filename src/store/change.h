/* Changes of administration: many rows in one transaction. Results are those of store.h. */
#pragma once
#include "store/store.h"

struct change;
/* An empty change, in `a`. Texts and UUIDs that are added must live until the change has run. */
struct change *change_new(struct arena *a);
/* Inserts the party, or updates the members that are set; `ident` finds the row. The store makes uuid, party_id and
 * user_id where they are not set. */
void change_party(struct change *c, const struct party *p);
void change_party_name(struct change *c, struct str ident, struct str name); /* of a party that has none */
/* Inserts a party whose uuid, party_id and, for a person, user_id are set. RC_FAIL when a party has one of them, or its
 * ident: another writer was faster. Nobody can have decided on a party that was not there, so that the change needs no
 * new registry version. */
void change_party_new(struct change *c, const struct party *p);
void change_party_delete(struct change *c, struct str ident);
void change_entry(struct change *c, const struct entry *e); /* inserts or replaces */
void change_entry_delete(struct change *c, struct str kind, struct str key, int64_t version);
/* Inserts if absent. It takes nothing from anybody: a change of such insertions needs no new registry version. */
void change_holding(struct change *c, const struct holding *h);
void change_holding_delete(struct change *c, const struct holding *h);
/* The registry version that the change was decided on: store_apply is RC_STALE when the store has another one. */
void change_at(struct change *c, int64_t registry_version);
/* The same for a change without a new version: it holds until the epoch is later than the version. */
void change_since(struct change *c, int64_t registry_version);
/* Takes numbers that no party has got, for new parties: *party_id_out and the n_party_ids - 1 after it, and the same of
 * user ids. Numbers that are not used stay so. */
MUST_USE enum rc parties_take_numbers(struct store *s, struct arena *a, size_t n_party_ids, size_t n_user_ids,
				      int64_t *party_id_out, int64_t *user_id_out);
#define TOUCHED_VERSIONS 10000 /* that a subject is remembered for; then the epoch is raised in its place */
/* An entry of the change concerns this subject. */
void change_touch(struct change *c, struct subject s);
/* An entry of the change concerns what every decision rests on. Parties and holdings always do. */
void change_touch_all(struct change *c);
#define CHANGE_OPS_MAX 2000000 /* statements of one change; RC_TOO_LARGE past it */
/* Runs the change in one transaction. bump: raises the registry version by one. It raises the epoch too, unless the
 * change has named subjects and does not concern all. An empty change without `bump` is RC_OK. */
MUST_USE enum rc store_apply(struct store *s, struct change *c, bool bump);
