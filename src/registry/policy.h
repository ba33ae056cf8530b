/* Who may ask for consent to a resource, and who may give it: docs/POLICIES.md. A resource of the seed has its policy
 * as JSON (`policy`) or as a XACML file (`policyXml`); both are read into the same struct policy. */
#pragma once
#include "registry/registry.h"

#define POLICY_MAX_LEVEL 4 /* the highest authentication level that a policy can ask for */

/* ---- subjects: ATTRIBUTE:VALUE ---- */
/* NULL: sound; else what is wrong, static or in `a`. An attribute that is unknown is named. */
const char *policy_subject_fault(struct arena *a, struct str subject);
/* The subject that an attribute and its value make, as policy_subject_fold writes it. any_case: the value may be in any
 * letter case. NULL: done; else as policy_subject_fault. */
const char *policy_subject_of(struct arena *a, struct str attribute, struct str value, bool any_case, struct str *out);
/* Codes (of roles, packages, service owners) have no letter case: lower case in every compiled policy. */
struct str policy_subject_fold(struct arena *a, struct str subject);
/* Does the subject name an access list, and which? */
bool policy_subject_list(struct str subject, struct str *owner_out, struct str *list_out);

/* ---- reading ---- */
/* The policy of a resource's entry, in `a`; none: no rule, so that nobody may do anything. RC_INVALID: policyXml is not
 * what xacml_compile takes; *err_out, in `a`, says why. `policy` has been checked by the seed's tables. */
MUST_USE enum rc policy_read(struct arena *a, const struct js *entry, struct policy *out, struct str *err_out);

/* ---- asking ---- */
/* May the organisation ask for consent to the resource? Its party type, its number, its code as a service owner and its
 * access lists count. With accessListMode on it must also be on a list that is connected for requestconsent; with the
 * mode off a connected list says nothing. */
bool policy_allows_request(const struct registry *r, const struct resource *res, struct str orgno);
