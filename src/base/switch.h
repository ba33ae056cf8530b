/* Switches a thread from one stack to another, without a system call.
 *
 * A context is the place where a stack was left: the address of what its next switch_to restores, on that stack itself.
 * It is good for one switch. A switch keeps what the machine's ABI lets a callee keep: callee-saved registers, the
 * stack pointer and the control bits of floating-point arithmetic. The signal mask stays as it is.
 *
 * switch_x86_64.S and switch_aarch64.S do it in assembly; both say how a stack unwinds, for debuggers and sanitizers.
 * They carry the mark for branch targets (IBT, BTI). They do not switch a shadow stack, and do not carry its mark, so
 * that no system gives the program one. switch.c does it on any POSIX machine, with a system call for the
 * signal mask (meson option `switch`). */
#pragma once
#include <stddef.h>

typedef void switch_fn(void); /* must not return */

/* The context of a new stack of `bytes`, from 4096: switching to it calls fn. Floating-point control is the caller's.
 */
void *switch_make(char *stack, size_t bytes, switch_fn *fn);
/* Leaves this stack and goes on at `to`. Writes the context of this stack to *from first. It returns when some stack
 * switches to that context. */
void switch_to(void **from, void *to);
