#include <assert.h>

#include "base/clock.h"
#include "consent/internal.h"

/*              accept (until validTo)             revoke
 *   created -------------------------> accepted ----------> revoked
 *      |
 *      | reject (also after validTo)
 *      +-------------------------> rejected
 *
 * Expired is derived from validTo and never stored. A one-time consent is over from its first use on, and stays
 * accepted. A repeated move changes nothing, and the rules answer with the state.
 */
static const struct {
	enum consent_status from;
	enum consent_status to;
} moves[] = {
	// clang-format off
	{ ST_CREATED,  ST_ACCEPTED },
	{ ST_CREATED,  ST_REJECTED },
	{ ST_ACCEPTED, ST_REVOKED },
	// clang-format on
};

enum rc lifecycle_check(enum consent_status from, enum consent_status to)
{
	assert((unsigned)from < ST__MAX && (unsigned)to < ST__MAX);
	for (size_t i = 0; i < LEN(moves); i++)
		if (moves[i].from == from && moves[i].to == to)
			return RC_OK;
	return RC_CONFLICT;
}

bool consent_expired(const struct consent *c)
{
	return !consent_live(c->valid_to, clock_now());
}

bool consent_active(const struct consent *c)
{
	return c->status == ST_ACCEPTED && !consent_expired(c) && !c->used;
}

int64_t consent_end(const struct registry *reg, const struct consent *c)
{
	int64_t end = c->valid_to;
	for (const struct right *r = c->rights; r; r = r->next) {
		const struct resource *res = registry_resource(reg, r->resource);
		if (res && res->max_validity && c->created + res->max_validity < end)
			end = c->created + res->max_validity;
	}
	return end;
}

void consent_add_event(struct arena *a, struct consent *c, const struct event *e)
{
	assert((unsigned)e->type < EV__MAX);
	struct event *events = arena_array(a, struct event, c->n_events + 1);
	if (c->n_events)
		memcpy(events, c->events, c->n_events * sizeof *events);
	events[c->n_events++] = *e;
	c->events = events;
}

void consent_derive_expired(struct arena *a, struct consent *c)
{
	if (!consent_expired(c))
		return;
	for (size_t i = 0; i < c->n_events; i++)
		if (c->events[i].type == EV_EXPIRED)
			return;
	const struct event e = {
		.type = EV_EXPIRED, .created = c->valid_to, .performed_by = c->to, .performed_by_uuid = c->to_uuid
	};
	consent_add_event(a, c, &e);
}
