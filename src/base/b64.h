/* base64url without padding (RFC 4648 §5, RFC 7515 §2) and standard base64 (x5c), both strict: no white space,
 * no other alphabet, and the unused bits of the last character must be zero. */
#pragma once
#include "base/buf.h"

#define B64URL_LEN(n) (((n)*4 + 2) / 3)
void buf_b64url(struct buf *b, struct str bytes);
struct str b64url(struct arena *a, struct str bytes);
MUST_USE enum rc b64url_decode(struct arena *a, struct str text, struct str *out);
struct str b64(struct arena *a, struct str bytes); /* standard alphabet, padded */
MUST_USE enum rc b64_decode(struct arena *a, struct str text, struct str *out);
