/* How the token commands read what they are given. */
#pragma once
#include "base/arena.h"

/* The URN of the giver that --from names: a URN as it is, 9 digits as an organisation's number, everything else as a
 * person's. */
const char *token_giver_urn(struct arena *a, const char *from);
/* True if an argument is a token (the start of a JWT and a dot), false if it is the name of a file. */
bool token_is_text(const char *word);
/* The token without white space around it and without "Bearer " before it. */
struct str token_strip(struct str text);
