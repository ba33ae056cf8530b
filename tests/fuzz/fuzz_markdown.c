/* Consent texts: whatever goes in, only the listed tags come out, without attributes but a checked href, and each is
 * closed. */
#include "text/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OPEN_MAX 64

static size_t tag_end(struct str html, size_t at)
{
	while (at < html.n && html.p[at] != '>')
		at++;
	if (at == html.n)
		abort();
	return at;
}

static bool href_ok(struct str attribute)
{
	static const struct str starts[] = { STR_INIT("href=\"https://"), STR_INIT("href=\"http://"),
					     STR_INIT("href=\"mailto:"), STR_INIT("href=\"tel:") };
	if (attribute.n < 8 || attribute.p[attribute.n - 1] != '"' || memchr(attribute.p + 6, '"', attribute.n - 7))
		return false;
	for (size_t i = 0; i < LEN(starts); i++)
		if (attribute.n > starts[i].n && str_ieq(str_span(attribute.p, starts[i].n), starts[i]))
			return true;
	return false;
}

/* A start tag: its name when it is one of ours. */
static struct str start_tag(struct str inner)
{
	static const char *const names[] = { "p", "ul", "ol", "li", "a", "b", "strong", "em", "i", "br" };
	struct str name, attribute;
	if (str_cut(inner, ' ', &name, &attribute) && !(str_is(name, "a") && href_ok(attribute)))
		abort();
	for (size_t i = 0; i < LEN(names); i++)
		if (str_is(name, names[i]))
			return name;
	abort();
}

static void check(struct str html)
{
	struct str open[OPEN_MAX];
	size_t depth = 0;
	for (size_t i = 0; i < html.n; i++) {
		if (html.p[i] != '<')
			continue;
		size_t end = tag_end(html, i);
		struct str inner = str_span(html.p + i + 1, end - i - 1);
		if (inner.n && inner.p[0] == '/') {
			if (depth == 0 || !str_eq(open[--depth], str_span(inner.p + 1, inner.n - 1)))
				abort();
		} else if (!str_is(inner, "br")) {
			if (depth == OPEN_MAX)
				abort();
			open[depth++] = start_tag(inner);
		}
		i = end;
	}
	if (depth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fill fills[] = { { "inntektsaar", STR_INIT("2024") },
					     { "evil", STR_INIT("<script>\"'{evil}</p>") },
					     { NULL, { NULL, 0 } } };
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	enum rc rc = buf_markdown(&b, str_span(data, size), fills);
	if (rc != (size > MARKDOWN_MAX ? RC_TOO_LARGE : RC_OK))
		abort();
	if (rc == RC_OK)
		check(buf_str(&b));
	return 0;
}
