/* A page with one message and one link to go on. */
#pragma once
#include "page/page.h"

struct notice {
	int status;
	enum msg heading;
	enum msg body;
	const struct fill *fills; /* of heading and body; may be NULL */
	struct str href;          /* of the link: a local address, or a request's redirect address; absent: none */
	enum msg link;            /* text of the link, when there is one */
	const struct fill *link_fills;
	struct str action; /* HTML in place of the link; absent: the link */
	struct str more;   /* HTML after it; absent: nothing */
};
/* The whole answer; always RC_ANSWERED. */
enum rc notice_send(struct page *p, const struct notice *n);
