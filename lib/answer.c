#include "internal.h"

#include <stdlib.h>

enum samtykke_rc answer_make(struct str text, struct samtykke_answer **out)
{
	struct samtykke_answer *a = calloc(1, sizeof *a);

	if (!a)
		return SAMTYKKE_NO_MEMORY;
	a->text = arena_str(&a->arena, text);
	if (js_parse(&a->arena, a->text, NULL, &a->json, NULL) != RC_OK || !js_is(a->json, JS_OBJECT)) {
		samtykke_answer_destroy(a);
		return SAMTYKKE_MALFORMED;
	}
	*out = a;
	return SAMTYKKE_OK;
}

void samtykke_answer_destroy(struct samtykke_answer *a)
{
	if (!a)
		return;
	arena_finish(&a->arena);
	free(a);
}

static const char *member(const struct samtykke_answer *a, const char *name)
{
	struct arena *scratch = (struct arena *)(uintptr_t)&a->arena; /* the answer owns the text it hands out */
	struct str s;

	return js_member_str(a->json, name, &s) == RC_OK ? arena_cstr(scratch, s) : NULL;
}

const char *samtykke_answer_id(const struct samtykke_answer *a)
{
	return member(a, "id");
}

const char *samtykke_answer_from(const struct samtykke_answer *a)
{
	return member(a, "from");
}

const char *samtykke_answer_status(const struct samtykke_answer *a)
{
	return member(a, "status");
}

const char *samtykke_answer_view_uri(const struct samtykke_answer *a)
{
	return member(a, "viewUri");
}

const char *samtykke_answer_json(const struct samtykke_answer *a)
{
	return a->text.p;
}
