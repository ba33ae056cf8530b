#include "api/problems_internal.h"

#include <assert.h>

#include "api/internal.h"

struct row {
	int status;
	const char *code;
	const char *detail;
	const char *member; /* extension member that carries problem.key; NULL: none */
};

// clang-format off
static const struct row rows[PROB__MAX] = {
	[PROB_NOT_AUTHORIZED]   = { 403, "AM-00000", "Not authorized for consent", NULL },
	[PROB_NOT_FOUND]        = { 404, "AM-00001", "Consent not found", NULL },
	[PROB_WRONG_STATUS]     = { 400, "AM-00002", "Consent have wrong status to be consented", NULL },
	[PROB_UNKNOWN_ORG]      = { 400, "AM-00003", "Unknown organization. Could not be found", "orgnr" },
	[PROB_UNKNOWN_PERSON]   = { 400, "AM-00004", "Unknown person. Could not be found", "fnumber" },
	[PROB_RESOURCE]         = { 400, "AM-00005", "Invalid consent resource", NULL },
	[PROB_METADATA]         = { 400, "AM-00006", "Invalid consent metadata", "key" },
	[PROB_METADATA_VALUE]   = { 400, "AM-00007", "Missing metadata value", "" }, /* the member is named by the index */
	[PROB_METADATA_MISSING] = { 400, "AM-00008", "Missing metadata", "key" },
	[PROB_COMBINATION]      = { 400, "AM-00009", "Invalid resource combination", NULL },
	[PROB_REVOKE_STATUS]    = { 400, "AM-00010", "Consent cant be revoked.Wrong status", NULL },
	[PROB_REVOKED]          = { 400, "AM-00011", "Consent is revoked", NULL },
	[PROB_FROM_MISMATCH]    = { 400, "AM-00012", "The consented party does not match the party requested", NULL },
	[PROB_EXPIRED]          = { 400, "AM-00013", "Consent is expired", NULL },
	[PROB_NOT_ACCEPTED]     = { 400, "AM-00014", "Consent is not accepted", NULL },
	[PROB_REJECT_STATUS]    = { 400, "AM-00015", "Consent cant be rejected. Wrong status", NULL },
	[PROB_ID_EXISTS]        = { 400, "AM-00016", "Consent with id already exist", "requestId" },
	[PROB_VALIDATION]       = { 400, "STD-00000", "One or more validation errors occurred.", NULL },
};

static const struct { const char *code, *detail; } validation_rows[VLD__MAX] = {
	[VLD_REQUIRED]     = { "STD.VLD-00000", "The field is required." },
	[VLD_FUTURE]       = { "AM.VLD-00022", "The time need to be in the future" },
	[VLD_EMPTY_LIST]   = { "AM.VLD-00023", "The list cant be empty" },
	[VLD_REDIRECT]     = { "AM.VLD-00027", "Redirect URL is not a valid URL" },
	[VLD_DATE_RANGE]   = { "AM.VLD-00051", "'createdAfter' must be earlier than 'createdBefore'." },
	[VLD_EVENT_TYPE]   = { "AM.VLD-00052", "One or more event types are invalid. Valid values are: rejected, accepted, revoked, deleted, used." },
	[VLD_CONTINUATION] = { "AM.VLD-00053", "The continuation token is invalid." },
	[VLD_MAX_VALIDITY] = { "SAM.VLD-00001", "The time is later than the resource allows" },
	[VLD_USE_TIME]     = { "SAM.VLD-00002", "The time must lie between the acceptance and now" },
	[VLD_MAX_USES]     = { "SAM.VLD-00003", "No more uses of this consent can be reported" },
	[VLD_MAX_TEXTS]    = { "SAM.VLD-00004", "The texts of the resources are too long for one request" },
};
// clang-format on

static void validations_write(struct jsw *w, const struct problem *p)
{
	assert(p->n_validations <= PROBLEM_MAX_VALIDATIONS);
	jsw_key(w, "validationErrors");
	jsw_arr(w);
	for (size_t i = 0; i < p->n_validations; i++) {
		const struct validation *v = &p->validations[i];
		jsw_obj(w);
		jsw_kz(w, "code", validation_rows[v->code].code);
		struct str detail = str_of(validation_rows[v->code].detail);
		jsw_kstr(w, "detail",
			 v->limit.p ? arena_fmt(w->b->a, "%.*s: %.*s", STR_FMT(detail), STR_FMT(v->limit)) : detail);
		jsw_key(w, "paths");
		jsw_arr(w);
		jsw_str(w, v->path);
		jsw_end_arr(w);
		jsw_end_obj(w);
	}
	jsw_end_arr(w);
}

static void extension_write(struct jsw *w, const struct problem *p)
{
	const char *member = rows[p->code].member;
	if (!member || !p->key.p)
		return;
	if (p->code == PROB_METADATA_VALUE)
		jsw_key_str(w, arena_fmt(w->b->a, "ConsentRight index: %zu, key", p->index));
	else
		jsw_key(w, member);
	jsw_str(w, p->key);
}

static void single_write(struct http_res *res, const struct problem *p)
{
	assert(p->code < PROB__MAX);
	const struct row *row = &rows[p->code];
	struct jsw w = JSW(&res->body);
	http_reply(res, row->status, PROBLEM_TYPE);
	problem_head(&w, row->status);
	jsw_kz(&w, "detail", row->detail);
	jsw_kz(&w, "code", row->code);
	if (p->code == PROB_VALIDATION)
		validations_write(&w, p);
	extension_write(&w, p);
	jsw_end_obj(&w);
}

/* A problem inside a list has no type and no title, and a validation problem no list of errors. */
static void inner_write(struct jsw *w, const struct problem *p)
{
	jsw_obj(w);
	jsw_ki64(w, "status", rows[p->code].status);
	jsw_kz(w, "detail", rows[p->code].detail);
	jsw_kz(w, "code", rows[p->code].code);
	extension_write(w, p);
	jsw_end_obj(w);
}

/* The codes, each once for each problem. */
static void codes_note(struct http_res *res, const struct problems *p)
{
	struct buf b = BUF(res->arena);
	for (size_t i = 0; i < p->n; i++)
		buf_fmt(&b, "%s%s", i ? " " : "", rows[p->items[i].code].code);
	res->note.why = buf_str(&b);
}

void problems_write(struct http_res *res, const struct problems *p)
{
	assert(p->n > 0);
	codes_note(res, p);
	if (p->n == 1 && p->dropped == 0) {
		single_write(res, &p->items[0]);
		return;
	}
	struct jsw w = JSW(&res->body);
	http_reply(res, 500, PROBLEM_TYPE);
	problem_head(&w, 500);
	jsw_kz(&w, "detail", "Multiple problems occurred.");
	jsw_kz(&w, "code", "STD-00001");
	jsw_key(&w, "problems");
	jsw_arr(&w);
	for (size_t i = 0; i < p->n; i++)
		inner_write(&w, &p->items[i]);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
}

static void denied_write(struct http_res *res)
{
	http_reply(res, 403, NULL);
}

enum rc api_refused(struct http_res *res, enum rc rc, const struct problems *p)
{
	static const struct front_refusal refusal = { problems_write, denied_write };
	return front_refused(&refusal, res, rc, p);
}
