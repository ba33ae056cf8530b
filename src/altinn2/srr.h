/* The allow-list of a service (SRR), as the owner of its resource changes it (spec altinn2.md section 9). A rule is an
 * entry of the seed's member srr. */
#pragma once
#include "altinn2/services.h"
#include "http/http.h"

enum srr_result { SRR_OK, SRR_NOT_FOUND, SRR_EXISTS, SRR_NUMBER, SRR_EXPIRED };
struct srr_rule {
	struct str service; /* CODE_EDITION */
	struct srr_entry entry;
	enum srr_result result;
};
enum srr_change { SRR_ADD, SRR_REPLACE, SRR_REMOVE };
/* Changes the lists by those of the rules whose result is SRR_OK, in one write, and sets the results of these. Each
 * change counts once for the organisation, however many rules it has. RC_ANSWERED, and nothing is changed: 403 one of
 * the services is of another owner; 429 too many changes; 400 the lists would be larger than they may be. */
MUST_USE enum rc srr_change(struct http_req *req, struct http_res *res, struct str owner, enum srr_change change,
			    struct srr_rule rules[], size_t n);
