/* multipart/form-data (RFC 7578 over RFC 2046 §5.1): finds the one file of a form. */
#include "http/http.h"

#define BOUNDARY_MAX 70 /* RFC 2046 §5.1.1 */

static struct str after(struct str s, size_t n)
{
	return str_span(s.p + n, s.n - n);
}

/* Reads one `; name=value` of a field value, quoted or not. false: none is left, or it is broken. */
static bool parameter_next(struct str *rest, struct str *name, struct str *value)
{
	struct str tail;
	*rest = str_trim(*rest);
	if (!str_starts(*rest, STR(";")))
		return false;
	*rest = after(*rest, 1);
	if (!str_cut(*rest, '=', name, &tail))
		return false;
	*name = str_trim(*name);
	if (!str_starts(tail, STR("\""))) {
		const char *end = tail.n ? memchr(tail.p, ';', tail.n) : NULL;
		size_t n = end ? (size_t)(end - tail.p) : tail.n;
		*value = str_trim(str_span(tail.p, n));
		*rest = after(tail, n);
		return true;
	}
	size_t n = 1;
	while (n < tail.n && tail.p[n] != '"')
		n += tail.p[n] == '\\' ? 2 : 1;
	if (n >= tail.n)
		return false;
	*value = str_span(tail.p + 1, n - 1);
	*rest = after(tail, n + 1);
	return true;
}

/* Absent: there is no such parameter. */
static struct str parameter(struct str field, const char *wanted)
{
	struct str media, rest, name, value;
	if (!str_cut(field, ';', &media, &rest))
		return STR_NONE;
	rest = after(field, media.n);
	while (parameter_next(&rest, &name, &value))
		if (str_ieq(name, str_of(wanted)))
			return value;
	return STR_NONE;
}

/* Does the part's head say that it is a file? */
static bool is_file(struct str head)
{
	for (bool more = true; more;) {
		struct str line, tail, name, value;
		ptrdiff_t at = str_find(head, STR("\r\n"));
		more = at >= 0;
		line = more ? str_span(head.p, (size_t)at) : head;
		tail = more ? after(head, (size_t)at + 2) : STR_NONE;
		head = tail;
		if (str_cut(line, ':', &name, &value) && str_ieq(str_trim(name), STR("Content-Disposition")))
			return parameter(value, "filename").p || parameter(value, "filename*").p;
	}
	return false;
}

/* *rest begins after a delimiter. Reads the part up to the next one. false: the framing is broken. */
static bool part_next(struct str *rest, struct str delimiter, struct str *head, struct str *content)
{
	ptrdiff_t line = str_find(*rest, STR("\r\n"));
	if (line < 0 || str_trim(str_span(rest->p, (size_t)line)).n)
		return false;
	*rest = after(*rest, (size_t)line); /* a head may be empty: its blank line begins here */
	ptrdiff_t end = str_find(*rest, delimiter), body = str_find(*rest, STR("\r\n\r\n"));
	if (end < 0 || body < 0 || body + 4 > end)
		return false;
	*head = body ? str_span(rest->p + 2, (size_t)body - 2) : STR_NONE;
	*content = str_span(rest->p + body + 4, (size_t)(end - body) - 4);
	*rest = after(*rest, (size_t)end + delimiter.n);
	return true;
}

enum rc http_file(const struct http_req *r, struct str *out)
{
	struct str boundary = parameter(http_header(r, "Content-Type"), "boundary"), head, content, file = STR_NONE;
	if (!http_content_type_is(r, "multipart/form-data") || !boundary.n || boundary.n > BOUNDARY_MAX)
		return RC_INVALID;
	struct str delimiter = arena_fmt(r->arena, "\r\n--%.*s", STR_FMT(boundary)), rest = r->body;
	bool at_once = str_starts(rest, after(delimiter, 2)); /* nothing stands in front of the first part */
	ptrdiff_t first = at_once ? -2 : str_find(rest, delimiter);
	if (!at_once && first < 0)
		return RC_INVALID;
	rest = after(rest, (size_t)(first + (ptrdiff_t)delimiter.n));
	for (int n = 0; !str_starts(rest, STR("--")); n++) {
		if (n == HTTP_MAX_PARTS || !part_next(&rest, delimiter, &head, &content))
			return RC_INVALID;
		if (!is_file(head))
			continue;
		if (file.p)
			return RC_INVALID;
		file = content;
	}
	if (!file.p)
		return RC_INVALID;
	*out = file;
	return RC_OK;
}
