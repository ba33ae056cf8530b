#include "cli/selfservice_internal.h"

#include <assert.h>

#include "daemon/files.h"
#include "net/net.h"

#define SUPPLIER_SCOPE "idporten:dcr.supplier"

/* One run of a command. */
struct call {
	const struct command *command;
	const struct selfservice_request *request;
	struct arena *a;
	const struct selfservice_opts *o;
	struct samtykke_client *client; /* NULL: no token is needed */
	const char *scope;              /* of the token; NULL: no token is needed */
};

static int usage_wrong(const struct command *c, const char *option, const char *fault)
{
	fprintf(stderr, "samtykke %s: --%s %s\nTry: samtykke %s --help\n", c->name, option, fault, c->name);
	return 2;
}

/* ---- options ---- */

static const struct opt_row *row_find(const struct command *c, const char *option)
{
	for (size_t i = 0; i < c->n_opts; i++)
		if (strcmp(c->opts[i].name, option) == 0)
			return &c->opts[i];
	return NULL;
}

/* NULL: the command has no such option. */
static const void *value_find(const struct call *call, const char *option)
{
	const struct opt_row *row = row_find(call->command, option);
	return row ? (const char *)call->o + row->offset : NULL;
}

static bool is_given(const struct call *call, const char *option)
{
	const struct opt_row *row = row_find(call->command, option);
	const void *value = value_find(call, option);
	if (!row)
		return false;
	if (row->type == OPT_FLAG)
		return *(const bool *)value;
	return row->type == OPT_LIST ? ((const struct opt_list *)value)->n > 0 : *(const char *const *)value != NULL;
}

static const char *text_value(const struct call *call, const char *option)
{
	assert(row_find(call->command, option)->type == OPT_TEXT);
	return *(const char *const *)value_find(call, option);
}

static bool in_query(const struct selfservice_member *m)
{
	assert(m->kind < SELFSERVICE__MAX);
	return m->kind == SELFSERVICE_PARAM || m->kind == SELFSERVICE_PARAM_TRUE;
}

static int options_check(const struct call *call)
{
	const struct selfservice_request *request = call->request;
	uint64_t n;
	for (size_t i = 0; i < LEN(request->needs) && request->needs[i]; i++)
		if (!is_given(call, request->needs[i]))
			return usage_wrong(call->command, request->needs[i], "is missing");
	for (size_t i = 0; i < request->n_members; i++) {
		const struct selfservice_member *m = &request->members[i];
		if (m->kind == SELFSERVICE_NUMBER && is_given(call, m->option) &&
		    str_u64(str_of(text_value(call, m->option)), &n) != RC_OK)
			return usage_wrong(call->command, m->option, "takes a whole number");
	}
	if (call->o->for_all && call->o->not_for_all)
		return usage_wrong(call->command, "accessible-for-all", "and --not-for-all exclude each other");
	return 0;
}

/* ---- the body ---- */

static void list_write(struct jsw *w, const struct opt_list *list)
{
	jsw_arr(w);
	for (size_t i = 0; i < list->n; i++)
		if (*list->v[i]) /* --scope '' alone means an empty list */
			jsw_z(w, list->v[i]);
	jsw_end_arr(w);
}

static void member_write(const struct call *call, struct jsw *w, const struct selfservice_member *m)
{
	jsw_key(w, m->name);
	if (m->kind == SELFSERVICE_LIST)
		list_write(w, value_find(call, m->option));
	else if (m->kind == SELFSERVICE_TRUE || m->kind == SELFSERVICE_FALSE)
		jsw_bool(w, m->kind == SELFSERVICE_TRUE);
	else if (*text_value(call, m->option) == '\0')
		jsw_null(w);
	else if (m->kind == SELFSERVICE_NUMBER)
		jsw_raw(w, str_of(text_value(call, m->option)));
	else
		jsw_z(w, text_value(call, m->option));
}

static bool is_replaced(const struct call *call, struct str name)
{
	for (size_t i = 0; i < call->request->n_members; i++) {
		const struct selfservice_member *m = &call->request->members[i];
		if (!in_query(m) && str_is(name, m->name) && is_given(call, m->option))
			return true;
	}
	return false;
}

static struct str body_make(const struct call *call, const struct js *present)
{
	struct buf b = BUF(call->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	JS_EACH(m, present) {
		if (is_replaced(call, m->key))
			continue;
		jsw_key_str(&w, m->key);
		jsw_raw(&w, m->raw);
	}
	for (size_t i = 0; i < call->request->n_members; i++) {
		const struct selfservice_member *m = &call->request->members[i];
		if (!in_query(m) && is_given(call, m->option))
			member_write(call, &w, m);
	}
	jsw_end_obj(&w);
	return buf_str(&b);
}

struct str selfservice_body(const struct command *c, const struct selfservice_request *request, struct arena *a,
			    const struct selfservice_opts *o, const struct js *present)
{
	return body_make(&(struct call){ .command = c, .request = request, .a = a, .o = o }, present);
}

/* ---- the address ---- */

static void path_write(struct buf *b, const char *path, const struct opt_args *args)
{
	for (const char *p = path; *p; p++) {
		if (*p != '{') {
			buf_c(b, *p);
			continue;
		}
		size_t i = (size_t)(p[1] - '0');
		assert(p[2] == '}' && i < args->n);
		buf_url(b, str_of(args->v[i]));
		p += 2;
	}
}

static const char *url_make(const struct call *call, const char *path, const struct opt_args *args)
{
	struct str base = str_of(consumer_url(&call->o->consumer));
	struct buf b = BUF(call->a);
	char mark = strchr(path, '?') ? '&' : '?';
	while (str_ends(base, STR("/")))
		base.n--;
	buf_add(&b, base);
	path_write(&b, path, args);
	for (size_t i = 0; i < call->request->n_members; i++) {
		const struct selfservice_member *m = &call->request->members[i];
		if (!in_query(m) || !is_given(call, m->option))
			continue;
		buf_fmt(&b, "%c%s=", mark, m->name);
		buf_url(&b, m->kind == SELFSERVICE_PARAM ? str_of(text_value(call, m->option)) : STR("true"));
		mark = '&';
	}
	return buf_cstr(&b);
}

const char *selfservice_url(const struct command *c, const struct selfservice_request *request, struct arena *a,
			    const struct selfservice_opts *o, const char *path, const struct opt_args *args)
{
	return url_make(&(struct call){ .command = c, .request = request, .a = a, .o = o }, path, args);
}

/* ---- keys ---- */

static bool is_private_member(struct str name)
{
	static const char *const names[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
	for (size_t i = 0; i < LEN(names); i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static void key_write(struct jsw *w, const struct js *key)
{
	jsw_obj(w);
	JS_EACH(m, key) {
		if (is_private_member(m->key))
			continue;
		jsw_key_str(w, m->key);
		jsw_raw(w, m->raw);
	}
	jsw_end_obj(w);
}

const char *selfservice_public_keys(struct arena *a, struct str text, struct str *out)
{
	const struct js *doc, *keys;
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	if (js_parse(a, text, NULL, &doc, NULL) != RC_OK || !js_is(doc, JS_OBJECT))
		return "is not a JSON object";
	keys = js_get(doc, "keys");
	if (!js_is(keys, JS_ARRAY) && !js_get(doc, "kty"))
		return "holds neither a key nor a key set";
	jsw_obj(&w);
	jsw_key(&w, "keys");
	jsw_arr(&w);
	if (!keys)
		key_write(&w, doc);
	JS_EACH(key, keys)
		key_write(&w, key);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	*out = buf_str(&b);
	return NULL;
}

static bool holds_private(struct arena *a, struct str text)
{
	const struct js *doc;
	if (js_parse(a, text, NULL, &doc, NULL) != RC_OK)
		return false;
	bool found = js_get(doc, "d") != NULL;
	JS_EACH(key, js_get(doc, "keys"))
		found = found || js_get(key, "d");
	return found;
}

static int keys_read(const struct call *call, struct str *out)
{
	struct str text;
	if (file_read(call->a, call->o->jwks, SELFSERVICE_FILE_MAX, &text) != RC_OK)
		return cli_fail(call->command->name, "cannot read the key set %s", call->o->jwks);
	if (holds_private(call->a, text) && !file_is_private(call->o->jwks, PRIVATE_TO_GROUP))
		return cli_fail(
			call->command->name,
			"%s holds a private key and can be read by others than its owner and group (chmod 600 %s)",
			call->o->jwks, call->o->jwks);
	const char *fault = selfservice_public_keys(call->a, text, out);
	return fault ? cli_fail(call->command->name, "%s %s", call->o->jwks, fault) : 0;
}

/* ---- requests ---- */

/* *line_out NULL: the request needs no token. */
static int authorization_make(const struct call *call, const char **line_out)
{
	char *token = NULL;
	*line_out = NULL;
	if (!call->scope)
		return 0;
	enum samtykke_rc rc = samtykke_client_token(call->client, call->scope, NULL, NULL, &token);
	if (rc != SAMTYKKE_OK)
		return consumer_failed(call->command, call->client, rc);
	*line_out = arena_cstr(call->a, arena_fmt(call->a, "Authorization: Bearer %s", token));
	samtykke_free(token);
	return 0;
}

/* `etag`: the version of the object that the request may replace; absent: any version. */
static int request_send(const struct call *call, const char *method, const char *url, struct str body, struct str etag,
			struct net_res *out)
{
	const char *headers[5] = { "Accept: application/json" }, *authorization; /* the last stays NULL */
	size_t n = 1;
	struct str why;
	if (authorization_make(call, &authorization))
		return 1;
	if (authorization)
		headers[n++] = authorization;
	if (body.p)
		headers[n++] = "Content-Type: application/json";
	if (etag.p)
		headers[n++] = arena_cstr(call->a, arena_fmt(call->a, "If-Match: %.*s", STR_FMT(etag)));
	assert(n < LEN(headers));
	struct net_req req = { .method = method,
			       .url = url,
			       .headers = headers,
			       .body = body,
			       .ca_file = consumer_cacert(&call->o->consumer) };
	if (net_fetch(call->a, &req, out, &why) != RC_OK)
		return cli_fail(call->command->name, "the server cannot be reached: %.*s", STR_FMT(why));
	return 0;
}

static int answer_check(const struct call *call, const struct net_res *res, struct str *body_out)
{
	if (res->status < 200 || res->status > 299)
		return consumer_refused(call->command, res->status, res->body);
	*body_out = res->body;
	return 0;
}

static int exchange(const struct call *call, const char *method, const char *url, struct str body, struct str *body_out)
{
	struct net_res res;
	if (request_send(call, method, url, body, STR_NONE, &res))
		return 1;
	return answer_check(call, &res, body_out);
}

/* `url` with the query of rel="next" in a Link header (RFC 8288); NULL: there is none. The rest of that address is not
 * used: a token goes to the server that the user has named, and to no other. */
static const char *next_page(struct arena *a, const char *url, const struct net_res *res)
{
	struct str link = net_header(res, "Link"), next, path, query, rest;
	if (!link.n || !str_cut(link, '>', &next, &rest) || str_find(rest, STR("rel=\"next\"")) < 0 ||
	    !str_cut(next, '?', &path, &query))
		return NULL;
	return arena_cstr(a, arena_fmt(a, "%.*s?%.*s", (int)strcspn(url, "?"), url, STR_FMT(query)));
}

/* Appends the array `page` to the array in `all`. A first answer may be any JSON. */
static void page_join(struct buf *all, struct str page)
{
	page = str_trim(page);
	if (!all->n) {
		buf_add(all, page);
		return;
	}
	if (page.n <= 2)
		return;
	all->n--;
	buf_c(all, ',');
	buf_raw(all, page.p + 1, page.n - 1);
}

/* Reads an object, or all pages of a list as one. */
static int read_all(const struct call *call, const char *url, struct str *body_out)
{
	struct buf all = BUF(call->a);
	const char *page = url;
	while (page) {
		struct net_res res;
		struct str text = STR_NONE;
		if (request_send(call, "GET", page, STR_NONE, STR_NONE, &res) || answer_check(call, &res, &text))
			return 1;
		page_join(&all, text);
		page = next_page(call->a, url, &res);
	}
	*body_out = buf_str(&all);
	return 0;
}

/* Reads the object, and writes it back with the changes. Starts again if somebody else has written it meanwhile. */
static int change(const struct call *call, const char *url, struct str *body_out)
{
	struct net_res read, written;
	const struct js *present;
	struct str text;
	for (int i = 0; i < SELFSERVICE_TRIES; i++) {
		if (request_send(call, "GET", url, STR_NONE, STR_NONE, &read) || answer_check(call, &read, &text))
			return 1;
		if (js_parse(call->a, text, NULL, &present, NULL) != RC_OK || !js_is(present, JS_OBJECT))
			return cli_fail(call->command->name, "the server's answer is not a JSON object");
		if (request_send(call, call->request->method, url, body_make(call, present), net_header(&read, "ETag"),
				 &written))
			return 1;
		if (written.status != 412)
			return answer_check(call, &written, body_out);
	}
	return cli_fail(call->command->name, "nothing was changed: in %d tries somebody else made a change first",
			SELFSERVICE_TRIES);
}

/* If this fails, the client exists without keys. Its id has been printed. */
static int keys_send(const struct call *call, struct str keys, struct str answer)
{
	const struct js *doc;
	struct str id, ignored;
	if (js_parse(call->a, answer, NULL, &doc, NULL) != RC_OK || js_member_str(doc, "client_id", &id) != RC_OK)
		return cli_fail(call->command->name, "the server's answer has no client_id");
	const char *arg = arena_cstr(call->a, id);
	const char *url = url_make(call, call->request->keys, &(struct opt_args){ &arg, 1 });
	return exchange(call, "POST", url, keys, &ignored);
}

/* `keys`: of --jwks; absent: not given. */
static int call_send(const struct call *call, const struct opt_args *args, struct str keys)
{
	const struct selfservice_request *request = call->request;
	const char *url = url_make(call, request->path, args);
	struct str body = STR_NONE, answer;
	if (request->body)
		body = body_make(call, NULL);
	if (keys.p && !request->keys)
		body = keys;
	bool reads = strcmp(request->method, "GET") == 0;
	int failed = reads            ? read_all(call, url, &answer)
		     : request->merge ? change(call, url, &answer)
				      : exchange(call, request->method, url, body, &answer);
	if (failed)
		return 1;
	if (answer.n)
		printf("%.*s\n", STR_FMT(str_trim(answer)));
	return keys.p && request->keys ? keys_send(call, keys, answer) : 0;
}

int selfservice_send(const struct command *c, const struct selfservice_request *request, struct arena *a,
		     const struct selfservice_opts *o, const struct opt_args *args)
{
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	struct call call = { .command = c, .request = request, .a = a, .o = o };
	struct str keys = STR_NONE;

	call.scope = o->for_others || o->owner ? SUPPLIER_SCOPE : request->scope;
	int failed = options_check(&call);
	if (failed)
		return failed;
	if (o->jwks && keys_read(&call, &keys))
		return 1;
	if (call.scope && consumer_client(c, &o->consumer, a, &client))
		return 1;
	call.client = client;
	return call_send(&call, args, keys);
}

int selfservice_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	assert(c->request && c->opts_size == sizeof(struct selfservice_opts));
	return selfservice_send(c, c->request, a, opts, args);
}
