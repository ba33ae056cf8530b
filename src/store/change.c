#include <assert.h>

#include "store/committer.h"

struct change *change_new(struct arena *a)
{
	struct change *c = arena_new(a, struct change);
	c->a = a;
	return c;
}

static bool arg_missing(char sig, const struct db_val *v)
{
	return v->type == DB_NULL && sig >= 'a';
}

void change_op(struct change *c, enum stmt stmt, const struct db_val *args, size_t n_args)
{
	assert((unsigned)stmt < SQL__MAX && db_args_fit(stmt, args, n_args));
	const char *sig = sql_texts[stmt].sig;
	arena_room(c->a, c->ops, c->n_ops, &c->cap, 2);
	struct db_val *copy = NULL;
	if (n_args) {
		copy = arena_array(c->a, struct db_val, n_args);
		memcpy(copy, args, n_args * sizeof *copy);
	}
	for (size_t i = 0; i < n_args; i++)
		c->invalid |= arg_missing(sig[i], &args[i]);
	c->ops[c->n_ops++] = (struct db_op){ .stmt = stmt, .args = copy, .n_args = n_args };
}

size_t change_receivers(const struct change *c, struct uuid *out)
{
	size_t n = 0;
	out[n++] = c->receivers[0];
	for (size_t i = 1; i < CHANGE_RECEIVERS; i++)
		if (!uuid_is_nil(c->receivers[i]))
			out[n++] = c->receivers[i];
	for (size_t i = 0; i < c->n_more_receivers; i++)
		out[n++] = c->more_receivers[i];
	return n;
}

bool change_receives(const struct change *c, struct uuid receiver)
{
	for (size_t i = 0; i < CHANGE_RECEIVERS; i++)
		if (uuid_eq(c->receivers[i], receiver))
			return true;
	for (size_t i = 0; i < c->n_more_receivers; i++)
		if (uuid_eq(c->more_receivers[i], receiver))
			return true;
	return false;
}
