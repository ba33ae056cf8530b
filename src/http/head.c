#include "http/engine_internal.h"

#define START_MAX (HTTP_MAX_PATH + HTTP_MAX_QUERY + 1024) /* of the start line: room for the authority of a target */
#define FIELD_MAX (HTTP_MAX_HEADER + 1024)                /* of a field's line */
#define LINES_MAX (1 + HTTP_MAX_HEADERS + 1)              /* the start line, the fields, the empty line */

/* Sets of bytes: the kinds that they end with. */
#define TOKENS BYTE_TOKEN
#define TARGETS BYTE_VISIBLE
#define VALUES BYTE_BLANK

static bool is_of(char c, enum byte_kind last)
{
	return byte_kind[(unsigned char)c] <= last;
}

/* The first bytes of s that are all of that set. */
static size_t span_of(struct str s, enum byte_kind last)
{
	size_t i = 0;
	while (i < s.n && is_of(s.p[i], last))
		i++;
	return i;
}

/* The unfinished line of n bytes is longer than any that is allowed: the status, negated; else 0. */
static int too_long(const struct head_scan *s, size_t n)
{
	if (s->lines == 0)
		return n > START_MAX ? -414 : 0;
	return n > FIELD_MAX ? -431 : 0;
}

/* A line has ended at `lf`. 0: it was not the last one. */
static int line_end(struct head_scan *s, const char *p, size_t lf)
{
	size_t line = lf - s->line;
	s->at = lf + 1;
	if (line == 0 || p[lf - 1] != '\r')
		return -400;
	int status = too_long(s, line);
	if (status)
		return status;
	bool empty = line == 1;
	if (s->at > HTTP_MAX_HEAD)
		return -431;
	if (empty && s->lines > 0)
		return (int)s->at;
	if (empty && s->begin > 0)
		return -400;
	s->line = s->at;
	if (empty)
		s->begin = s->at;
	else
		s->lines++;
	return s->lines == LINES_MAX ? -431 : 0;
}

int head_scan(struct head_scan *s, const char *p, size_t n)
{
	/* Another protocol, TLS for one, need not send a line at all. */
	if (n && !is_of(p[0], TOKENS) && p[0] != '\r')
		return -400;
	for (const char *lf; (lf = memchr(p + s->at, '\n', n - s->at)) != NULL;) {
		int end = line_end(s, p, (size_t)(lf - p));
		if (end)
			return end;
	}
	s->at = n;
	if (n > HTTP_MAX_HEAD)
		return s->lines ? -431 : -414;
	return too_long(s, n - s->line);
}

static struct str rest_of(struct str s, size_t from)
{
	return str_span(s.p + from, s.n - from);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* HTTP/1.0 and HTTP/1.1 are served. Returns 0, 505 for another version, 400 for none. */
static int version_parse(struct str version, struct head *out)
{
	out->http_1_0 = str_is(version, "HTTP/1.0");
	if (out->http_1_0 || str_is(version, "HTTP/1.1"))
		return 0;
	if (version.n != 8 || !str_starts(version, STR("HTTP/")) || version.p[6] != '.')
		return 400;
	return is_digit(version.p[5]) && is_digit(version.p[7]) ? 505 : 400;
}

/* METHOD SP TARGET SP VERSION, each blank one space. */
static int line_parse(struct str line, struct http_req *req, struct head *out)
{
	size_t method = span_of(line, TOKENS);
	if (method == 0 || method == line.n || line.p[method] != ' ')
		return 400;
	req->method = request_method(str_span(line.p, method));
	struct str rest = rest_of(line, method + 1);
	size_t target = span_of(rest, TARGETS);
	if (target == 0 || target == rest.n || rest.p[target] != ' ')
		return 400;
	out->target = str_span(rest.p, target);
	return version_parse(rest_of(rest, target + 1), out);
}

/* A continued line begins with a blank, so it has no name. */
static bool field_parse(struct str line, struct http_header *out)
{
	size_t name = span_of(line, TOKENS);
	if (name == 0 || name == line.n || line.p[name] != ':')
		return false;
	struct str value = rest_of(line, name + 1);
	if (span_of(value, VALUES) != value.n)
		return false;
	*out = (struct http_header){ str_span(line.p, name), str_trim(value) };
	return true;
}

static bool line_next(struct str *rest, struct str *line_out)
{
	const char *lf = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	if (!lf)
		return false;
	*line_out = str_span(rest->p, (size_t)(lf - rest->p) - 1);
	*rest = rest_of(*rest, line_out->n + 2);
	return true;
}

int head_parse(struct str text, struct http_req *req, struct head *out)
{
	struct str line;
	struct http_header fields[LINES_MAX];
	size_t n = 0;
	int status = line_next(&text, &line) ? line_parse(line, req, out) : 400;
	while (!status && line_next(&text, &line) && line.n && n < LEN(fields))
		status = field_parse(line, &fields[n++]) ? 0 : 400;
	if (status)
		return status;
	req->headers = arena_array(req->arena, struct http_header, n);
	req->n_headers = n;
	memcpy(req->headers, fields, n * sizeof *fields);
	return 0;
}

bool head_has_word(const struct http_req *req, const char *name, const char *word)
{
	for (size_t i = 0; i < req->n_headers; i++) {
		struct str list = req->headers[i].value, part;
		if (!str_ieq(req->headers[i].name, str_of(name)))
			continue;
		while (str_next(&list, ',', &part))
			if (str_ieq(str_trim(part), str_of(word)))
				return true;
	}
	return false;
}
