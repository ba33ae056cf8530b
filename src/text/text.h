/* Texts that people read: messages in three languages, placeholders, names, dates, and the Markdown of resource
 * owners. */
#pragma once
#include "model/model.h"

/* ---- messages ---- */
/* messages.def has one line for each message: MESSAGE(id, nb, nn, en). A line without one of them does not compile.
 * Texts may hold {name} placeholders. Labels that Altinn's own browser tests look for are exactly as published.
 * messages_se.def prepares Northern Sámi; a message that it lacks falls back to bokmål. */
#define MESSAGE(id, nb, nn, en) MSG_##id,
enum msg {
#include "text/messages.def"
	MSG__MAX
};
#undef MESSAGE
struct str msg(enum msg id, enum lang lang); /* static text */

struct fill {
	const char *key; /* without braces; NULL ends the list */
	struct str value;
};
/* Appends the message as buf_filled does. */
void buf_msg(struct buf *b, enum msg id, enum lang lang, const struct fill *fills);

/* ---- placeholders ---- */
/* Appends `text` with each {key} replaced by its value, all of it escaped for HTML. Keys compare without ASCII case. An
 * unknown {key} stays. A value is never searched for keys, and loses its direction marks (text_without_marks). */
void buf_filled(struct buf *b, struct str text, const struct fill *fills);
/* The same without escaping, for receipts and JSON. */
struct str text_filled(struct arena *a, struct str text, const struct fill *fills);

/* The bytes of text_filled without making it; the direction marks of values count, too. */
size_t text_filled_bytes(struct str text, const struct fill *fills);
bool text_has(struct str text, const char *key); /* does `text` hold {key}, in any ASCII case? */
/* Is `text` one {key} of `fills` and nothing else? Then *value_out is its value. */
bool text_is_key(struct str text, const struct fill *fills, struct str *value_out);

/* The text without the characters that turn its direction (U+061C, U+200E, U+200F, U+202A–U+202E, U+2066–U+2069). The
 * result is `s` itself when it has none. Filled-in values and display names lose them anyway. */
struct str text_without_marks(struct arena *a, struct str s);

/* ---- names, dates ---- */
/* The name as the portal writes it: "NYTTIG FREDFULL STRUTS LTD" → "Nyttig Fredfull Struts Ltd". It knows the case of
 * ÆØÅ and of all Latin letters of the Norwegian population register. An absent name stays absent. */
struct str text_display_name(struct arena *a, struct str name, enum party_type type);
/* A person's number in place of a name: "010251 *****". Absent when it is no identity number. */
struct str text_masked(struct arena *a, struct str pid);
/* In lower case, for comparisons; knows the same letters. */
struct str text_lower(struct arena *a, struct str s);
#define TEXT_DATE_MAX 24
/* "24.11.2026, 23:30" in the process's time zone. */
struct str text_datetime(int64_t us, char out[TEXT_DATE_MAX]);
/* In the same zone: "23.30", "23:30" in English. */
struct str text_clock(struct arena *a, int64_t us, enum lang lang);
/* In the same zone: "24. november 2026 kl. 23.30", "24 November 2026 at 23:30", "24. skábmamánnu 2026 dii. 23.30". */
struct str text_datetime_long(struct arena *a, int64_t us, enum lang lang);
/* A year, a month or a day ("2025", "2026-03", "2026-03-31"), or the span of two of one kind, as people write it:
 * "2025", "jan.–mars 2026", "1. jan.–31. mars 2026". until absent: one alone. Absent: they are none, or in the wrong
 * order. */
struct str text_period(struct arena *a, struct str from, struct str until, enum lang lang);
struct str text_zone(int64_t us, enum lang lang); /* the zone's name, as "norsk tid": static text */
/* "810 419 512" with no-break spaces; a text of another length stays as it is. */
struct str text_orgno(struct arena *a, struct str orgno);

/* The text in `lang`, otherwise in the first of nb, nn, en, se that has one; *lang_out is its language. An empty text
 * does not count. Absent: no language has one; then *lang_out is not written. */
struct str texts_pick(const struct texts *t, enum lang lang, enum lang *lang_out);

/* ---- Markdown ---- */
#define MARKDOWN_MAX 20000 /* bytes of one consent text */
/* Appends CommonMark as HTML. The result holds text and the elements p ul ol li a b strong em i br. The only attribute
 * is a checked href (https, http, mailto, tel). HTML of these elements in the text passes without its attributes; any
 * other HTML is shown as text. {key} is filled in after parsing, as text. Inside a link target it is not filled in, but
 * where the target is that {key} alone and the value a whole https address: its host then stands behind the link.
 * RC_TOO_LARGE: more than MARKDOWN_MAX bytes. */
MUST_USE enum rc buf_markdown(struct buf *b, struct str markdown, const struct fill *fills);

/* The plain text of the project's own HTML (buf_markdown and the page around it). Each paragraph and item is a line;
 * an item begins with "- " or its number; an empty line separates paragraphs. Link targets are left out. */
struct str text_plain(struct arena *a, struct str html);
