#include "jose/pkcs11_internal.h"

#include <assert.h>
#include <dlfcn.h>
#include <stdlib.h>

#include "base/b64.h"
#include "base/clock.h"

#define TRIES 3                 /* of a signature: an open session may have ended without notice */
#define AWAY (1 * CLOCK_SECOND) /* pause before a token that did not answer is asked again */

/* ---- the module ---- */

/* POSIX returns the functions of a library as object pointers. */
static CK_C_GetFunctionList entry_point(void *lib)
{
	CK_C_GetFunctionList f = NULL;
	void *p = dlsym(lib, "C_GetFunctionList");
	_Static_assert(sizeof f == sizeof p, "function and object pointers differ");
	memcpy(&f, &p, sizeof f);
	return f;
}

static bool module_start(const struct p11 *p)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv = p->f->C_Initialize(&args);
	return rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED;
}

enum rc p11_open(struct arena *a, const char *module, struct str pin, struct p11 **out, struct str *err_out)
{
	if (pin.n > P11_PIN_MAX) {
		*err_out = arena_fmt(a, "the PIN of the token is longer than %d bytes", P11_PIN_MAX);
		return RC_INVALID;
	}
	void *lib = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get = lib ? entry_point(lib) : NULL;
	struct p11 *p = calloc(1, sizeof *p);
	if (!p)
		abort();
	p->lib = lib;
	if (!get || get(&p->f) != CKR_OK || !module_start(p)) {
		*err_out = arena_fmt(a, "%s is no PKCS#11 module, or it does not start", module);
		if (lib)
			(void)dlclose(lib);
		free(p);
		return RC_INVALID;
	}
	if (pin.n)
		memcpy(p->pin, pin.p, pin.n);
	p->pin_n = pin.n;
	pthread_mutex_init(&p->lock, NULL);
	*out = p;
	return RC_OK;
}

/* The library stays loaded: threads of the module may outlive C_Finalize. */
void p11_close(struct p11 *p)
{
	if (!p)
		return;
	(void)p->f->C_Finalize(NULL);
	pthread_mutex_destroy(&p->lock);
	explicit_bzero(p->pin, sizeof p->pin);
	free(p);
}

/* ---- the token ---- */

static bool padded_is(const CK_UTF8CHAR *p, size_t n, struct str want)
{
	while (n && p[n - 1] == ' ')
		n--;
	return str_eq(str_span(p, n), want);
}

static bool token_is(const struct p11 *p, CK_SLOT_ID slot, const struct p11_uri *u)
{
	CK_TOKEN_INFO info;
	if (p->f->C_GetTokenInfo(slot, &info) != CKR_OK)
		return false;
	return (!u->token.p || padded_is(info.label, sizeof info.label, u->token)) &&
	       (!u->serial.p || padded_is(info.serialNumber, sizeof info.serialNumber, u->serial));
}

static bool slot_find(const struct p11 *p, const struct p11_uri *u, CK_SLOT_ID *out)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n = LEN(slots);
	CK_RV rv = p->f->C_GetSlotList(CK_TRUE, slots, &n);
	if (rv == CKR_CRYPTOKI_NOT_INITIALIZED && module_start(p))
		rv = p->f->C_GetSlotList(CK_TRUE, slots, &n);
	for (CK_ULONG i = 0; rv == CKR_OK && i < n; i++)
		if (token_is(p, slots[i], u)) {
			*out = slots[i];
			return true;
		}
	return false;
}

/* A refused PIN is not tried again: a token locks itself after a few attempts. */
static bool login(struct p11 *p, CK_SESSION_HANDLE s)
{
	pthread_mutex_lock(&p->lock);
	CK_RV rv = p->pin_refused ? CKR_PIN_INCORRECT : p->f->C_Login(s, CKU_USER, p->pin_n ? p->pin : NULL, p->pin_n);
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE)
		p->pin_refused = true;
	pthread_mutex_unlock(&p->lock);
	return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN;
}

bool p11_session(struct p11 *p, const struct p11_uri *u, bool write, CK_SLOT_ID *slot_out, CK_SESSION_HANDLE *out)
{
	CK_FLAGS flags = CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0);
	CK_SESSION_HANDLE s;
	if (!slot_find(p, u, slot_out) || p->f->C_OpenSession(*slot_out, flags, NULL, NULL, &s) != CKR_OK)
		return false;
	if (!login(p, s)) {
		(void)p->f->C_CloseSession(s);
		return false;
	}
	*out = s;
	return true;
}

enum rc p11_object(const struct p11 *p, CK_SESSION_HANDLE s, const struct p11_uri *u, CK_OBJECT_CLASS class,
		   CK_OBJECT_HANDLE *out)
{
	CK_ATTRIBUTE want[3] = { { CKA_CLASS, &class, sizeof class } };
	CK_ULONG n = 1, found = 0;
	CK_OBJECT_HANDLE objects[2];
	if (u->object.p)
		want[n++] = (CK_ATTRIBUTE){ CKA_LABEL, (void *)(uintptr_t)u->object.p, u->object.n };
	if (u->id.p)
		want[n++] = (CK_ATTRIBUTE){ CKA_ID, (void *)(uintptr_t)u->id.p, u->id.n };
	if (p->f->C_FindObjectsInit(s, want, n) != CKR_OK)
		return RC_BUSY;
	CK_RV rv = p->f->C_FindObjects(s, objects, LEN(objects), &found);
	(void)p->f->C_FindObjectsFinal(s);
	if (rv != CKR_OK)
		return RC_BUSY;
	if (found == 0)
		return RC_NOT_FOUND;
	*out = objects[0];
	return found == 1 ? RC_OK : RC_CONFLICT;
}

/* ---- sessions of one key ---- */

struct token_key {
	struct jwk_remote base;
	struct p11 *p;
	struct arena a;
	struct p11_uri uri;
	pthread_mutex_t lock;
	pthread_cond_t back;
	uint64_t generation; /* of the handles; a session of an earlier generation is closed when it is returned */
	bool ready;
	CK_OBJECT_HANDLE key;
	CK_SESSION_HANDLE idle[P11_SESSIONS];
	size_t n_idle;
	size_t n_out;
	CK_SLOT_ID slot;
	int64_t retry_at; /* clock_mono() */
};

struct lease {
	CK_SESSION_HANDLE s;
	CK_OBJECT_HANDLE key;
	uint64_t generation;
};

static bool connect(struct token_key *k)
{
	CK_SESSION_HANDLE s;
	if (clock_mono() < k->retry_at)
		return false;
	if (p11_session(k->p, &k->uri, false, &k->slot, &s)) {
		if (p11_object(k->p, s, &k->uri, CKO_PRIVATE_KEY, &k->key) == RC_OK) {
			k->idle[k->n_idle++] = s;
			k->ready = true;
			return true;
		}
		(void)k->p->f->C_CloseSession(s);
	}
	k->retry_at = clock_mono() + AWAY;
	return false;
}

static bool session_more(struct token_key *k, CK_SESSION_HANDLE *out)
{
	if (k->n_idle) {
		*out = k->idle[--k->n_idle];
		return true;
	}
	return k->p->f->C_OpenSession(k->slot, CKF_SERIAL_SESSION, NULL, NULL, out) == CKR_OK;
}

static void drop(struct token_key *k)
{
	k->generation++;
	k->ready = false;
	while (k->n_idle)
		(void)k->p->f->C_CloseSession(k->idle[--k->n_idle]);
}

static bool lease_take(struct token_key *k, struct lease *l)
{
	pthread_mutex_lock(&k->lock);
	while (k->n_out == P11_SESSIONS)
		pthread_cond_wait(&k->back, &k->lock);
	bool ok = k->ready || connect(k);
	if (ok && !session_more(k, &l->s)) {
		drop(k);
		ok = connect(k) && session_more(k, &l->s);
	}
	if (ok) {
		l->key = k->key;
		l->generation = k->generation;
		k->n_out++;
	}
	pthread_mutex_unlock(&k->lock);
	return ok;
}

static void lease_end(struct token_key *k, const struct lease *l, bool sound)
{
	pthread_mutex_lock(&k->lock);
	assert(k->n_out > 0 && k->n_idle + k->n_out <= P11_SESSIONS);
	k->n_out--;
	if (sound && l->generation == k->generation) {
		k->idle[k->n_idle++] = l->s;
	} else {
		(void)k->p->f->C_CloseSession(l->s);
		if (l->generation == k->generation)
			drop(k);
	}
	pthread_cond_signal(&k->back);
	pthread_mutex_unlock(&k->lock);
}

/* ---- signing ---- */

/* = RFC 8017 section 9.2, note 1: the DigestInfo of SHA-256 up to the digest */
static const uint8_t sha256_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
				       0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };

struct work {
	CK_MECHANISM mechanism;
	CK_RSA_PKCS_PSS_PARAMS pss;
	uint8_t bytes[sizeof sha256_info + EVP_MAX_MD_SIZE];
	struct str input;
};

static bool work_prepare(struct work *w, enum jose_alg alg, struct str input)
{
	memcpy(w->bytes, sha256_info, sizeof sha256_info);
	size_t n = evp_digest(JOSE_SHA256, input, w->bytes + sizeof sha256_info);
	w->input = str_span(w->bytes + sizeof sha256_info, n);
	switch (alg) {
	case JOSE_RS256:
		w->mechanism.mechanism = CKM_RSA_PKCS;
		w->input = str_span(w->bytes, sizeof sha256_info + n);
		return true;
	case JOSE_PS256:
		w->pss = (CK_RSA_PKCS_PSS_PARAMS){ CKM_SHA256, CKG_MGF1_SHA256, n };
		w->mechanism = (CK_MECHANISM){ CKM_RSA_PKCS_PSS, &w->pss, sizeof w->pss };
		return true;
	case JOSE_ES256:
		w->mechanism.mechanism = CKM_ECDSA;
		return true;
	case JOSE_EDDSA:
		w->mechanism.mechanism = CKM_EDDSA;
		w->input = input;
		return true;
	case JOSE_RS384:
	case JOSE_RS512:
	case JOSE_ALG__MAX:
		break;
	}
	return false;
}

static bool sign_with(const struct p11 *p, const struct lease *l, struct work *w, uint8_t *sig, size_t *n_out)
{
	CK_ULONG n = JOSE_SIG_MAX;
	if (p->f->C_SignInit(l->s, &w->mechanism, l->key) != CKR_OK ||
	    p->f->C_Sign(l->s, (CK_BYTE *)(uintptr_t)w->input.p, w->input.n, sig, &n) != CKR_OK)
		return false;
	*n_out = n;
	return true;
}

static enum rc remote_sign(struct jwk_remote *r, enum jose_alg alg, struct str input, uint8_t sig[JOSE_SIG_MAX],
			   size_t *n_out)
{
	struct token_key *k = (struct token_key *)r;
	struct work w = { .input = STR_NONE };
	if (!work_prepare(&w, alg, input))
		return RC_DENIED;
	for (int i = 0; i < TRIES; i++) {
		struct lease l;
		if (!lease_take(k, &l))
			break;
		bool done = sign_with(k->p, &l, &w, sig, n_out);
		lease_end(k, &l, done);
		if (done)
			return RC_OK;
	}
	return RC_BUSY;
}

static enum rc remote_probe(struct jwk_remote *r)
{
	struct token_key *k = (struct token_key *)r;
	for (int i = 0; i < TRIES; i++) {
		struct lease l;
		if (!lease_take(k, &l))
			break;
		CK_OBJECT_CLASS class;
		CK_ATTRIBUTE want = { CKA_CLASS, &class, sizeof class };
		bool there = k->p->f->C_GetAttributeValue(l.s, l.key, &want, 1) == CKR_OK;
		lease_end(k, &l, there);
		if (there)
			return RC_OK;
	}
	return RC_BUSY;
}

static void remote_destroy(struct jwk_remote *r)
{
	struct token_key *k = (struct token_key *)r;
	assert(k->n_out == 0);
	drop(k);
	pthread_cond_destroy(&k->back);
	pthread_mutex_destroy(&k->lock);
	arena_finish(&k->a);
	free(k);
}

enum rc p11_attach(struct p11 *p, struct str uri, struct jwk *k)
{
	assert(!k->remote && !k->is_private);
	struct token_key *t = calloc(1, sizeof *t);
	if (!t)
		abort();
	if (p11_uri_parse(&t->a, uri, &t->uri) != RC_OK) {
		arena_finish(&t->a);
		free(t);
		return RC_INVALID;
	}
	t->base = (struct jwk_remote){ remote_sign, remote_probe, remote_destroy };
	t->p = p;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->back, NULL);
	k->remote = &t->base;
	k->is_private = true;
	return RC_OK;
}
