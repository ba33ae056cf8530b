/* base64url without padding (RFC 4648 §5, RFC 7515 §2) and standard base64 with padding (RFC 4648 §4, for x5c).
 *
 * Both readers are strict. RC_INVALID: white space, a character of another alphabet, wrong padding, or unused bits of
 * the last character that are not zero. */
#pragma once
#include "base/buf.h"

#define B64URL_LEN(n) (((n)*4 + 2) / 3) /* characters for n bytes */
void buf_b64url(struct buf *b, struct str bytes);
struct str b64url(struct arena *a, struct str bytes);
MUST_USE enum rc b64url_decode(struct arena *a, struct str text, struct str *out);
struct str b64(struct arena *a, struct str bytes);
MUST_USE enum rc b64_decode(struct arena *a, struct str text, struct str *out);
