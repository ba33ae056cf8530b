#include <assert.h>

#include "base/clock.h"
#include "consent/internal.h"

#define PAGE_DEFAULT 100

static enum rc receiver_find(struct consent_service *consents, struct arena *a, struct str orgno, struct uuid *out,
			     struct problems *p)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	const struct urn u = { .kind = URN_ORG, .value = orgno };
	struct party *found;
	TRY(parties_resolve_at(consents, a, &u, 1, &found, registry_epoch(reg)));
	if (!found || found->type != PARTY_ORG)
		return party_unknown(p, a, u, PARTY_ORG);
	*out = found->uuid;
	return RC_OK;
}

static enum rc page_add(void *ctx, const struct feed_event *e)
{
	struct event_page *page = ctx;
	page->items[page->n++] = *e;
	return RC_OK;
}

/* Ids of events are of real time. Where a sandbox's clock is moved ahead, the time between has gone by for its events.
 */
static int64_t latest(void)
{
	int64_t now = clock_now(), real = clock_real();
	return now > real ? now : real;
}

enum rc consent_events(struct consent_service *consents, struct arena *a, const struct feed *filter,
		       const struct org_caller *who, struct event_page *out, struct problems *p)
{
	struct feed f = *filter;
	struct event_page page = { 0 };
	struct feed_end end;
	f.limit = consents->cfg.events_page ? consents->cfg.events_page : PAGE_DEFAULT;
	TRY(receiver_find(consents, a, who->consumer, &f.receiver, p));
	if (consents->cfg.events_lag_s)
		f.before = events_floor(latest() - consents->cfg.events_lag_s * CLOCK_SECOND);
	page.receiver = f.receiver;
	assert(f.limit >= 1 && f.limit <= EVENTS_MAX);
	page.items = arena_array(a, struct feed_event, (size_t)f.limit);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(events_after(r, a, &f, page_add, &page, &end));
	page.cursor = end.cursor;
	page.more = end.more;
	*out = page;
	return RC_OK;
}
