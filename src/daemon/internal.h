/* The parts of a running server that service.c and run.c put together: certificate files, login, calls to other
 * servers, and the threads that work beside the requests. Only daemon/ includes this file.
 *
 * An `_open` writes one line to *err_out (in the service's arena) when it fails. A `_start` leaves *out untouched when
 * it fails, unless it says otherwise. */
#pragma once
#include "daemon/service_internal.h"

/* ---- the certificate files that the settings cert.* name ---- */

/* Reads the files and sets s->trust. Without cert.roots it stays NULL. RC_INVALID: a file cannot be read, or
 * holds something else than certificates or revocation lists. */
MUST_USE enum rc certs_open(struct service *s, struct str *err_out);
/* Reads the files again if one of them has changed. If a file cannot be read or parsed, the old certificates stay in
 * force, and the log says so (certs.kept). Only one thread may call it. */
void certs_refresh(struct service *s);

/* ---- the server's own certificate, in the files that the settings tls.* name ---- */

struct tls_texts {
	const char *cert; /* PEM; NULL without the setting */
	const char *key;
};
/* Reads the files into `a`. RC_INVALID: a file cannot be read, or is too large. RC_DENIED: others than its owner can
 * read the key. The caller wipes *out, whatever the result, with tls_texts_wipe. */
MUST_USE enum rc tls_texts_read(struct service *s, struct arena *a, struct tls_texts *out, struct str *err_out);
void tls_texts_wipe(struct tls_texts *t);
/* Reads the files again if one of them has changed. New connections get the new certificate. If it cannot be used, the
 * old one stays in force, and the log says so (tls.kept). Only one thread may call it. */
void tls_refresh(struct service *s);

/* ---- calls to other servers, and their threads ---- */

/* Sets s->outgoing, s->remote and s->issuers, as far as the settings consent.lookup_*, trusted_issuers and oidc.*
 * ask for them. RC_INVALID: a setting is wrong. RC_DENIED: others than its owner can read a key file. RC_FAIL: a thread
 * cannot be started. */
MUST_USE enum rc outgoing_open(struct service *s, struct str *err_out);
/* Call it after login_close: the login provider uses s->outgoing. */
void outgoing_close(struct service *s);

/* ---- login at the OpenID provider that the settings oidc.* name ---- */

/* Sets s->provider; without oidc.issuer it stays NULL. Call it after outgoing_open. RC_INVALID: a setting is wrong.
 * RC_DENIED: others than its owner can read the key file. */
MUST_USE enum rc login_open(struct service *s, struct str *err_out);
void login_close(struct service *s);
/* The path to which people without a session are sent. Absent: this server has no login. */
struct str login_path(const struct service *s);

/* ---- what a production server lacks ---- */

/* Logs one warning, in words, for each thing without which pages or requests do not work: a login, the operator's
 * contact, templates, parties. Call it once, when the server listens. A sandbox lacks nothing. */
void missing_tell(struct service *s);

/* ---- the thread of regular jobs ---- */

struct jobs;
/* Every five seconds the thread reads the signing keys again. Every minute it removes old sessions and logins, and
 * reads the certificate files and the registry again. RC_FAIL: no memory, or no thread. */
MUST_USE enum rc jobs_start(struct service *s, struct jobs **out);
/* Makes the thread run all jobs at once. */
void jobs_now(struct jobs *j);
/* Waits for the job that is running. j may be NULL. */
void jobs_stop(struct jobs *j);

/* ---- the thread that makes status lists ---- */

struct listing;
/* The thread makes the status lists that calls wait for, and wakes those calls. Without calls it sleeps. RC_FAIL: no
 * memory, or no thread. */
MUST_USE enum rc listing_start(struct service *s, struct listing **out);
void listing_stop(struct listing *l); /* l may be NULL */

/* ---- the thread that looks for events of other processes ---- */

struct watch;
/* The thread wakes the calls that wait for events when another process has committed such an event to the same store.
 * *out is NULL where only one process can use the store: then no thread is needed. RC_FAIL: no memory, or no thread. */
MUST_USE enum rc watch_start(struct service *s, struct watch **out);
void watch_stop(struct watch *w); /* w may be NULL */
