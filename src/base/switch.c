#include "base/switch.h"

#include <assert.h>
#include <stdint.h>
#include <ucontext.h>

/* A context is a ucontext_t on its own stack, at the top of a new one. */
void *switch_make(char *stack, size_t bytes, switch_fn *fn)
{
	uintptr_t top = ((uintptr_t)stack + bytes - sizeof(ucontext_t)) & ~(uintptr_t)63;
	ucontext_t *c = (ucontext_t *)(void *)(stack + (top - (uintptr_t)stack));
	assert(bytes >= 4096);
	(void)getcontext(c);
	c->uc_stack.ss_sp = stack;
	c->uc_stack.ss_size = (size_t)(top - (uintptr_t)stack);
	c->uc_link = NULL;
	makecontext(c, fn, 0);
	return c;
}

void switch_to(void **from, void *to)
{
	ucontext_t here;
	*from = &here;
	(void)swapcontext(&here, to);
}
