/* Organisation numbers as tokens carry them: {"authority": "iso6523-actorid-upis", "ID": "0192:<9 digits>"}.
 * ISO/IEC 6523 names the register before the number; 0192 is the Norwegian register of legal entities. */
#pragma once
#include "model/party.h"

/* Reads such an object; other members are ignored. *orgno_out is a span of the claim. RC_INVALID: `claim` is NULL or
 * no object, another authority or register, or no valid organisation number. */
MUST_USE enum rc iso6523_read(const struct js *claim, struct str *orgno_out);
/* Writes the member `key` with such an object. The number is written as given, without a check. */
void iso6523_write(struct jsw *w, const char *key, struct str orgno);
