#include "altinn2/caller.h"

#include "altinn2/client_cert.h"
#include "altinn2/internal.h"

#define NO_KEY "The API key is missing or not known."
#define NO_TOKEN "The organisation must authenticate: a Maskinporten token or a client certificate is missing."
#define BAD_CERT "The client certificate cannot be read, or names no organisation."
#define OTHER_KEY "OrgNrMustMatch: the API key belongs to another organisation."

enum rc altinn2_refuse(struct http_res *res, int status, const char *text, const char *why)
{
	http_why(res, why);
	http_reply(res, status, "text/plain; charset=utf-8");
	buf_z(&res->body, text);
	return RC_ANSWERED;
}

enum rc altinn2_not_owner(struct http_res *res)
{
	return altinn2_refuse(res, 403, "The service is unknown, or of another owner.", "no service of this owner");
}

/* The organisation of the API key; absent: none is sent, or it is not known. */
static struct str key_owner(struct http_req *req)
{
	struct registry_box *box = &req_site(req)->consents->registry;
	struct str key = http_header(req, "ApiKey");
	if (http_header_count(req, "ApiKey") != 1 || !key.n || key.n > ALTINN2_MAX_KEY)
		return STR_NONE;
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(box);
	struct str owner = altinn2_api_key(req->arena, r, key);
	return owner.p ? arena_str(req->arena, owner) : STR_NONE;
}

/* Who has proved to be an organisation, beside the API key. RC_NOT_FOUND: nobody has. */
static enum rc authenticated(struct http_req *req, struct http_res *res, struct altinn2_caller *out)
{
	const struct caller *token = req_caller(req);
	const char *why = NULL;
	if (token && !token->org.consumer.p)
		return altinn2_refuse(res, 401, NO_TOKEN, "the token names no organisation");
	if (token) {
		out->consumer = token->org.consumer;
		out->supplier = token->org.supplier;
		out->own = out->supplier.p ? out->supplier : out->consumer;
		return RC_OK;
	}
	enum rc rc = altinn2_client_cert(req, &out->own, &why);
	if (rc == RC_INVALID)
		return altinn2_refuse(res, 401, BAD_CERT, why);
	out->consumer = out->own;
	return rc;
}

enum rc altinn2_caller_read(struct http_req *req, struct http_res *res, bool enterprise, struct altinn2_caller *out)
{
	struct str owner = key_owner(req);
	if (!owner.p)
		return altinn2_refuse(res, 401, NO_KEY, "no known API key");
	*out = (struct altinn2_caller){ 0 };
	enum rc rc = authenticated(req, res, out);
	if (rc == RC_NOT_FOUND && enterprise)
		return altinn2_refuse(res, 401, NO_TOKEN, "neither a token nor a certificate beside the API key");
	if (rc == RC_NOT_FOUND) {
		*out = (struct altinn2_caller){ .consumer = owner, .own = owner };
		return RC_OK;
	}
	TRY(rc);
	return str_eq(out->own, owner) ? RC_OK
				       : altinn2_refuse(res, 403, OTHER_KEY, "the API key is of another organisation");
}

enum rc altinn2_owner_read(struct http_req *req, struct http_res *res, struct str *orgno_out)
{
	const struct caller *token = req_caller(req);
	struct altinn2_caller who;
	if (token && token->org.consumer.p && !http_header_count(req, "ApiKey")) {
		*orgno_out = token->org.consumer;
		return RC_OK;
	}
	TRY(altinn2_caller_read(req, res, req->method != HTTP_GET, &who));
	*orgno_out = who.own;
	return RC_OK;
}
