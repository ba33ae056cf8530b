#include "daemon/internal.h"

#include "base/log.h"
#include "daemon/files.h"

#define TLS_FILE_MAX (1 << 18) /* bytes of tls.cert and tls.key each */

enum { CERT, KEY, FILE__MAX };

static void names_fill(const struct service *s, const char *names[FILE__MAX])
{
	names[CERT] = s->settings.tls_cert;
	names[KEY] = s->settings.tls_key;
}

enum rc tls_texts_read(struct service *s, struct arena *a, struct tls_texts *out, struct str *err_out)
{
	const char *names[FILE__MAX];
	struct str cert, key;
	*out = (struct tls_texts){ 0 };
	names_fill(s, names);
	s->tls_stamp = files_stamp(names, FILE__MAX);
	if (names[CERT]) {
		*err_out = arena_fmt(a, "tls.cert: cannot read %s", names[CERT]);
		if (file_read(a, names[CERT], TLS_FILE_MAX, &cert) != RC_OK)
			return RC_INVALID;
		out->cert = arena_cstr(a, cert);
	}
	if (!names[KEY])
		return RC_OK;
	TRY(file_read_secret(a, &(struct secret_file){ "tls.key", names[KEY], TLS_FILE_MAX, PRIVATE_TO_OWNER }, &key,
			     err_out));
	out->key = arena_cstr(a, key);
	str_wipe(key);
	return RC_OK;
}

void tls_texts_wipe(struct tls_texts *t)
{
	str_wipe(str_of(t->key));
}

void tls_refresh(struct service *s)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct tls_texts texts;
	struct str why = STR("");
	const char *names[FILE__MAX];
	names_fill(s, names);
	if (!names[CERT] || files_stamp(names, FILE__MAX) == s->tls_stamp)
		return;
	enum rc rc = tls_texts_read(s, &a, &texts, &why);
	if (rc == RC_OK)
		rc = http_server_certificate(s->server, texts.cert, texts.key, &why);
	tls_texts_wipe(&texts);
	if (rc == RC_OK)
		log_info("tls.read_again", KV("cert", names[CERT]));
	else
		log_error("tls.kept", KV("why", why));
}
