#include "samtykke/samtykke.h"

#include "base/base.h"

#include <stdlib.h>

#include "version.h"

static const struct {
	const char *name;
	const char *text;
} rows[SAMTYKKE_RC_MAX] = {
	[SAMTYKKE_OK] = { "ok", "The token is good." },
	[SAMTYKKE_BAD_ARGUMENT] = { "bad-argument", "The options make no sense." },
	[SAMTYKKE_MALFORMED] = { "malformed", "This is not a signed token." },
	[SAMTYKKE_BAD_ALGORITHM] = { "bad-algorithm", "The token's algorithm is not accepted for its key." },
	[SAMTYKKE_UNKNOWN_KEY] = { "unknown-key", "The issuer has published no key of that name." },
	[SAMTYKKE_BAD_SIGNATURE] = { "bad-signature",
				     "The signature is wrong: the token was not made by the issuer, or was changed." },
	[SAMTYKKE_WRONG_ISSUER] = { "wrong-issuer", "The token comes from another issuer." },
	[SAMTYKKE_WRONG_AUDIENCE] = { "wrong-audience", "The token is meant for another audience." },
	[SAMTYKKE_EXPIRED] = { "expired", "The token has expired." },
	[SAMTYKKE_NOT_YET] = { "not-yet", "The token is not valid yet." },
	[SAMTYKKE_WRONG_SCOPE] = { "wrong-scope", "The token does not have the scope that is needed." },
	[SAMTYKKE_NO_CONSENT] = { "no-consent", "The token carries no consent." },
	[SAMTYKKE_BAD_CONSENT] = { "bad-consent", "The consent in the token is not as specified." },
	[SAMTYKKE_CONSENT_EXPIRED] = { "consent-expired", "The consent has expired." },
	[SAMTYKKE_WRONG_RECIPIENT] = { "wrong-recipient",
				       "The consent was given to another organisation than the token's consumer." },
	[SAMTYKKE_WRONG_GIVER] = { "wrong-giver", "The consent was given by somebody else." },
	[SAMTYKKE_NOT_COVERED] = { "not-covered", "The consent does not cover what is asked for." },
	[SAMTYKKE_UNAVAILABLE] = { "unavailable", "The server cannot be reached." },
	[SAMTYKKE_REFUSED] = { "refused", "The server refused." },
	[SAMTYKKE_NO_MEMORY] = { "no-memory", "Out of memory." },
	[SAMTYKKE_WRONG_KIND] = { "wrong-kind", "The token is of a kind that is not accepted here." },
	[SAMTYKKE_AMBIGUOUS] = { "ambiguous-consent", "A parameter of the consent can be read in two ways." },
	[SAMTYKKE_TOO_LONG] = { "validity-too-long", "The consent lasts longer than is accepted here." },
	[SAMTYKKE_BAD_RECEIPT] = { "bad-receipt",
				   "This is no consent receipt, or its text is not the one it gives the hash of." },
};

const char *samtykke_rc_name(enum samtykke_rc rc)
{
	return (unsigned)rc < SAMTYKKE_RC_MAX ? rows[rc].name : "unknown";
}

const char *samtykke_rc_text(enum samtykke_rc rc)
{
	return (unsigned)rc < SAMTYKKE_RC_MAX ? rows[rc].text : "Unknown result.";
}

const char *samtykke_status_name(enum samtykke_status status)
{
	static const char *const names[] = {
		[SAMTYKKE_STATUS_NONE] = "none",
		[SAMTYKKE_STATUS_VALID] = "valid",
		[SAMTYKKE_STATUS_REVOKED] = "revoked",
		[SAMTYKKE_STATUS_UNKNOWN] = "unknown",
	};
	return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

const char *samtykke_version(void)
{
	return SAMTYKKE_VERSION_TEXT;
}

/* Tokens and bodies, which are text. */
void samtykke_free(void *p)
{
	str_wipe(str_of(p));
	free(p);
}
