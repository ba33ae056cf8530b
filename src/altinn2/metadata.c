/* Keys and metadata for whoever verifies tokens of Altinn 2 (spec altinn2.md section 7). */
#include "altinn2/answer.h"
#include "altinn2/handlers.h"
#include "altinn2/internal.h"
#include "keys/keyring.h"

#define MAX_AGE "public, max-age=3600"

enum rc altinn2_jwk(struct http_req *req, struct http_res *res)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, PLAIN_TYPE);
	http_set_header(res, "Cache-Control", STR(MAX_AGE));
	keyring_write_altinn2_jwks(req_altinn2(req)->services.keys, &w);
	return RC_OK;
}

enum rc altinn2_well_known(struct http_req *req, struct http_res *res)
{
	struct str url = site_origin(req);
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, PLAIN_TYPE);
	http_set_header(res, "Cache-Control", STR(MAX_AGE));
	jsw_obj(&w);
	jsw_kstr(&w, "issuer", arena_fmt(req->arena, "%.*s/", STR_FMT(url)));
	jsw_kstr(&w, "jwks_uri", arena_fmt(req->arena, "%.*s/api/metadata/jwk", STR_FMT(url)));
	jsw_key(&w, "response_types_supported");
	jsw_arr(&w);
	jsw_str(&w, STR("code"));
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	return RC_OK;
}
