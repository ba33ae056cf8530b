/* Shared by the files about tokens, the only ones that include the header of Cryptoki. */
#pragma once
#include "jose/internal.h"
#include "jose/pkcs11.h"

#include <p11-kit/pkcs11.h>
#include <pthread.h>

struct p11 {
	void *lib;
	CK_FUNCTION_LIST *f;
	pthread_mutex_t lock; /* one login at a time */
	bool pin_refused;
	CK_UTF8CHAR pin[P11_PIN_MAX];
	size_t pin_n;
};

struct p11_uri {
	/* absent: any */
	struct str token;
	struct str serial;
	/* absent: any; `id` may hold any bytes */
	struct str object;
	struct str id;
};
MUST_USE enum rc p11_uri_parse(struct arena *a, struct str uri, struct p11_uri *out);

/* A session with the user logged in. false: the token is absent, or refuses the login. */
MUST_USE bool p11_session(struct p11 *p, const struct p11_uri *u, bool write, CK_SLOT_ID *slot_out,
			  CK_SESSION_HANDLE *out);
/* The one object of that class. RC_NOT_FOUND: none. RC_CONFLICT: several. RC_BUSY: the token does not answer. */
MUST_USE enum rc p11_object(const struct p11 *p, CK_SESSION_HANDLE s, const struct p11_uri *u, CK_OBJECT_CLASS class,
			    CK_OBJECT_HANDLE *out);
