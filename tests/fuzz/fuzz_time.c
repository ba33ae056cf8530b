#include "fuzz.h"

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_span(data, size);
	char out[CLOCK_TEXT_MAX];
	int64_t us, again;
	if (clock_parse(text, &us) == RC_OK)
		HOLDS(clock_parse(clock_text(us, out), &again) == RC_OK && again == us);
	if (clock_http_parse(text, &us) == RC_OK)
		HOLDS(str_eq(clock_http(us, out), text));
	if (clock_duration(text, &us) == RC_OK)
		HOLDS(us % CLOCK_SECOND == 0 && llabs(us) <= 36525 * CLOCK_DAY);
	if (size >= sizeof us) {
		memcpy(&us, data, sizeof us);
		clock_text(us, out);
		clock_http(us, out);
	}
	return 0;
}
