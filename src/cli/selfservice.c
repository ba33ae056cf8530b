#include "cli/selfservice_internal.h"

#include "base/js.h"
#include "daemon/files.h"
#include "net/net.h"

#define FOR_OTHERS "idporten:dcr.supplier"

struct session {
	const struct command *c;
	struct arena *a;
	const struct selfservice_opts *o;
	struct samtykke_client *client;
	const char *scope;
};

static int wrong(const struct command *c, const char *option, const char *what)
{
	fprintf(stderr, "samtykke %s: --%s %s\nTry: samtykke %s --help\n", c->name, option, what, c->name);
	return 2;
}

/* ---- options ---- */

static const struct opt_row *row_of(const struct command *c, const char *option)
{
	for (size_t i = 0; i < c->n_opts; i++)
		if (strcmp(c->opts[i].name, option) == 0)
			return &c->opts[i];
	return NULL;
}

static const void *value_of(const struct session *s, const char *option)
{
	const struct opt_row *row = row_of(s->c, option);

	return row ? (const char *)s->o + row->offset : NULL;
}

static bool given(const struct session *s, const char *option)
{
	const struct opt_row *row = row_of(s->c, option);
	const void *at = value_of(s, option);

	if (!row)
		return false;
	if (row->type == OPT_FLAG)
		return *(const bool *)at;
	return row->type == OPT_LIST ? ((const struct opt_list *)at)->n > 0 : *(const char *const *)at != NULL;
}

static const char *text_of(const struct session *s, const char *option)
{
	return *(const char *const *)value_of(s, option);
}

static bool in_query(const struct selfservice_member *m)
{
	return m->kind == SELFSERVICE_PARAM || m->kind == SELFSERVICE_PARAM_TRUE;
}

static int options_check(const struct session *s, const struct selfservice_request *call)
{
	uint64_t n;

	for (size_t i = 0; i < LEN(call->needs) && call->needs[i]; i++)
		if (!given(s, call->needs[i]))
			return wrong(s->c, call->needs[i], "is missing");
	for (size_t i = 0; i < call->n_members; i++) {
		const struct selfservice_member *m = &call->members[i];
		if (m->kind == SELFSERVICE_NUMBER && given(s, m->option) &&
		    str_u64(str_of(text_of(s, m->option)), &n) != RC_OK)
			return wrong(s->c, m->option, "takes a whole number");
	}
	if (s->o->for_all && s->o->not_for_all)
		return wrong(s->c, "accessible-for-all", "and --not-for-all exclude each other");
	return 0;
}

/* ---- what is sent ---- */

static void list_write(struct jsw *w, const struct opt_list *list)
{
	jsw_arr(w);
	for (size_t i = 0; i < list->n; i++)
		if (*list->v[i]) /* --scope '' alone: none */
			jsw_z(w, list->v[i]);
	jsw_end_arr(w);
}

static void member_write(const struct session *s, struct jsw *w, const struct selfservice_member *m)
{
	jsw_key(w, m->name);
	if (m->kind == SELFSERVICE_LIST)
		list_write(w, value_of(s, m->option));
	else if (m->kind == SELFSERVICE_TRUE || m->kind == SELFSERVICE_FALSE)
		jsw_bool(w, m->kind == SELFSERVICE_TRUE);
	else if (*text_of(s, m->option) == '\0')
		jsw_null(w);
	else if (m->kind == SELFSERVICE_NUMBER)
		jsw_raw(w, str_of(text_of(s, m->option)));
	else
		jsw_z(w, text_of(s, m->option));
}

static bool named(const struct session *s, const struct selfservice_request *call, struct str name)
{
	for (size_t i = 0; i < call->n_members; i++)
		if (!in_query(&call->members[i]) && str_is(name, call->members[i].name) &&
		    given(s, call->members[i].option))
			return true;
	return false;
}

/* `was` (may be NULL): what is there now. */
static struct str body_make(const struct session *s, const struct selfservice_request *call, const struct js *was)
{
	struct buf b = BUF(s->a);
	struct jsw w = JSW(&b);

	jsw_obj(&w);
	JS_EACH(m, was) {
		if (named(s, call, m->key))
			continue;
		jsw_key_str(&w, m->key);
		jsw_raw(&w, m->raw);
	}
	for (size_t i = 0; i < call->n_members; i++)
		if (!in_query(&call->members[i]) && given(s, call->members[i].option))
			member_write(s, &w, &call->members[i]);
	jsw_end_obj(&w);
	return buf_str(&b);
}

static const char *address(const struct session *s, const struct selfservice_request *call, const char *path,
			   const char *const *args, size_t n)
{
	struct str base = str_of(consumer_url(&s->o->consumer));
	struct buf b = BUF(s->a);

	while (str_ends(base, STR("/")))
		base.n--;
	buf_add(&b, base);
	for (const char *p = path; *p; p++)
		if (p[0] == '{' && (size_t)(p[1] - '0') < n) {
			buf_url(&b, str_of(args[p[1] - '0']));
			p += 2;
		} else {
			buf_c(&b, *p);
		}
	char mark = strchr(path, '?') ? '&' : '?';
	for (size_t i = 0; i < call->n_members; i++, mark = '&') {
		const struct selfservice_member *m = &call->members[i];
		if (!in_query(m) || !given(s, m->option))
			continue;
		buf_fmt(&b, "%c%s=", mark, m->name);
		buf_url(&b, m->kind == SELFSERVICE_PARAM ? str_of(text_of(s, m->option)) : STR("true"));
	}
	return buf_cstr(&b);
}

static bool private_member(struct str name)
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
		if (private_member(m->key))
			continue;
		jsw_key_str(w, m->key);
		jsw_raw(w, m->raw);
	}
	jsw_end_obj(w);
}

/* A key set, or one key; private members stay here. */
static int keys_read(const struct session *s, struct str *out)
{
	const struct js *doc, *keys;
	struct buf b = BUF(s->a);
	struct jsw w = JSW(&b);
	struct str text;

	if (file_read(s->a, s->o->jwks, SELFSERVICE_MAX_FILE, &text) != RC_OK)
		return cli_fail(s->c->name, "cannot read the key set %s", s->o->jwks);
	if (js_parse(s->a, text, NULL, &doc, NULL) != RC_OK || !js_is(doc, JS_OBJECT))
		return cli_fail(s->c->name, "%s is no JSON object", s->o->jwks);
	keys = js_get(doc, "keys");
	if (!js_is(keys, JS_ARRAY) && !js_get(doc, "kty"))
		return cli_fail(s->c->name, "%s holds neither a key nor a key set", s->o->jwks);
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
	return 0;
}

/* ---- requests ---- */

/* *line_out NULL: the request needs no token. */
static int bearer(const struct session *s, const char **line_out)
{
	char *token = NULL;

	*line_out = NULL;
	if (!s->scope)
		return 0;
	enum samtykke_rc rc = samtykke_client_token(s->client, s->scope, NULL, NULL, &token);
	if (rc != SAMTYKKE_OK)
		return consumer_failed(s->c->name, s->client, rc);
	*line_out = arena_cstr(s->a, arena_fmt(s->a, "Authorization: Bearer %s", token));
	samtykke_free(token);
	return 0;
}

/* tag: of the state that is meant; absent: whatever it is like now. */
static int request(const struct session *s, const char *method, const char *url, struct str body, struct str tag,
		   struct net_res *out)
{
	const char *headers[5] = { "Accept: application/json" }, *line;
	size_t n = 1;
	struct str why;

	if (bearer(s, &line))
		return 1;
	if (line)
		headers[n++] = line;
	if (body.p)
		headers[n++] = "Content-Type: application/json";
	if (tag.p)
		headers[n++] = arena_cstr(s->a, arena_fmt(s->a, "If-Match: %.*s", STR_FMT(tag)));
	struct net_req req = { .method = method, .url = url, .headers = headers, .body = body };
	if (net_fetch(s->a, &req, out, &why) != RC_OK)
		return cli_fail(s->c->name, "%.*s", STR_FMT(why));
	return 0;
}

static int answered(const struct session *s, const struct net_res *res, struct str *out)
{
	if (res->status < 200 || res->status > 299)
		return consumer_refused(s->c->name, res->status, res->body);
	*out = res->body;
	return 0;
}

static int exchange(const struct session *s, const char *method, const char *url, struct str body, struct str *out)
{
	struct net_res res;

	if (request(s, method, url, body, STR_NONE, &res))
		return 1;
	return answered(s, &res, out);
}

/* Reads, and writes what it has read with the changes; when somebody else has written in between, once more. */
static int change(const struct session *s, const struct selfservice_request *call, const char *url, struct str *out)
{
	struct net_res was, now;
	const struct js *doc;
	struct str text;

	for (int i = 0; i < SELFSERVICE_TRIES; i++) {
		if (request(s, "GET", url, STR_NONE, STR_NONE, &was) || answered(s, &was, &text))
			return 1;
		if (js_parse(s->a, text, NULL, &doc, NULL) != RC_OK || !js_is(doc, JS_OBJECT))
			return cli_fail(s->c->name, "the server's answer is no JSON object");
		if (request(s, call->method, url, body_make(s, call, doc), net_header(&was, "ETag"), &now))
			return 1;
		if (now.status != 412)
			return answered(s, &now, out);
	}
	return cli_fail(s->c->name, "others changed it each time; nothing was changed here after %d tries",
			SELFSERVICE_TRIES);
}

/* The client is there already when this fails: its id has been printed. */
static int keys_follow(const struct session *s, const struct selfservice_request *call, struct str keys,
		       struct str answer)
{
	const struct js *doc;
	struct str id, ignored;

	if (js_parse(s->a, answer, NULL, &doc, NULL) != RC_OK || js_member_str(doc, "client_id", &id) != RC_OK)
		return cli_fail(s->c->name, "the server's answer has no client_id");
	const char *arg = arena_cstr(s->a, id);
	return exchange(s, "POST", address(s, call, call->keys, &arg, 1), keys, &ignored);
}

static const char *token_scope(const struct selfservice_request *call, const struct selfservice_opts *o)
{
	return o->for_others || o->owner ? FOR_OTHERS : call->scope;
}

int selfservice_run(const struct command *c, const struct selfservice_request *call, struct arena *a,
		    const struct selfservice_opts *o, const struct opt_args *args)
{
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	struct session s = { c, a, o, NULL, token_scope(call, o) };
	struct str body = STR_NONE, keys = STR_NONE, answer;
	int failed = options_check(&s, call);

	if (failed)
		return failed;
	if (o->jwks && keys_read(&s, &keys))
		return 1;
	if (s.scope && consumer_client(c->name, &o->consumer, a, &client))
		return 1;
	s.client = client;
	const char *url = address(&s, call, call->path, args->v, args->n);
	if (call->body)
		body = body_make(&s, call, NULL);
	if (keys.p && !call->keys)
		body = keys;
	if (call->merge ? change(&s, call, url, &answer) : exchange(&s, call->method, url, body, &answer))
		return 1;
	if (answer.n)
		printf("%.*s\n", STR_FMT(str_trim(answer)));
	return keys.p && call->keys ? keys_follow(&s, call, keys, answer) : 0;
}
