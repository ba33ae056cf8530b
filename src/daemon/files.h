/* Reading whole files. */
#pragma once
#include "base/arena.h"

/* Reads a file of at most `max` bytes into `a`. "-" is standard input. The text of an empty file is "", not absent.
 * RC_NOT_FOUND: there is no such file. RC_TOO_LARGE: the file has more than `max` bytes. RC_FAIL: it cannot be read. */
MUST_USE enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out);
/* The same for a secret: a private key, a PIN. `setting` names the file in *err_out, which is always written.
 * RC_INVALID: the file cannot be read. RC_DENIED: others than its owner have access. RC_TOO_LARGE: it has more than
 * `max` bytes. The caller wipes *out with str_wipe. */
MUST_USE enum rc file_read_secret(struct arena *a, const char *setting, const char *path, size_t max, struct str *out,
				  struct str *err_out);
/* A number that changes when one of the n files is replaced or written. NULL names no file. */
int64_t files_stamp(const char *const *names, size_t n);
/* Overwrites a text of file_read_secret with zeros. */
