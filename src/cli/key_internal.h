/* Options and run functions of `samtykke key …`; key_rows.c has the table rows. */
#pragma once
#include "cli/admin_internal.h"
#include "daemon/files.h"
#include "keys/keyring.h"

#define KEY_FILE_MAX (256 * 1024) /* bytes of a key or a chain in PEM */

/* Options of all key commands. The rows of a command fill some of the members. */
struct key_opts {
	struct admin_opts admin;
	const char *alg;
	const char *use;
	const char *subject;
	const char *lead;
	const char *keep;
	const char *certificate;
	const char *import;
	const char *pkcs11;
	int64_t bits;
	bool now;
	bool despite_caches;
	bool compromised;
	bool last;
};

/* As command.run. */
int key_new_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
int key_rotate_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
int key_list_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
int key_retire_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
int key_csr_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
int key_certificate_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
int key_rekey_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
