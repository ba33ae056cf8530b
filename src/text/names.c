#include <assert.h>

#include "base/scan.h"
#include "text/text.h"

/* Ranges of letters in which upper and lower case alternate; the upper ones are `from`, `from` + 2, … */
static const struct {
	uint32_t from;
	uint32_t to;
} alternating[] = {
	{ 0x100, 0x12f }, { 0x132, 0x137 }, { 0x139, 0x148 }, { 0x14a, 0x177 }, { 0x179, 0x17e },   { 0x1cd, 0x1dc },
	{ 0x1de, 0x1ef }, { 0x1f4, 0x1f5 }, { 0x1f8, 0x21f }, { 0x222, 0x233 }, { 0x1e00, 0x1e95 }, { 0x1ea0, 0x1eff },
};

/* Ranges of letters whose two cases have a fixed distance. */
static const struct {
	uint32_t from;  /* the first upper one */
	uint32_t to;    /* the last upper one */
	uint32_t lower; /* the lower one of `from` */
} shifted[] = {
	{ 'A', 'Z', 'a' },
	{ 0xc0, 0xd6, 0xe0 },
	{ 0xd8, 0xde, 0xf8 },
	{ 0x178, 0x178, 0xff } /* Y with diaeresis */,
	{ 0x1b7, 0x1b7, 0x292 } /* ezh, of Skolt Sami */,
};

/* The letter in the wanted case. A letter in that case, and a character without case, stays. */
static uint32_t letter_case(uint32_t c, bool upper)
{
	for (size_t i = 0; i < LEN(shifted); i++) {
		uint32_t n = shifted[i].to - shifted[i].from;
		if (!upper && c - shifted[i].from <= n)
			return c - shifted[i].from + shifted[i].lower;
		if (upper && c - shifted[i].lower <= n)
			return c - shifted[i].lower + shifted[i].from;
	}
	for (size_t i = 0; i < LEN(alternating); i++) {
		if (c < alternating[i].from || c > alternating[i].to)
			continue;
		bool is_upper = (c - alternating[i].from) % 2 == 0;
		return is_upper == upper ? c : upper ? c - 1 : c + 1;
	}
	return c;
}

static void put_utf8(struct buf *b, uint32_t c)
{
	assert(c <= 0xffff);
	if (c < 0x80) {
		buf_c(b, (char)c);
	} else if (c < 0x800) {
		buf_c(b, (char)(0xc0 | c >> 6));
		buf_c(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_c(b, (char)(0xe0 | c >> 12));
		buf_c(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_c(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* Appends the character at p in the wanted case, when it is a known letter. Returns its length in bytes. */
static size_t put_letter(struct buf *b, const char *p, const char *end, bool upper)
{
	size_t n = utf8_step(p, end);
	const unsigned char *u = (const unsigned char *)p;
	if (n == 1)
		put_utf8(b, letter_case(u[0], upper));
	else if (n == 2)
		put_utf8(b, letter_case((uint32_t)(u[0] & 0x1f) << 6 | (u[1] & 0x3f), upper));
	else if (n == 3)
		put_utf8(b, letter_case((uint32_t)(u[0] & 0x0f) << 12 | (uint32_t)(u[1] & 0x3f) << 6 | (u[2] & 0x3f),
					upper));
	else
		buf_raw(b, p, n ? n : 1);
	return n ? n : 1;
}

enum word_case { WORD_LOWER, WORD_UPPER, WORD_CAPITAL };

static void put_word(struct buf *b, struct str word, enum word_case wanted)
{
	const char *p = word.p, *end = word.p + word.n;
	bool first = true;
	while (p < end) {
		bool hyphen = *p == '-';
		p += put_letter(b, p, end, wanted == WORD_UPPER || (wanted == WORD_CAPITAL && first));
		first = hyphen;
	}
}

static bool in_words(const char *const *list, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(str_of(list[i]), word))
			return true;
	return false;
}

/* Is it initials or the like, as "A.B." and "S.A": parts of at most three characters between dots? */
static bool is_abbreviation(struct str word)
{
	size_t run = 0;
	bool dot = false;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '.') {
			dot = true;
			run = 0;
		} else if (((unsigned char)word.p[i] & 0xc0) != 0x80 && ++run > 3) {
			return false;
		}
	}
	return dot;
}

static enum word_case word_case(struct str word, bool first, bool last, bool company)
{
	static const char *const forms[] = { "enk", "as",  "da", "sa", "asa", "ba",  "ans", "sti", "nuf",
					     "se",  "fkf", "kf", "ks", "iks", "gfs", "sf",  "hf",  "rhf" };
	static const char *const company_small[] = { "kommune", "fylkeskommune", "og" };
	static const char *const small[] = { "von", "van", "der", "de", "la", "dos" };
	if (company && last && in_words(forms, LEN(forms), word))
		return WORD_UPPER;
	if (!first && company && in_words(company_small, LEN(company_small), word))
		return WORD_LOWER;
	if (!first && in_words(small, LEN(small), word))
		return WORD_LOWER;
	return is_abbreviation(word) ? WORD_UPPER : WORD_CAPITAL;
}

struct str text_display_name(struct arena *a, struct str name, enum party_type type)
{
	if (!name.p)
		return STR_NONE;
	struct buf b = BUF(a);
	struct str rest = text_without_marks(a, name), word;
	for (bool first = true; str_next(&rest, ' ', &word); first = false) {
		bool last = !rest.p;
		put_word(&b, word, word_case(word, first, last, type != PARTY_PERSON));
		if (!last)
			buf_c(&b, ' ');
	}
	return b.n ? buf_str(&b) : str_span("", 0);
}

struct str text_masked(struct arena *a, struct str pid)
{
	return model_pid_valid(pid) ? arena_fmt(a, "%.6s *****", pid.p) : STR_NONE;
}

struct str text_lower(struct arena *a, struct str s)
{
	struct buf b = BUF(a);
	put_word(&b, s, WORD_LOWER);
	return b.n ? buf_str(&b) : str_span("", 0);
}
