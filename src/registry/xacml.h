/* The part of XACML 3.0 (OASIS core, namespace wd-17) that policies of consent resources are written in:
 * docs/POLICIES.md has the list. What stands outside is refused, with its element and line, since a rule that is half
 * understood may allow what its author forbade. No document type, no entities, no network. */
#pragma once
#include "model/model.h"

/* Limits; each has a test at limit + 1. */
#define XACML_MAX_BYTES 300000
#define XACML_MAX_ELEMENTS 20000
#define XACML_MAX_DEPTH 16
#define XACML_MAX_RULES 100
#define XACML_MAX_ALTERNATIVES 1000 /* of one rule, when its groups are multiplied out */
#define XACML_MAX_TERMS 20000       /* of all rules, those on the way included */
#define XACML_MAX_SUBJECTS 10       /* in one alternative */
#define XACML_MAX_ACTIONS 20        /* of one rule */
#define XACML_MAX_VALUE 200         /* bytes of a value or an identifier */

/* Compiles the policy of `resource` into `a`. A rule whose target names another resource does not count; a policy whose
 * target does, or none of whose rules counts, is refused. RC_INVALID: *err_out, in `a`, is what a fault line of the
 * seed says, with the line of the file. */
MUST_USE enum rc xacml_compile(struct arena *a, struct str xml, struct str resource, struct policy *out,
			       struct str *err_out);
