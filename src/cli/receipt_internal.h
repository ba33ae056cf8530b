/* How a receipt is printed. */
#pragma once
#include "base/arena.h"

/* The text without control characters (C0, DEL, C1) and without marks that turn its direction. Text of others must not
 * control the terminal. Line ends stay if `lines` is true; elsewhere they could fake a line. The result is in `a`. */
struct str receipt_text(struct arena *a, struct str s, bool lines);
