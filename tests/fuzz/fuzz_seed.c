/* Seed documents: checked as far as that goes without a store. Whatever is refused says why, in whole lines. */
#include "publish/seed_internal.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct seed_report report;
	const struct seed_options o = { .sandbox = true };
	enum rc rc = seed_validate(&a, str_span(data, size), &o, &report);
	HOLDS(rc == (report.n_faults ? RC_INVALID : RC_OK));
	HOLDS(!report.n_faults || str_ends(buf_str(&report.faults), STR("\n")));
	return 0;
}
