/* Words for people: messages in three languages, names, dates, placeholders, the Markdown of resource owners. */
#pragma once
#include "model/model.h"

/* ---- messages ---- */
/* messages.def has one line a message: MESSAGE(id, nb, nn, en). A missing language does not compile; the text may hold
 * {name} placeholders. Labels that Altinn's own browser tests look for stand there exactly as published.
 * messages_se.def prepares Northern Sámi, which falls back to bokmål until it is offered. */
#define MESSAGE(id, nb, nn, en) MSG_##id,
enum msg {
#include "text/messages.def"
	MSG__MAX
};
#undef MESSAGE
struct str msg(enum msg id, enum lang lang);

struct fill {
	const char *key; /* without braces; NULL ends the list */
	struct str value;
};
/* The message with {key} filled in, escaped for HTML. */
void buf_msg(struct buf *b, enum msg id, enum lang lang, const struct fill *fills);

/* ---- placeholders ---- */
/* Appends `text` to b, HTML-escaped, with each {key} replaced by its value (escaped too). Keys compare without letter
 * case; values are never expanded again; an unknown {key} stays as it is written. */
void buf_filled(struct buf *b, struct str text, const struct fill *fills);
/* The same as plain text (no escaping), for receipts and JSON. */
struct str text_filled(struct arena *a, struct str text, const struct fill *fills);

bool text_has(struct str text, const char *key); /* {key} stands in it, in any letter case */

/* Without the characters that turn the direction of text (U+061C, U+200E, U+200F, U+202A–U+202E, U+2066–U+2069). What
 * is filled in loses them by itself, and so do display names. */
struct str text_without_marks(struct arena *a, struct str s);

/* ---- names, dates ---- */
/* "NYTTIG FREDFULL STRUTS LTD" → "Nyttig Fredfull Struts Ltd": as the portal writes names; UTF-8 (ÆØÅ and the Latin
 * letters of the Norwegian population register included) is cased right. Absent name: absent. */
struct str text_display_name(struct arena *a, struct str name, enum party_type type);
/* In small letters, of the same alphabet; what has no case stays. For comparing. */
struct str text_lower(struct arena *a, struct str s);
#define TEXT_DATE_MAX 24
/* "24.11.2026, 23:30" in the process's time zone. */
struct str text_datetime(int64_t us, char out[TEXT_DATE_MAX]);
struct str text_clock(int64_t us, char out[TEXT_DATE_MAX]); /* "23:30", the same zone */
/* "24. november 2026 kl. 23:30", "24 November 2026 at 23:30", "24. skábmamánnu 2026 dii. 23:30"; the same zone. */
struct str text_datetime_long(struct arena *a, int64_t us, enum lang lang);
struct str text_zone(int64_t us, enum lang lang); /* "norsk tid"-like name of the zone: static text per language */
struct str text_orgno(struct arena *a, struct str orgno); /* "810 419 512" (no-break spaces) */

/* Picks t[lang], else nb, nn, en, se in that order; *lang_out is the language of what was found. An empty text is none.
 * Absent when there is none. */
struct str texts_pick(const struct texts *t, enum lang lang, enum lang *lang_out);

/* ---- Markdown ---- */
#define MARKDOWN_MAX 20000 /* bytes of one consent text */
/* CommonMark to HTML; what leaves is p ul ol li a b strong em i br and text, without attributes but a checked href
 * (https, http, mailto, tel). Inline HTML of those tags passes (attributes dropped), any other is shown as text. {key}
 * is filled in after parsing, as text, in any letter case, never inside a link target. RC_TOO_LARGE past MARKDOWN_MAX.
 */
MUST_USE enum rc buf_markdown(struct buf *b, struct str markdown, const struct fill *fills);

/* The plain text of HTML that we have made (buf_markdown and what stands around it): a line for each paragraph and
 * item, items behind "- ", an empty line between paragraphs; where links lead is left out. */
struct str text_plain(struct arena *a, struct str html);
