/* Subjects of a policy's rules: text of the form ATTRIBUTE:VALUE, docs/POLICIES.md. */
#pragma once
#include "base/arena.h"

/* Of which kind is the attribute? SUBJECT_PERSON_CODE: a role or an access package of a person, which no organisation
 * has. */
enum policy_subject_kind {
	SUBJECT_UNKNOWN,
	SUBJECT_PARTY_TYPE,
	SUBJECT_ORGNO,
	SUBJECT_OWNER_CODE,
	SUBJECT_ACCESS_LIST,
	SUBJECT_PERSON_CODE,
	SUBJECT__MAX
};
/* *value_out is the part after the attribute; untouched for SUBJECT_UNKNOWN. */
enum policy_subject_kind policy_subject_parse(struct str subject, struct str *value_out);
/* NULL: sound. Else the fault as a text that is static or in `a`; it names an attribute that is unknown. */
const char *policy_subject_fault(struct arena *a, struct str subject);
/* Makes a subject of an attribute and its value, in canonical form. any_case: the value may be in any letter case.
 * NULL: done. Else as policy_subject_fault, and *out is untouched. */
const char *policy_subject_make(struct arena *a, struct str attribute, struct str value, bool any_case,
				struct str *out);
/* Canonical form, in which compiled policies hold subjects: codes of roles, packages and service owners have no letter
 * case and are written in lower case. */
struct str policy_subject_canonical(struct arena *a, struct str subject);
/* Does the subject name an access list? Then owner and identifier of that list. */
bool policy_subject_access_list(struct str subject, struct str *owner_out, struct str *list_out);
