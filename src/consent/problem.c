#include "consent/problem.h"

#include <assert.h>

struct problem *problems_add(struct problems *p, enum problem_code code, struct str key)
{
	struct problem *item;
	assert((unsigned)code < PROB__MAX && p->n <= PROBLEMS_MAX);
	if (p->n == PROBLEMS_MAX) {
		p->dropped++;
		item = arena_new(p->a, struct problem);
	} else {
		arena_room(p->a, p->items, p->n, &p->cap, 4);
		item = &p->items[p->n++];
	}
	*item = (struct problem){ .code = code, .key = key };
	return item;
}

struct problem *problems_validation(struct problems *p, struct problem *to, enum validation_code code, struct str path)
{
	assert((unsigned)code < VLD__MAX && (!to || to->code == PROB_VALIDATION));
	if (!to)
		to = problems_add(p, PROB_VALIDATION, STR_NONE);
	if (to->n_validations < PROBLEM_MAX_VALIDATIONS)
		to->validations[to->n_validations++] = (struct validation){ .code = code, .path = path };
	return to;
}

bool problems_has(const struct problems *p, enum problem_code code)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].code == code)
			return true;
	return false;
}
