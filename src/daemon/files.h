/* Reading whole files. */
#pragma once
#include "base/arena.h"
#include "base/private.h"

/* Reads a file of at most `max` bytes into `a`. "-" is standard input. The text of an empty file is "", not absent.
 * RC_NOT_FOUND: there is no such file. RC_TOO_LARGE: the file has more than `max` bytes. RC_FAIL: it cannot be read. */
MUST_USE enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out);
/* The same for a secret: a private key, a PIN. */
struct secret_file {
	const char *setting; /* names the file in *err_out */
	const char *path;
	size_t max; /* bytes */
	enum private_to to;
};
/* Always writes *err_out. RC_INVALID: the file cannot be read. RC_DENIED: it is not private. RC_TOO_LARGE: it has more
 * than `max` bytes. The caller wipes *out with str_wipe. */
MUST_USE enum rc file_read_secret(struct arena *a, const struct secret_file *f, struct str *out, struct str *err_out);
/* private_file for a path; "-", standard input, is private. */
bool file_is_private(const char *path, enum private_to to);
/* A number that changes when one of the n files is replaced or written. NULL names no file. */
int64_t files_stamp(const char *const *names, size_t n);
