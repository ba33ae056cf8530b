/* `samtykke key …`: what the rows name. */
#pragma once
#include "cli/admin_internal.h"
#include "daemon/files.h"
#include "keys/keyring.h"

#define KEY_FILE_MAX (256 * 1024) /* bytes of a key or a chain in PEM */

struct key_opts { /* of all of them; each command's rows fill some */
	struct admin_opts admin;
	const char *alg;
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
int key_new_run(struct arena *a, const void *opts, const struct opt_args *args);
int key_rotate_run(struct arena *a, const void *opts, const struct opt_args *args);
int key_list_run(struct arena *a, const void *opts, const struct opt_args *args);
int key_retire_run(struct arena *a, const void *opts, const struct opt_args *args);
int key_csr_run(struct arena *a, const void *opts, const struct opt_args *args);
int key_certificate_run(struct arena *a, const void *opts, const struct opt_args *args);
int key_rekey_run(struct arena *a, const void *opts, const struct opt_args *args);
