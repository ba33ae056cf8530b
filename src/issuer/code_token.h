/* The token of Altinn 2: a code, which is a consent's id, becomes a signed text of thirty seconds, as often as somebody
 * who may ask wants it (spec altinn2.md section 6). Service codes are the front's: it maps the consent's rights to
 * them. */
#pragma once
#include "issuer/issuer.h"

#define CODE_TOKEN_LIFE_S 30
#define CODE_TOKEN_ISSUER "altinn.no" /* iss: a name, and no address */
#define CODE_TOKEN_SCOPE "altinn2"    /* of the token's row */

struct code_param {
	struct str name; /* in the letter case of Altinn 2 */
	struct str value;
};
struct code_service {
	struct str code;
	int64_t edition;
	struct code_param *params;
	size_t n_params;
};
/* The content of a token. Times in seconds. */
struct code_claims {
	int generation; /* of the payload: 1, 2 or 3 */
	struct code_service *services;
	size_t n_services;
	struct uuid code;
	/* identity and organisation numbers */
	struct str offered_by;
	struct str covered_by;
	struct str handled_by;         /* absent: the receiver fetched it */
	struct str required_delegator; /* absent: nobody was named */
	int64_t delegated;
	int64_t valid_to;
	int64_t nbf; /* exp is CODE_TOKEN_LIFE_S later */
};
/* Write the JSON of header and payload. kid: of the key. */
struct str code_header(struct arena *a, int generation, struct str kid);
struct str code_payload(struct arena *a, const struct code_claims *c);
/* Signs, without a row: for the sandbox's token generator. RC_NOT_FOUND: no key signs such tokens now. */
MUST_USE enum rc code_sign(struct issuer *issuer, struct arena *a, const struct code_claims *c, struct str *token_out);

/* Fills in generation and services of the consent. RC_DENIED: a right is of no service, or the front refuses the asker;
 * *why_out is static text. */
typedef enum rc code_map_fn(void *ctx, struct arena *a, const struct registry *r, const struct consent *c,
			    struct code_claims *out, const char **why_out);
struct code_order {
	struct uuid code;
	struct str asker; /* organisation number: the receiver, or the handler */
	code_map_fn *map;
	void *map_ctx;
	const char *why; /* out, with RC_DENIED: static text for the log */
};
/* RC_DENIED: the consent does not stand, or is not the asker's, or its rights are of no service, or a value would read
 * as a parameter of its own in the second generation ("a,b=c"). RC_NOT_FOUND: no key signs such tokens now. RC_STALE:
 * the registry has changed meanwhile; ask again. RC_BUSY, RC_UNCERTAIN, RC_FAIL: the store's, or the key's. The row is
 * written before the token is returned. */
MUST_USE enum rc issuer_code_token(struct issuer *issuer, struct arena *a, struct code_order *order,
				   struct str *token_out);
