/* Who may ask for consent to a resource, and who may give it: docs/POLICIES.md. A resource of the seed has its policy
 * as JSON (`policy`) or as a XACML file (`policyXml`); both are read into the same struct policy. */
#pragma once
#include "registry/registry.h"

#define POLICY_MAX_LEVEL 4 /* the highest authentication level that a policy can ask for */

/* Reads the policy of a resource's entry into `a`. An entry without one gets no rule, so that nobody may do anything.
 * Requires a `policy` that passed the seed's checks. RC_INVALID: xacml_compile refuses policyXml; *err_out, in `a`,
 * says why. */
MUST_USE enum rc policy_read(struct arena *a, const struct js *entry, struct policy *out, struct str *err_out);

/* May the organisation ask for consent to the resource? Its party type, its number, its code as a service owner and its
 * access lists count. With accessListMode Enabled it must also be on a list that is connected for requestconsent; with
 * Disabled connected lists do not matter. */
bool policy_allows_request(const struct registry *r, const struct resource *res, struct str orgno);
