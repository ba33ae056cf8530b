/* What a consent page can be besides answerable. */
#pragma once
#include "web/page_internal.h"
#include "consent/view.h"

/* An alert above the agreement, in place of the buttons. */
struct consent_state {
	const char *kind; /* class name: "info", "warning" */
	enum msg heading;
	enum msg heading_poa;
	enum msg body;
};
const struct consent_state *state_of(const struct consent *c); /* NULL: it can be answered */
/* What a refused answer is explained by; NULL: the state that the request is in says it. */
const struct consent_state *state_crossed(const struct problems *problems, enum consent_status wanted);
struct str details_address(struct arena *a, struct uuid id);
struct str withdraw_address(struct arena *a, struct uuid id);

/* consent_page.c: parts that other pages show too. */
struct str party_name(const struct page *p, struct str name); /* or that it is unknown */
void consent_fact(const struct page *p, struct buf *b, enum msg name, struct str value, struct str orgno);
void consent_fact_html(const struct page *p, struct buf *b, enum msg name, struct str html, struct str orgno);
struct str consent_facts(const struct page *p, const struct consent_view *s);
struct str requester_name(const struct page *p,
			  const struct consent_view *s); /* or the number, or that it is unknown */
/* What messages about a consent fill in: {to}, {date} and {until} of the answer, {used}, {behalf} for whom. */
const struct fill *consent_fills(const struct page *p, const struct consent *c, const struct consent_view *s);

/* log_page.c */
struct str time_html(const struct page *p, int64_t us);                        /* a time element, long, with its zone */
struct str doer_name(const struct page *p, struct str name, struct str orgno); /* the name, or the number */

struct str visit_back(const struct visit *v); /* backtopage, or the overview */

/* Pages of their own. */
enum rc state_bad_id(struct page *p);
enum rc state_not_found(struct page *p, const struct visit *v);
/* After RC_DENIED: somebody else is to answer, or the login is too weak for anything. */
enum rc state_denied(struct page *p, const struct problems *problems);
/* The same of an agreement that is only looked at. */
enum rc state_not_yours(struct page *p, const struct problems *problems);
/* A page of its own where the login is below what the consent's resources ask for; *ok_out false: it has been sent. */
MUST_USE enum rc state_level(struct page *p, const struct consent *c, bool *ok_out);
/* answered: the texts are gone of what somebody has answered already. */
enum rc state_load_error(struct page *p, const struct visit *v, bool answered);
/* Did a decision end so, in this run of the request or in an earlier one, that nobody knows whether it was taken? */
bool state_unsure(struct page *p, enum rc rc);
/* The page that says so; p->here is where it can be seen. */
enum rc state_uncertain(struct page *p, enum consent_status wanted);
enum rc state_session_lost(struct page *p);
enum rc state_login_old(struct page *p);
enum rc state_form_stale(struct page *p);
/* The same two for a withdrawal; p->here is the agreement. */
enum rc state_withdraw_lost(struct page *p);
enum rc state_withdraw_stale(struct page *p);
