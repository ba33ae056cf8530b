/* The first line is the Content-Type, the rest the body. What is found lies inside the body. */
#include "fuzz.h"

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_header type = { .name = STR("Content-Type") };
	struct http_req req = { .arena = &a, .headers = &type, .n_headers = 1 };
	struct str file;
	if (!str_cut(str_span(data, size), '\n', &type.value, &req.body))
		return 0;
	if (http_file(&req, &file) == RC_OK)
		HOLDS(file.p >= req.body.p && file.p + file.n <= req.body.p + req.body.n);
	return 0;
}
