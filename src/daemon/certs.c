#include "daemon/internal.h"

#include <assert.h>

#include "base/log.h"
#include "daemon/files.h"
#include "jose/trust.h"

#define CERTS_MAX (32 << 20) /* bytes of one file: national revocation lists have tens of thousands of rows */

enum { ROOTS, INTERMEDIATES, CRLS, FILE__MAX };

static void names_fill(const struct service *s, const char *names[FILE__MAX])
{
	names[ROOTS] = s->settings.cert_roots;
	names[INTERMEDIATES] = s->settings.cert_intermediates;
	names[CRLS] = s->settings.cert_crls;
}

static enum rc files_read(struct arena *a, const char *const names[FILE__MAX], struct trust_files *out,
			  struct str *err_out)
{
	struct str *texts[FILE__MAX] = { &out->roots, &out->intermediates, &out->crls };
	for (int i = 0; i < FILE__MAX; i++) {
		if (!names[i] || file_read(a, names[i], CERTS_MAX, texts[i]) == RC_OK)
			continue;
		*err_out = arena_fmt(a, "cannot read the certificate file %s", names[i]);
		return RC_INVALID;
	}
	return RC_OK;
}

enum rc certs_open(struct service *s, struct str *err_out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct trust_files files = { 0 };
	struct str why = STR("");
	const char *names[FILE__MAX];
	assert(!s->trust);
	names_fill(s, names);
	if (!names[ROOTS])
		return RC_OK;
	s->certs_stamp = files_stamp(names, FILE__MAX);
	enum rc rc = files_read(&a, names, &files, &why);
	if (rc == RC_OK)
		rc = trust_open(&a, &files, &s->trust, &why);
	if (rc != RC_OK)
		*err_out = arena_fmt(&s->arena, "cert.*: %.*s", STR_FMT(why));
	return rc;
}

void certs_refresh(struct service *s)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct trust_files files = { 0 };
	struct str why = STR("");
	const char *names[FILE__MAX];
	names_fill(s, names);
	int64_t stamp = files_stamp(names, FILE__MAX);
	if (!s->trust || stamp == s->certs_stamp)
		return;
	s->certs_stamp = stamp;
	if (files_read(&a, names, &files, &why) == RC_OK && trust_replace(s->trust, &a, &files, &why) == RC_OK)
		log_info("certs.read_again", KV("crls", names[CRLS] ? names[CRLS] : "-"));
	else
		log_error("certs.kept", KV("why", why));
}
