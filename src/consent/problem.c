#include "consent/problem.h"

static void problems_grow(struct problems *p)
{
	size_t cap = p->cap ? p->cap * 2 : 4;
	struct problem *items = arena_array(p->a, struct problem, cap);
	if (p->n)
		memcpy(items, p->items, p->n * sizeof *items);
	p->items = items;
	p->cap = cap;
}

struct problem *problems_add(struct problems *p, enum problem_code code, struct str key)
{
	struct problem *item;
	if (p->n == PROBLEMS_MAX) {
		p->dropped++;
		item = arena_new(p->a, struct problem);
	} else {
		if (p->n == p->cap)
			problems_grow(p);
		item = &p->items[p->n++];
	}
	*item = (struct problem){ .code = code, .key = key };
	return item;
}

struct problem *problems_validation(struct problems *p, struct problem *to, enum validation_code code, struct str path)
{
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
