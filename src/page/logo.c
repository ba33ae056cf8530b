#include "page/logo.h"

#include "base/buf.h"
#include "jose/jose.h"

#define HASH_BYTES 6

static bool is_png(struct str data)
{
	return str_starts(data, STR("\x89PNG\r\n\x1a\n"));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str lower(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	return str_span(out, s.n);
}

/* ---- SVG: `s` is in lower case ---- */

static bool is_svg(struct str s)
{
	if (str_starts(s, STR("\xef\xbb\xbf")))
		s = str_span(s.p + 3, s.n - 3);
	s = str_trim(s);
	return str_utf8(s) && !memchr(s.p, 0, s.n) && str_find(s, STR("<svg")) >= 0 &&
	       (str_starts(s, STR("<svg")) || str_starts(s, STR("<?xml ")) || str_starts(s, STR("<!--")));
}

/* The name of an attribute that begins with "on" and stands at `s`; absent: none does. */
static struct str event_attribute(struct str s)
{
	size_t n = 2;
	if (!str_starts(s, STR("on")))
		return STR_NONE;
	while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
		n++;
	size_t end = n;
	while (n < s.n && is_space(s.p[n]))
		n++;
	return end > 2 && n < s.n && s.p[n] == '=' ? str_span(s.p, end) : STR_NONE;
}

/* Does the target after an attribute's name or a "url(" lie outside the file? */
static bool leads_out(struct str s)
{
	size_t i = 0;
	while (i < s.n && (is_space(s.p[i]) || s.p[i] == '=' || s.p[i] == '"' || s.p[i] == '\''))
		i++;
	struct str target = str_span(s.p + i, s.n - i);
	return !str_starts(target, STR("#")) && !str_starts(target, STR("data:image/"));
}

static struct str find_element(struct str s)
{
	static const struct str refused[] = { STR_INIT("<script"),       STR_INIT("<foreignobject"),
					      STR_INIT("<iframe"),       STR_INIT("<!doctype"),
					      STR_INIT("<!entity"),      STR_INIT("<?xml-stylesheet"),
					      STR_INIT("javascript:"),   STR_INIT("@import"),
					      STR_INIT("attributename=") };
	for (size_t i = 0; i < LEN(refused); i++)
		if (str_find(s, refused[i]) >= 0)
			return refused[i];
	return STR_NONE;
}

/* What a logo may not hold; absent: nothing of it. */
static struct str find_refused(struct str s)
{
	struct str found = find_element(s);
	for (size_t i = 1; i < s.n && !found.p; i++) {
		struct str rest = str_span(s.p + i, s.n - i);
		if (str_starts(rest, STR("url(")) && leads_out(str_span(rest.p + 4, rest.n - 4)))
			found = STR("url(");
		if (!is_space(s.p[i - 1]) && !strchr("\"'/:", s.p[i - 1]))
			continue;
		if (!found.p)
			found = event_attribute(rest);
		if (str_starts(rest, STR("href")) && leads_out(str_span(rest.p + 4, rest.n - 4)))
			found = STR("href");
	}
	return found;
}

/* ---- the file ---- */

enum rc logo_take(struct arena *a, struct str data, struct logo *out, struct str *why_out)
{
	if (data.n > LOGO_MAX) {
		*why_out = arena_fmt(a, "is larger than %d bytes", LOGO_MAX);
		return RC_TOO_LARGE;
	}
	bool png = is_png(data);
	struct str svg = png ? STR_NONE : lower(a, data), refused;
	if (!png && !is_svg(svg)) {
		*why_out = STR("is neither PNG nor SVG");
		return RC_INVALID;
	}
	if (!png && (refused = find_refused(svg)).p) {
		*why_out = arena_fmt(a, "holds %.*s, which is refused in a logo", STR_FMT(refused));
		return RC_INVALID;
	}
	struct buf name = BUF(a);
	buf_lit(&name, "logo-");
	buf_hex(&name, str_span(jose_sha256(a, data).p, HASH_BYTES));
	buf_z(&name, png ? ".png" : ".svg");
	*out = (struct logo){ .data = data, .type = png ? "image/png" : "image/svg+xml", .file = buf_str(&name) };
	return RC_OK;
}
