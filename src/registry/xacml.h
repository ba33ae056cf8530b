/* The part of XACML 3.0 (OASIS core, namespace wd-17) that policies of consent resources are written in;
 * docs/POLICIES.md lists it. Elements outside this part are refused with their name and line: a rule that is understood
 * by half may allow an action that its author forbids. Document types, entities and the network are never used. */
#pragma once
#include "model/model.h"

/* Limits; each has a test at limit + 1. */
#define XACML_MAX_BYTES 300000
#define XACML_MAX_ELEMENTS 20000
#define XACML_MAX_ATTRIBUTES 16 /* of one element, declarations of namespaces included */
#define XACML_MAX_DEPTH 16
#define XACML_MAX_RULES 100
#define XACML_MAX_ALTERNATIVES 1000 /* of one rule, when its groups are multiplied out */
#define XACML_MAX_TERMS 20000       /* of all rules, intermediate products included */
#define XACML_MAX_SUBJECTS 10       /* in one alternative */
#define XACML_MAX_ACTIONS 20        /* of one rule */
#define XACML_MAX_VALUE 200         /* bytes of a value or an identifier */

/* Compiles the policy of `resource` into `a`. A rule whose target names another resource is skipped. RC_INVALID:
 * *err_out, in `a`, is the text of a fault with the line of the file; a policy is also refused when its own target
 * names another resource, or when all of its rules are skipped. RC_FAIL: libxml2 has no memory. */
MUST_USE enum rc xacml_compile(struct arena *a, struct str xml, struct str resource, struct policy *out,
			       struct str *err_out);
