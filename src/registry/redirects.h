/* Entries of a client's redirectAllow: origins that browsers may be sent to. */
#pragma once
#include "base/url.h"

/* An entry: an origin (https, host, port). "*." in front of its host stands for every name below that host.
 * "bankapp://" stands for all addresses of an app's scheme. Path, query and fragment do not count. */
struct redirect_entry {
	struct url url; /* spans of the text; for "*." the host is what follows it */
	bool below;     /* "*." stood in front of the host: the names below it match, the name itself does not */
};
/* RC_INVALID: no address, "*" at another place than in front of a whole name, user information, a host that browsers
 * read in another way (url_is_web), or a scheme that runs or reads content in the browser. */
MUST_USE enum rc redirect_entry_read(struct str text, struct redirect_entry *out);
/* Does the address lie in the entry's origin? The target has passed redirect_target_ok. */
bool redirect_entry_matches(const struct redirect_entry *e, const struct url *target);
/* May a browser be sent there at all? An http or https address must be one that all programs read alike; without a list
 * (`listed` false) its host may hold characters beyond ASCII. */
bool redirect_target_ok(const struct url *target, bool listed);
