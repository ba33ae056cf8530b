/* A request and its answer, without a server. */
#pragma once
#include "front/front.h"
#include "gate/gate.h"
#include "t.h"

struct kit {
	struct arena a;
	struct http_req req;
	struct http_res res;
	struct http_header header[1];
};

static inline void kit_finish(struct kit *k)
{
	arena_finish(&k->a);
}

static inline void kit_start(struct kit *k)
{
	*k = (struct kit){ .req = { .method = HTTP_POST,
				    .trace_id = "0123456789abcdef0123456789abcdef",
				    .span_id = "0123456789abcdef" } };
	k->req.arena = &k->a;
	k->req.headers = k->header;
	k->res.arena = &k->a;
	k->res.body = BUF(&k->a);
}

/* The next request of a case. */
static inline void kit_restart(struct kit *k)
{
	kit_finish(k);
	kit_start(k);
}

static inline void kit_body(struct kit *k, const char *type, const char *body)
{
	k->header[0] = (struct http_header){ STR("Content-Type"), str_of(type) };
	k->req.n_headers = type ? 1 : 0;
	k->req.body = str_of(body);
}

/* The member "errors" of the answer; absent: it has none. */
static inline struct str kit_errors(struct kit *k)
{
	const struct js *o;
	CHECK_RC(js_parse(&k->a, buf_str(&k->res.body), NULL, &o, NULL), RC_OK);
	const struct js *errors = js_get(o, "errors");
	return errors ? errors->raw : STR_NONE;
}

/* RC_OK with no answer, or RC_ANSWERED with this status. */
static inline void kit_expect(struct kit *k, enum rc rc, int status, const char *label)
{
	if (rc != (status ? RC_ANSWERED : RC_OK) || k->res.status != status)
		fail_msg("%s: %s with status %d, want %d", label, rc_name(rc), k->res.status, status);
}
