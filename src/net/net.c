#include "net/net.h"

#include <curl/curl.h>
#include <pthread.h>

#include "base/buf.h"

struct sink {
	struct buf buf;
	bool too_large;
};

static size_t sink_write(char *p, size_t size, size_t n, void *ctx)
{
	struct sink *s = ctx;
	if (s->buf.n + size * n > NET_MAX_BODY) {
		s->too_large = true;
		return 0;
	}
	buf_raw(&s->buf, p, size * n);
	return size * n;
}

static void curl_once(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void curl_closep(CURL **c)
{
	if (*c)
		curl_easy_cleanup(*c);
}

static void slist_freep(struct curl_slist **l)
{
	for (struct curl_slist *at = *l; at; at = at->next)
		str_wipe(str_of(at->data)); /* tokens and keys of subscriptions */
	curl_slist_free_all(*l);
}

static struct curl_slist *headers_list(const struct net_req *req)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no 100-continue round trip */
	for (const char *const *h = req->headers; h && *h; h++)
		list = curl_slist_append(list, *h);
	return list;
}

static void options_set(CURL *c, const struct net_req *req, struct curl_slist *headers, struct sink *head,
			struct sink *body)
{
	curl_easy_setopt(c, CURLOPT_URL, req->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, req->method);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	if (req->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, req->ca_file);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)(req->timeout_s > 0 ? req->timeout_s : NET_TIMEOUT_S));
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, sink_write);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, sink_write);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, head);
	if (req->body.p) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, req->body.p);
	}
}

static enum rc failed(struct arena *a, CURL *c, const struct net_req *req, CURLcode code, bool too_large,
		      struct str *why_out)
{
	long connects = 0;
	if (why_out)
		*why_out = arena_fmt(a, "%s: %s", req->url,
				     too_large ? "the answer is too large" : curl_easy_strerror(code));
	if (too_large)
		return RC_TOO_LARGE;
	/* libcurl has one code for an unknown scheme and for an answer that is no HTTP. */
	curl_easy_getinfo(c, CURLINFO_NUM_CONNECTS, &connects);
	return !connects && (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) ? RC_INVALID : RC_BUSY;
}

enum rc net_fetch(struct arena *a, const struct net_req *req, struct net_res *out, struct str *why_out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sink head = { .buf = BUF(a) }, body = { .buf = BUF(a) };
	long status = 0;
	pthread_once(&once, curl_once);
	CURL *c CLEANUP(curl_closep) = curl_easy_init();
	if (!c)
		return RC_FAIL;
	struct curl_slist *headers CLEANUP(slist_freep) = headers_list(req);
	options_set(c, req, headers, &head, &body);
	CURLcode code = curl_easy_perform(c);
	if (code != CURLE_OK)
		return failed(a, c, req, code, head.too_large || body.too_large, why_out);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	*out = (struct net_res){ (int)status, buf_str(&head.buf), buf_str(&body.buf) };
	return RC_OK;
}

struct str net_header(const struct net_res *res, const char *name)
{
	struct str line, rest = res->headers, key, value;
	while (str_next(&rest, '\n', &line))
		if (str_cut(line, ':', &key, &value) && str_ieq(key, str_of(name)))
			return str_trim(value);
	return STR_NONE;
}
