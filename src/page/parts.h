/* Parts that several pages show: messages, names, times, facts, links. What is called HTML is escaped; the rest is
 * text. Everything lives in the page's arena. */
#pragma once
#include "consent/view.h"
#include "page/page.h"

/* ---- texts.c ---- */
/* The message in the page's language with its {placeholders} filled in; fills may be NULL. */
struct str message_filled(const struct page *p, enum msg id, const struct fill *fills);
struct str paragraph_html(const struct page *p, struct str text);
/* HTML of the text, marked with its language where that is not the page's. */
void localized_put(const struct page *p, struct buf *b, const struct localized *text);
struct str localized_html(const struct page *p, const struct localized *text);

/* ---- names.c ---- */
struct str party_name(const struct page *p, struct str name); /* the name, or a message that it is unknown */
/* Display name of the party; else the caller's own number, masked; else a message that the name is unknown. party may
 * be NULL: not registered. */
struct str party_display_name(const struct page *p, const struct party *party);
/* The name of a party that did something; else its number; else a message that it is unknown. */
struct str actor_name(const struct page *p, struct str name, struct str orgno);
struct str requester_name(const struct page *p, const struct consent_view *view); /* the same of the consent's `to` */
struct str giver_name(const struct page *p, const struct consent_view *view);     /* or the person's number, masked */
struct str orgno_html(const struct page *p, struct str orgno);                    /* absent when orgno is */
/* Placeholders of messages about a consent: {to}, {date} and {until} of the answer, {used}, {behalf} for whom. The
 * caller of the request is a person. */
const struct fill *consent_fills(const struct page *p, const struct consent *c, const struct consent_view *view);

/* ---- metadata.c ---- */
/* What sets a right apart from others of the same resource: its dates as a span, then up to three values in all, cut
 * where they are long. Absent: it has none. Identity numbers are left out. */
struct str metadata_text(const struct page *p, const struct right *r);
void right_title_put(const struct page *p, struct buf *b, const struct localized *title, const struct right *r);

/* ---- times.c ---- */
/* Pages write the long form; lists and the log write the short one, which other people's tests look for there. */
struct str time_text(const struct page *p, int64_t us);       /* the long form; absent when us is 0 */
struct str time_html(const struct page *p, int64_t us);       /* a time element: the long form with its zone */
struct str time_short_html(const struct page *p, int64_t us); /* a time element: "24.11.2026, 23:30" */

/* ---- facts.c ---- */
/* Appends one row of a list of facts; orgno, when there is one, stands below the value. */
void fact_put(const struct page *p, struct buf *b, enum msg name, struct str value, struct str orgno);
void fact_put_html(const struct page *p, struct buf *b, enum msg name, struct str html, struct str orgno);
/* HTML: who asks, handles, delivers and gives; how long it lasts, unless it is over. page.user is loaded. */
struct str consent_facts(const struct page *p, const struct consent *c, const struct consent_view *view);

/* HTML: what was asked, of a request that can no longer be answered. fills: consent_fills. */
struct str consent_asked(const struct page *p, const struct consent_view *view, const struct fill *fills);

/* ---- links.c ---- */
/* HTML. Addresses are local, but for the redirect address of a request (link_html). */
struct str link_html(const struct page *p, struct str href, struct str text);
struct str back_link(const struct page *p, struct str href); /* above a page */
struct str receipt_link(const struct page *p, struct uuid consent);
/* Links to the newest and to older entries of a list; an absent address has no link, two absent ones give none. */
struct page_links {
	struct str newest;
	enum msg newest_text;
	struct str older;
	enum msg older_text;
};
struct str page_links_html(const struct page *p, const struct page_links *links);
