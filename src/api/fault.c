#include "api/fault_internal.h"

#include <assert.h>

#include "api/api.h"
#include "api/internal.h"

#define CLIENT_AUTH "Invalid assertion. Client authentication failed. "

enum tail { T_NONE, T_DETAIL, T_DELEGATION };
struct row {
	int status;
	/* code "": the fault has no code */
	const char *error;
	const char *code;
	const char *text;
	enum tail tail;
};

/* = RFC 7523 3.1: "the value of the "error" parameter MUST be the "invalid_grant" error code"; the real issuer says
 * invalid_request of what cannot be read as a grant, and forbidden, which no RFC knows, of scopes that are not granted.
 */
// clang-format off
static const struct row rows[OF__MAX] = {
	[OF_NONE]           = { 500, "server_error", "", "", T_NONE },
	[OF_REQUEST]        = { 400, "invalid_request", "", "Invalid request. A parameter is missing, repeated or malformed", T_NONE },
	[OF_GRANT_TYPE]     = { 400, "unsupported_grant_type", "", "Unsupported grant type", T_NONE },
	[OF_ASSERTION]      = { 400, "invalid_request", "MP-011", "Invalid assertion. Invalid parameter value", T_NONE },
	[OF_REPLAY]         = { 400, "invalid_grant", "MP-012", "Invalid assertion. Grant is used before", T_NONE },
	[OF_CLIENT]         = { 400, "invalid_grant", "MP-100", "Invalid assertion. Client authentication failed. (Client not found)", T_NONE },
	[OF_AUDIENCE]       = { 400, "invalid_grant", "MP-110", CLIENT_AUTH "Invalid JWT claim aud", T_NONE },
	[OF_CERTIFICATE]    = { 400, "invalid_grant", "MP-120", CLIENT_AUTH "The JWT is signed with an invalid certificate", T_NONE },
	[OF_KEY_EXPIRED]    = { 400, "invalid_grant", "MP-121", CLIENT_AUTH "Expired key", T_NONE },
	[OF_CERT_ORG]       = { 400, "invalid_grant", "MP-122", "Invalid assertion. Invalid JWT. Invalid organization number for client. Does not match certificate orgno", T_NONE },
	[OF_X5C]            = { 400, "invalid_grant", "MP-123", "Invalid assertion. Invalid JWT header x5c", T_NONE },
	[OF_SIGNATURE]      = { 400, "invalid_grant", "MP-124", CLIENT_AUTH "Invalid JWT signature", T_NONE },
	[OF_EXPIRED]        = { 400, "invalid_grant", "MP-130", "Invalid assertion. JWT is expired", T_NONE },
	[OF_NOT_YET]        = { 400, "invalid_grant", "", "Invalid assertion. Issue time is after now", T_NONE },
	[OF_LIFETIME]       = { 400, "invalid_request", "MP-011", "Invalid assertion. Invalid parameter value", T_NONE },
	[OF_KID_UNKNOWN]    = { 400, "invalid_grant", "", CLIENT_AUTH "Unknown key identifier (kid) for client", T_NONE },
	[OF_KID_REQUIRED]   = { 400, "invalid_grant", "", CLIENT_AUTH "Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided", T_NONE },
	[OF_SCOPE]          = { 400, "invalid_scope", "MP-200", "Token request contains invalid scopes for client, ", T_DETAIL },
	[OF_SCOPE_INACTIVE] = { 400, "invalid_scope", "MP-201", "Token request contains scopes not allowed for maskinporten", T_NONE },
	[OF_NO_ACCESS]      = { 403, "forbidden", "MP-250", "Consumer has not been granted access to the scope ", T_DETAIL },
	[OF_NOT_DELEGATED]  = { 403, "forbidden", "MP-251", "Consumer ", T_DELEGATION },
	[OF_OWN_ORG]        = { 400, "invalid_request", "", "Validation of JWT claim failed: The combination consumer_org in claim and delegation scope on client is invalid", T_NONE },
	[OF_SCOPE_ALG]      = { 400, "invalid_scope", "", "Scopes whose tokens are signed with different algorithms need a token each, ", T_DETAIL },
	[OF_TARGET]         = { 400, "invalid_target", "", "Invalid assertion. Invalid resource indicator", T_NONE },
	[OF_RAR_TYPE]       = { 400, "invalid_authorization_details", "MP-301", "Unknown authorization details type, ", T_DETAIL },
	[OF_RAR_FIELD]      = { 400, "invalid_authorization_details", "MP-302", "Unknown fields in the authorization details, ", T_DETAIL },
	[OF_RAR_VALUE]      = { 400, "invalid_authorization_details", "MP-303", "Invalid authorization details values, ", T_DETAIL },
	[OF_RAR_SIZE]       = { 400, "invalid_authorization_details", "MP-303", "Invalid authorization details values, consent. It is too large for a token", T_NONE },
	[OF_TOO_OFTEN]      = { 429, "temporarily_unavailable", "", "Too many token requests from this client. Use a token until it expires", T_NONE },
	[OF_UNAVAILABLE]    = { 503, "temporarily_unavailable", "", "The register does not answer now. Try again", T_NONE },
	[OF_OUTCOME]        = { 503, "temporarily_unavailable", "", "It is not known whether the grant was used up. Try again with a new one", T_NONE },
};

static const struct help {
	const char *code;
	const char *text;
} helps[] = {
	{ "MP-011", "The assertion is malformed: not three parts, a member of its header or claims that is not known or has the wrong form, or a lifetime (exp minus iat) over 120 seconds." },
	{ "MP-012", "A grant is good once. Sign another one for each request, best with a jti of its own." },
	{ "MP-100", "iss names no client that is registered and active here. Look at the client's id, and whether this is the environment that it was registered in." },
	{ "MP-110", "aud has to be this issuer, character by character, or its token endpoint." },
	{ "MP-120", "The certificate does not count: it does not lead to a trusted authority, was revoked, is not for signatures, or names no organisation; or one of the authorities' has expired." },
	{ "MP-121", "A registered key is good for a year. Post the client's keys again." },
	{ "MP-122", "The certificate is that of another organisation than the client's." },
	{ "MP-123", "x5c has to be a list of certificates (DER in base64), the signer's first." },
	{ "MP-124", "The signature is not that of the key, alg is none of RS256, RS384 and RS512, or the certificate has expired or is not valid yet." },
	{ "MP-130", "exp has passed. Look at the clock, and sign another grant for each request." },
	{ "MP-200", "Each scope has to be registered on the client; several are separated by spaces." },
	{ "MP-201", "The scope is deactivated, or not for clients of this issuer." },
	{ "MP-250", "The scope's owner has not granted it to the organisation. Whoever acts for another organisation names that one in consumer_org." },
	{ "MP-251", "The organisation in consumer_org has not handed the scope to the client's organisation, or the scope cannot be handed to anybody." },
	{ "MP-301", "The only type of authorization details here is urn:altinn:consent." },
	{ "MP-302", "Authorization details have the members type, id and from, and no others." },
	{ "MP-303", "A member of the authorization details has the wrong form, or the consent that they name gives no token: it does not exist, is not between these two, was not given, was withdrawn, has ended, or is too large for a token." },
};
// clang-format on

const char *fault_help(struct str code)
{
	for (size_t i = 0; i < LEN(helps); i++)
		if (str_ieq(code, str_of(helps[i].code)))
			return helps[i].text;
	return NULL;
}

/* = RFC 6749 5.2: error_uri is "a URI identifying a human-readable web page with information about the error". */
enum rc api_error_help(struct http_req *req, struct http_res *res)
{
	const char *help = fault_help(req->param[0]);
	size_t i = 0;
	while (i < LEN(rows) && !str_ieq(req->param[0], str_of(rows[i].code)))
		i++;
	if (!help || i == LEN(rows))
		return RC_NOT_FOUND;
	http_reply(res, 200, "text/plain; charset=utf-8");
	buf_fmt(&res->body, "%s: %s\n%s\n\n%s\n", rows[i].code, rows[i].error, rows[i].text, help);
	return RC_OK;
}

const char *fault_code(enum oauth_fault f)
{
	assert(f < OF__MAX);
	return rows[f].code;
}

/* = RFC 6749 5.2: error_description "MUST NOT include characters outside the set %x20-21 / %x23-5B / %x5D-7E" */
static void filtered_add(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n && i < FAULT_MAX_DETAIL; i++) {
		char c = s.p[i];
		buf_c(b, c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c);
	}
}

static struct str description(const struct http_req *req, const struct row *row, const struct oauth_error *err)
{
	struct buf b = BUF(req->arena);
	buf_z(&b, row->text);
	if (row->tail == T_DETAIL) {
		filtered_add(&b, err->detail);
	} else if (row->tail == T_DELEGATION) {
		filtered_add(&b, err->consumer);
		buf_lit(&b, " has not delegated access to the scope ");
		filtered_add(&b, err->detail);
		buf_lit(&b, " to supplier ");
		filtered_add(&b, err->supplier);
	}
	struct str text = str_trim(buf_str(&b));
	if (err->detail.n == 0 && str_ends(text, STR(","))) /* no detail follows the comma */
		text.n--;
	return arena_fmt(req->arena, "%.*s. (trace_id: %s)", STR_FMT(text), req->trace_id);
}

static void body_write(struct http_res *res, const struct row *row, struct str description, struct str uri)
{
	struct jsw w = JSW(&res->body);
	http_set_header(res, "Cache-Control", STR("no-store"));
	http_set_header(res, "Pragma", STR("no-cache"));
	http_reply(res, row->status, "application/json");
	jsw_obj(&w);
	jsw_kz(&w, "error", row->error);
	jsw_kstr(&w, "error_description", description);
	if (uri.p)
		jsw_kstr(&w, "error_uri", uri);
	jsw_end_obj(&w);
}

/* The log has every refusal, with the reason where the client does not get it. */
static void refused_note(struct http_res *res, const struct row *row, const char *why)
{
	http_did(res, "token.refused", KV("error", row->error), KV("code", *row->code ? str_of(row->code) : STR_NONE));
	res->note.why = str_of(why ? why : *row->code ? "" : row->text);
}

static bool is_token_path(struct str path)
{
	return str_ieq(path, STR("/token")) || str_ieq(path, STR("/token/"));
}

/* = RFC 6749 5.2: "invalid_request" for what is malformed; a server that cannot answer has no code there, and borrows
 * the two of 4.1.2.1. */
bool api_error_page(struct http_req *req, struct http_res *res, int status)
{
	struct row row = { status, "invalid_request", "", status == 500 ? "Server error" : http_status_title(status),
			   T_NONE };
	assert(status >= 400 && status < 600);
	if (!is_token_path(req->path))
		return false;
	if (status >= 500)
		row.error = status == 503 ? "temporarily_unavailable" : "server_error";
	body_write(res, &row, description(req, &row, &(struct oauth_error){ .fault = OF_NONE }), STR_NONE);
	refused_note(res, &row, NULL);
	return true;
}

void fault_write(const struct http_req *req, struct http_res *res, struct str issuer, const struct oauth_error *err)
{
	assert(err->fault < OF__MAX);
	const struct row *row = &rows[err->fault];
	struct str uri = STR_NONE;
	if (row->status == 503)
		http_set_header(res, "Retry-After", STR("1"));
	if (row->status == 429)
		http_set_header(res, "Retry-After", arena_fmt(req->arena, "%lld", (long long)err->wait_s));
	if (*row->code)
		uri = arena_fmt(req->arena, "%.*serrors/%s", STR_FMT(issuer), row->code);
	body_write(res, row, description(req, row, err), uri);
	refused_note(res, row, err->why);
}
