#include "base/split.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void keep(struct split *s, char c)
{
	if (s->item.n < s->max)
		buf_c(&s->item, c);
	else
		s->at.large = true;
}

static void restart(struct split *s)
{
	s->item.n = 0;
	s->at.large = s->at.done = s->at.quoted = s->at.escaped = false;
	s->at.depth = 0;
}

static enum split_got ended(struct split *s)
{
	s->at.done = s->at.comma = true;
	return s->at.large ? SPLIT_LARGE : SPLIT_ITEM;
}

static bool member(const struct split *s, struct str name)
{
	for (const char *const *m = s->members; m && *m; m++)
		if (str_ieq(name, str_of(*m)))
			return true;
	return false;
}

/* Is the first value of the text still open, on its outermost level? */
static bool first_open(const struct split *s)
{
	return !s->at.in_list && !s->at.over && s->at.begun && s->at.depth == 1 && s->item.n && s->item.p[0] == '{';
}

/* A colon, comma or bracket on the outermost level of the first value. true: the array around the values begins. */
static bool around(struct split *s, char c)
{
	if (!first_open(s) || s->at.known)
		return false;
	if (c == ':')
		s->at.known = member(s, str_span(s->item.p + s->at.text, s->at.text_end - s->at.text));
	if (c != '[' || s->at.known || s->at.large)
		return false;
	s->at.in_list = s->at.around = true;
	s->at.comma = false;
	restart(s);
	return true;
}

static void text_byte(struct split *s, char c)
{
	if (s->at.escaped)
		s->at.escaped = false;
	else if (c == '\\')
		s->at.escaped = true;
	else if (c == '"') {
		s->at.quoted = false;
		s->at.text_end = s->item.n;
	}
	keep(s, c);
}

static enum split_got value_byte(struct split *s, char c)
{
	if (around(s, c))
		return SPLIT_MORE;
	keep(s, c);
	if (c == '"') {
		s->at.quoted = true;
		s->at.text = s->item.n;
	} else if (c == '{' || c == '[') {
		s->at.depth++;
	} else if (c == '}' || c == ']') {
		s->at.depth--;
	}
	if (s->at.depth)
		return SPLIT_MORE;
	s->at.known = true; /* what follows the first value is another one */
	return ended(s);
}

/* Between values. */
static enum split_got between(struct split *s, char c)
{
	if (blank(c))
		return SPLIT_MORE;
	if (s->at.over) /* members of the object around the array: nothing of theirs counts */
		return s->at.around ? SPLIT_MORE : SPLIT_FAULT;
	if (!s->at.begun && c == '[') {
		s->at.begun = s->at.in_list = true;
		return SPLIT_MORE;
	}
	s->at.begun = true;
	if (s->at.in_list && c == ']') {
		s->at.in_list = false;
		s->at.over = true;
		return SPLIT_MORE;
	}
	if (s->at.in_list && s->at.comma) {
		s->at.comma = false;
		return c == ',' ? SPLIT_MORE : SPLIT_FAULT;
	}
	return c == '{' ? value_byte(s, c) : SPLIT_FAULT;
}

static enum split_got byte_take(struct split *s, char c)
{
	if (s->at.quoted) {
		text_byte(s, c);
		return SPLIT_MORE;
	}
	return s->at.depth ? value_byte(s, c) : between(s, c);
}

size_t split_feed(struct split *s, struct str bytes, enum split_got *got_out)
{
	*got_out = SPLIT_MORE;
	if (s->at.done)
		restart(s);
	for (size_t i = 0; i < bytes.n; i++) {
		*got_out = byte_take(s, bytes.p[i]);
		if (*got_out != SPLIT_MORE)
			return i + 1;
	}
	return bytes.n;
}

enum rc split_end(const struct split *s)
{
	return s->at.depth || s->at.in_list ? RC_INVALID : RC_OK;
}
