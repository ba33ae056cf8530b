#include "internal.h"

#include <assert.h>
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
	struct arena *scratch = (struct arena *)(uintptr_t)&a->arena; /* the answer owns the text that it returns */
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

enum samtykke_rc events_make(struct str text, struct str cursor, struct samtykke_answer **out)
{
	struct samtykke_answer *a;
	enum samtykke_rc rc = answer_make(text, &a);
	if (rc != SAMTYKKE_OK)
		return rc;
	a->events = js_get(a->json, "data");
	if (!js_is(a->events, JS_ARRAY) || !js_is(js_get(a->json, "links"), JS_OBJECT)) {
		samtykke_answer_destroy(a);
		return SAMTYKKE_MALFORMED;
	}
	assert(!a->cursor);
	if (cursor.p)
		a->cursor = arena_cstr(&a->arena, cursor);
	*out = a;
	return SAMTYKKE_OK;
}

size_t samtykke_events_count(const struct samtykke_answer *a)
{
	return a->events ? a->events->n : 0;
}

const char *samtykke_events_cursor(const struct samtykke_answer *a)
{
	return a->cursor;
}

bool samtykke_events_more(const struct samtykke_answer *a)
{
	return js_is(js_get(js_get(a->json, "links"), "next"), JS_STRING);
}

static const char *event_member(const struct samtykke_answer *a, size_t i, const char *name)
{
	struct arena *scratch = (struct arena *)(uintptr_t)&a->arena;
	struct str s;
	if (i >= samtykke_events_count(a) || js_member_str(js_at(a->events, (uint32_t)i), name, &s) != RC_OK)
		return NULL;
	return arena_cstr(scratch, s);
}

const char *samtykke_event_consent(const struct samtykke_answer *a, size_t i)
{
	return event_member(a, i, "consentRequestId");
}

const char *samtykke_event_type(const struct samtykke_answer *a, size_t i)
{
	return event_member(a, i, "eventType");
}

const char *samtykke_event_time(const struct samtykke_answer *a, size_t i)
{
	return event_member(a, i, "changedDate");
}
