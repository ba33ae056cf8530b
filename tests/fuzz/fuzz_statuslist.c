/* The payload of a status list, after its signature: hostile sizes, widths and times end in a reason, and every index
 * is answered or beyond the end. */
#include "fuzz.h"

#include "lib/internal.h"

#define NOW_S 1780000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t at[] = { 0, 1, 7, 8, 4711, STATUS_LIST_MAX, INT64_MAX, -1, INT64_MIN };
	struct arena a = { 0 };
	struct status_list l = { 0 };
	unsigned value;

	const char *why =
		status_list_read(&a, str_span(data, size), STR("https://issuer.test/statuslists/0"), NOW_S, &l);
	HOLDS(!why == (l.width != 0));
	if (!why) {
		int64_t n = (int64_t)(l.bytes.n * 8 / l.width);
		HOLDS(l.bytes.n <= STATUS_LIST_MAX && l.ttl_s >= 0 && l.left_s > 0);
		for (size_t i = 0; i < LEN(at); i++)
			HOLDS(status_list_at(&l, at[i], &value) == (at[i] >= 0 && at[i] < n));
		HOLDS(!status_list_at(&l, n, &value));
		HOLDS(n == 0 || (status_list_at(&l, n - 1, &value) && value < 1u << l.width));
	}
	arena_finish(&a);
	return 0;
}
