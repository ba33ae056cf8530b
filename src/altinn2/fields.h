/* Members of the bodies of Altinn 2. Names match in any letter case, and a member that is null counts as missing. A
 * member of another type adds an error A2_FIELD that names it. */
#pragma once
#include "altinn2/errors.h"

#define ALTINN2_MAX_NUMBER 20 /* bytes of an identity or organisation number, right or wrong */

/* NULL: it is missing, or `v` is no object. */
const struct js *altinn2_member(const struct js *v, const char *name);
/* A text without the blanks around it, of at most `max` bytes. Absent: it is missing, which is an error where it is
 * required, or it is at fault. An empty text counts as missing where it is not required. */
struct str altinn2_text(const struct js *v, const char *name, size_t max, bool required, struct altinn2_errors *e);
/* A text that is an organisation number. Absent as above. */
struct str altinn2_orgno(const struct js *v, const char *name, bool required, struct altinn2_errors *e);
/* "4628_210607" of ServiceCode and ServiceEditionCode, which are both required. One is a text of digits and one a
 * number, and each is taken as either. Absent: at fault. */
struct str altinn2_service_id(struct arena *a, const struct js *v, struct altinn2_errors *e);
/* A time as clock_parse_local reads it, in µs. false: it is missing, which is an error where it is required, or at
 * fault; *out stays. */
bool altinn2_time(const struct js *v, const char *name, bool required, enum altinn2_error code, int64_t *out,
		  struct altinn2_errors *e);
