/* One call about one agreement: who may see it, what is shown of it. For details, withdrawal and receipt. */
#pragma once
#include "consent/snapshot.h"
#include "web/consent_state_internal.h"

struct look {
	struct page p;
	struct visit v;
	bool done; /* it was withdrawn a moment ago */
	struct consent *c;
	struct consent_view s;
	struct consent_snapshot f; /* html absent: it was never given, or… */
	bool damaged;              /* …what was kept is not what was seen */
};
/* RC_INVALID: no id, or not a UUID. */
MUST_USE enum rc look_read(struct look *k, struct http_req *req, struct http_res *res, const struct pair *pairs);
/* Each of these: RC_OK and *ok_out false when another page has been sent. */
/* May the person see it? k->c is set. */
enum rc look_allow(struct look *k, bool *ok_out);
/* And are its texts there? */
enum rc look_open(struct look *k, bool *ok_out);
/* All of it for a GET. */
enum rc look_get(struct look *k, struct http_req *req, struct http_res *res, bool *ok_out);

bool look_own(const struct look *k); /* the person's own, not of somebody whom they represent */
const struct consent_state *look_state(const struct look *k);
struct str look_status(const struct look *k, const struct consent_state *st); /* HTML */
struct str look_overview(const struct look *k);                               /* address of the list that it is in */
/* What was said yes to, as it was seen then and marked with its language, and below it where it comes from: language,
 * template, hash. open: that is shown at once. HTML. */
struct str look_agreed(const struct look *k, bool open);
struct str receipt_link(const struct page *p, struct uuid id); /* HTML */
