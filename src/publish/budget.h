/* The bytes that one organisation may have stored by API. Each entry costs every process memory, and time whenever the
 * registry changes. The operator's documents are not limited; what they store for an organisation counts, too. */
#pragma once
#include "registry/registry.h"

#define PUBLISH_MAX_BYTES (32 << 20) /* versions of its resources, and access lists of its owner codes */
#define PUBLISH_VERSION_BYTES 4096   /* what each of those entries counts more than its JSON */
#define SELF_MAX_BYTES (8 << 20)     /* clients that it has registered, its scopes, its delegations */

enum budget { BUDGET_PUBLISH, BUDGET_SELF };
/* How much more the organisation may store. */
size_t budget_room(const struct registry *r, struct str orgno, enum budget b);
