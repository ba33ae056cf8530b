/* What every fuzz target is: one function over bytes. libFuzzer calls it with inputs of its own (-fsanitize=fuzzer),
 * replay.c with the files of a corpus. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert, in every build. */
#define HOLDS(expr)                                                                                                    \
	do {                                                                                                           \
		if (!(expr)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #expr);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)
