/* Looks into memory that the program gives back. The test is linked with -Wl,--wrap=free. */
#pragma once
#include <malloc.h>
#include <string.h>

#include "base/base.h"

/* Volatile: the compiler takes it that free() reads nothing of them. */
static const char *volatile freed_p; /* what is looked for; NULL: nothing */
static volatile size_t freed_n;
static volatile size_t freed_found; /* blocks that held it when they were freed */

void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
	if (p && freed_p && memmem(p, malloc_usable_size(p), freed_p, freed_n))
		freed_found = freed_found + 1;
	__real_free(p);
}

static inline void freed_watch(struct str octets)
{
	freed_n = octets.n;
	freed_found = 0;
	freed_p = octets.p;
}

/* Ends the watch: how many blocks held the octets? */
static inline size_t freed_seen(void)
{
	freed_p = NULL;
	return freed_found;
}
