#include "base/base.h"

#include "base/scan.h"

#define RC_TEXT(name, status, type) type,
static const char *const rc_types[RC__MAX] = { RC_LIST(RC_TEXT) };
#undef RC_TEXT

const char *rc_name(enum rc rc)
{
	if (rc == RC_OK)
		return "ok";
	return (unsigned)rc < RC__MAX ? rc_types[rc] : "unknown";
}

static unsigned char ascii_lower(char c)
{
	unsigned char u = (unsigned char)c;
	return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

bool str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i] && ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_span(s.p, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	if (suffix.n == 0)
		return true;
	return s.n >= suffix.n && str_eq(str_span(s.p + s.n - suffix.n, suffix.n), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return -1;
	const char *hit = memmem(s.p, s.n, needle.p, needle.n);
	return hit ? hit - s.p : -1;
}

bool str_cut(struct str s, char sep, struct str *head_out, struct str *tail_out)
{
	const char *hit = s.n ? memchr(s.p, sep, s.n) : NULL;
	if (!hit) {
		*head_out = s;
		*tail_out = STR_NONE;
		return false;
	}
	size_t at = (size_t)(hit - s.p);
	*head_out = str_span(s.p, at);
	*tail_out = str_span(hit + 1, s.n - at - 1);
	return true;
}

bool str_next(struct str *rest, char sep, struct str *part_out)
{
	if (!rest->p)
		return false;
	(void)str_cut(*rest, sep, part_out, rest);
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

int str_icmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	for (size_t i = 0; i < n; i++) {
		int order = ascii_lower(a.p[i]) - ascii_lower(b.p[i]);
		if (order)
			return order;
	}
	return (a.n > b.n) - (a.n < b.n);
}

int str_cmp_qsort(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool str_in(struct str s, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], s))
			return true;
	return false;
}

/* FNV-1a. The last step mixes the high bits into the low ones, which choose the slot. */
uint64_t str_hash(struct str s)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * UINT64_C(1099511628211);
	return h ^ (h >> 32);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool str_only(struct str s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!alnum && (c == '\0' || !strchr(more, c)))
			return false;
	}
	return true;
}

struct str str_trim(struct str s)
{
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	while (s.n && is_blank(*s.p)) {
		s.p++;
		s.n--;
	}
	return s;
}

enum rc str_u64(struct str s, uint64_t *out)
{
	if (s.n == 0)
		return RC_INVALID;
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
		if (digit > 9 || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v))
			return RC_INVALID;
	}
	*out = v;
	return RC_OK;
}

bool str_has_word(struct str list, struct str word)
{
	if (word.n == 0)
		return false;
	struct str part;
	while (str_next(&list, ' ', &part))
		if (str_eq(part, word))
			return true;
	return false;
}

bool str_utf8(struct str s)
{
	if (s.n == 0)
		return true;
	const char *p = s.p, *end = s.p + s.n;
	while (p < end) {
		uint64_t word;
		while (end - p >= 8 && (memcpy(&word, p, 8), (word & SWAR_HIGH) == 0))
			p += 8;
		if (p == end)
			break;
		size_t n = utf8_step(p, end);
		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

void str_wipe(struct str s)
{
	if (s.n)
		explicit_bzero((char *)(uintptr_t)s.p, s.n);
}

bool str_eq_secret(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	volatile unsigned char diff = 0;
	for (size_t i = 0; i < a.n; i++)
		diff = (unsigned char)(diff | (a.p[i] ^ b.p[i]));
	return diff == 0;
}
