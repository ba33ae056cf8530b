#include "fuzz.h"

#include "base/url.h"

static void check_part(struct str text, struct str part)
{
	HOLDS(!part.p || (part.p >= text.p && part.p + part.n <= text.p + text.n));
}

static void check_url(struct str text)
{
	struct url u;
	if (url_parse(text, &u) != RC_OK)
		return;
	const struct str parts[] = { u.scheme, u.authority, u.host, u.port, u.path, u.query, u.fragment };
	for (size_t i = 0; i < LEN(parts); i++)
		check_part(text, parts[i]);
	HOLDS(u.scheme.n > 0);
	HOLDS(u.host.p != NULL || u.authority.p == NULL);
	for (size_t i = 0; i < text.n; i++)
		HOLDS(text.p[i] > ' ' && text.p[i] < 0x7f);
}

/* Decoded and encoded again it decodes to the same. */
static void check_escapes(struct arena *a, struct str text, bool plus_is_space)
{
	struct str plain, again;
	if (url_decode(a, text, plus_is_space, &plain) != RC_OK)
		return;
	HOLDS(plain.n <= text.n);
	struct buf b = BUF(a);
	if (plus_is_space)
		buf_form(&b, plain);
	else
		buf_url(&b, plain);
	HOLDS(url_decode(a, buf_str(&b), plus_is_space, &again) == RC_OK);
	HOLDS(str_eq(plain, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str text = str_span(data, size);
	check_url(text);
	check_escapes(&a, text, false);
	check_escapes(&a, text, true);
	struct pair *list;
	if (url_pairs(&a, text, &list) != RC_OK)
		return 0;
	size_t n = 0;
	for (const struct pair *p = list; p; p = p->next)
		n++;
	HOLDS(n <= URL_MAX_PAIRS);
	return 0;
}
