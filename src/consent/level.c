#include "consent/authority.h"
#include "consent/internal.h"

enum rc consent_level_check(const struct registry *reg, const struct person_caller *who, const struct consent *c,
			    struct problems *p)
{
	int64_t level = authority_level_missing(reg, who, c);
	if (!level)
		return RC_OK;
	p->level = level;
	(void)problems_add(p, PROB_NOT_AUTHORIZED, STR_NONE);
	return RC_DENIED;
}

int64_t consent_level_hide(const struct registry *reg, const struct person_caller *who, struct consent *c)
{
	int64_t level = authority_level_missing(reg, who, c);
	size_t n = 0;
	if (!level)
		return 0;
	c->message_json = STR_NONE;
	for (struct right *r = c->rights; r; r = r->next)
		r->metadata = NULL;
	for (size_t i = 0; i < c->n_events; i++)
		if (c->events[i].type != EV_USED)
			c->events[n++] = c->events[i];
	c->n_events = n;
	return level;
}
