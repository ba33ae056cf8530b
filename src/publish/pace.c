#include "publish/pace.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/task.h"

#define SETS 128 /* of organisations, by a hash of their number */
#define WAYS 8   /* organisations of one set; a resting one makes room */

struct organisation {
	uint64_t name; /* a hash of the number; 0: free */
	_Atomic int64_t budget;
	int running;
};
struct place {
	struct waiter waiter;
	struct place *next;
};
struct pace {
	struct pace_config c;
	pthread_mutex_t lock;
	struct organisation organisations[SETS][WAYS];
	bool taken;
	struct place *first; /* those that wait for the turn, in their order */
	struct place **last;
};

enum rc pace_create(const struct pace_config *c, struct pace **out)
{
	assert(c->share > 0);
	struct pace *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	p->c = *c;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	*out = p;
	return RC_OK;
}

void pace_destroy(struct pace *p)
{
	if (!p)
		return;
	assert(!p->taken);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static uint64_t name_of(struct str orgno)
{
	uint64_t h = str_hash(orgno); /* organisations do not choose their numbers */
	return h ? h : 1;
}

/* The organisation's own place, or else the one of the set that has rested longest. NULL: all of them have changes
 * under way. */
static struct organisation *organisation_find(struct pace *p, struct str orgno)
{
	uint64_t name = name_of(orgno);
	struct organisation *set = p->organisations[name % SETS], *rested = NULL;
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].name == name)
			return &set[i];
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].running == 0 && (!rested || set[i].budget < rested->budget))
			rested = &set[i];
	if (!rested)
		return NULL;
	rested->name = name;
	rested->budget = 0;
	return rested;
}

enum rc pace_enter(struct pace *p, struct str orgno, int64_t now_us, int64_t *wait_s_out)
{
	enum rc rc = RC_BUSY;
	pthread_mutex_lock(&p->lock);
	struct organisation *o = organisation_find(p, orgno);
	*wait_s_out = 1;
	if (o && o->running < p->c.share)
		rc = limit_take(&p->c.rate, &o->budget, now_us, wait_s_out);
	if (rc == RC_OK)
		o->running++;
	pthread_mutex_unlock(&p->lock);
	return rc;
}

void pace_leave(struct pace *p, struct str orgno)
{
	pthread_mutex_lock(&p->lock);
	struct organisation *o = organisation_find(p, orgno);
	assert(o && o->running > 0);
	o->running--;
	pthread_mutex_unlock(&p->lock);
}

void pace_turn(struct pace *p)
{
	struct place me = { .next = NULL };
	pthread_mutex_lock(&p->lock);
	bool waits = p->taken;
	p->taken = true;
	if (waits) {
		waiter_init(&me.waiter);
		*p->last = &me;
		p->last = &me.next;
	}
	pthread_mutex_unlock(&p->lock);
	if (waits)
		waiter_wait(&me.waiter);
}

/* The turn goes to the next place without being free in between: nobody comes first who came later. */
void pace_turn_end(struct pace *p)
{
	pthread_mutex_lock(&p->lock);
	assert(p->taken);
	struct place *next = p->first;
	if (next) {
		p->first = next->next;
		if (!p->first)
			p->last = &p->first;
	} else {
		p->taken = false;
	}
	pthread_mutex_unlock(&p->lock);
	if (next)
		waiter_wake(&next->waiter);
}
