#include "internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/b64.h"
#include "base/zip.h"

#define TTL_DEFAULT_S 10
#define TTL_MAX_S 3600
#define RETRY (1 * CLOCK_SECOND) /* pause before a list whose fetch failed is fetched again */
#define URI_MAX 2048             /* bytes */

/* One list as it was fetched, or the reason why there is none. Immutable once it is in a slot. */
struct status_copy {
	_Atomic int refs;
	struct arena arena;
	struct str uri;
	const char *why; /* why there is no list; NULL: there is one */
	struct status_list list;
	/* µs of the verifier's clock */
	int64_t fetched;
	int64_t until;
};

static void copy_release(struct status_copy *c)
{
	if (c && atomic_fetch_sub(&c->refs, 1) == 1) {
		arena_finish(&c->arena);
		free(c);
	}
}

static void copy_releasep(struct status_copy **c)
{
	copy_release(*c);
}

void statuses_init(struct statuses *s)
{
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->fetching, NULL);
}

void statuses_finish(struct statuses *s)
{
	for (size_t i = 0; i < LEN(s->slots); i++)
		copy_release(s->slots[i].copy);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->fetching);
}

/* ---- a list ---- */
static const char *bits_read(struct arena *a, const struct js *list, struct status_list *out)
{
	struct str lst, packed;
	int64_t bits;
	if (js_member_i64(list, "bits", &bits) != RC_OK || (bits != 1 && bits != 2 && bits != 4 && bits != 8))
		return "the status list's bits are none of 1, 2, 4, 8";
	if (js_member_str(list, "lst", &lst) != RC_OK || b64url_decode(a, lst, &packed) != RC_OK)
		return "the status list holds no lst";
	enum rc rc = zip_inflate(a, packed, STATUS_LIST_MAX, &out->bytes);
	if (rc != RC_OK)
		return rc == RC_TOO_LARGE ? "the status list is too large" : "the status list cannot be unpacked";
	out->width = (unsigned)bits;
	return NULL;
}

static const char *times_read(const struct js *claims, int64_t now_s, struct status_list *out)
{
	struct jwt_times t;
	if (jwt_times(claims, &t) != RC_OK)
		return "the status list's times are no times";
	if (t.has_exp && t.exp <= now_s)
		return "the status list has expired";
	out->left_s = t.has_exp && t.exp - now_s < TTL_MAX_S ? t.exp - now_s : TTL_MAX_S;
	const struct js *ttl = js_get(claims, "ttl");
	if (ttl && (js_seconds(ttl, &out->ttl_s) != RC_OK || out->ttl_s < 0))
		return "the status list's ttl is no number of seconds";
	if (!ttl)
		out->ttl_s = TTL_DEFAULT_S;
	return NULL;
}

const char *status_list_read(struct arena *a, struct str payload, struct str uri, int64_t now_s,
			     struct status_list *out)
{
	struct status_list l = { 0 };
	const struct js *claims;
	struct str sub;
	if (js_parse(a, payload, NULL, &claims, NULL) != RC_OK || !js_is(claims, JS_OBJECT))
		return "the status list is no JSON object";
	if (js_member_str(claims, "sub", &sub) != RC_OK || !str_eq(sub, uri))
		return "the status list is another one than the token names";
	const char *why = times_read(claims, now_s, &l);
	if (!why)
		why = bits_read(a, js_get(claims, "status_list"), &l);
	if (!why)
		*out = l;
	return why;
}

bool status_list_at(const struct status_list *l, int64_t idx, unsigned *out)
{
	assert(l->width == 1 || l->width == 2 || l->width == 4 || l->width == 8);
	size_t in_byte = 8 / l->width;

	if (idx < 0 || (uint64_t)idx / in_byte >= l->bytes.n)
		return false;
	unsigned shift = (unsigned)((uint64_t)idx % in_byte) * l->width;
	*out = ((unsigned)(unsigned char)l->bytes.p[(uint64_t)idx / in_byte] >> shift) & ((1u << l->width) - 1);
	return true;
}

/* ---- fetching ---- */
static const char *signature_why(struct statuses *s, const struct jws *jws)
{
	struct jwk *key CLEANUP(jwk_unrefp) = NULL;

	if (!str_is(jws->typ, "statuslist+jwt") && !str_is(jws->typ, "application/statuslist+jwt"))
		return "what stands in the status list's place is none";
	enum rc rc = keyset_key(s->keys, jws->kid, jws->alg, &key);
	if (rc == RC_BUSY)
		return "the issuer's keys cannot be had";
	if (rc != RC_OK || jws_verify(jws, key) != RC_OK)
		return "the status list is not signed by the issuer";
	return NULL;
}

static const char *list_fetch(struct statuses *s, struct arena *a, struct str uri, int64_t now, struct status_list *out)
{
	static const char *const accept[] = { "Accept: application/statuslist+jwt", NULL };
	const struct net_req req = { .method = "GET",
				     .url = arena_cstr(a, uri),
				     .headers = accept,
				     .timeout_s = s->timeout_s,
				     .ca_file = s->ca_file };
	struct net_res res;
	struct jws jws;
	if (net_fetch(a, &req, &res, NULL) != RC_OK || res.status != 200)
		return "the status list cannot be fetched";
	enum rc rc = jws_parse_long(a, str_trim(res.body), &jws);
	if (rc != RC_OK)
		return rc == RC_TOO_LARGE ? "the status list is too large"
					  : "what stands in the status list's place is none";
	const char *why = signature_why(s, &jws);
	return why ? why : status_list_read(a, jws.payload, uri, now / CLOCK_SECOND, out);
}

static int64_t keep_time(const struct statuses *s, const struct status_list *l)
{
	int64_t max_s = s->max_age_s > 0 ? s->max_age_s : TTL_MAX_S;
	int64_t ttl_s = l->ttl_s < max_s ? l->ttl_s : max_s;
	return (ttl_s < l->left_s ? ttl_s : l->left_s) * CLOCK_SECOND;
}

static struct status_copy *copy_make(struct statuses *s, struct str uri, int64_t now)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct status_copy *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->refs = 1;
	c->uri = arena_str(&c->arena, uri);
	c->why = list_fetch(s, &a, uri, now, &c->list);
	c->fetched = now;
	c->until = now + (c->why ? RETRY : keep_time(s, &c->list));
	if (!c->why)
		c->list.bytes = arena_str(&c->arena, c->list.bytes);
	return c;
}

/* ---- the copies that are kept ---- */
static struct status_copy *copy_find(struct statuses *s, struct str uri, int64_t now)
{
	struct status_copy *found = NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < LEN(s->slots) && !found; i++) {
		struct status_slot *slot = &s->slots[i];
		if (!slot->copy || !str_eq(slot->copy->uri, uri))
			continue;
		if (now < slot->copy->fetched || now >= slot->copy->until)
			break;
		found = slot->copy;
		atomic_fetch_add(&found->refs, 1);
		slot->used = ++s->uses;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

/* Replaces an older copy of the same list, or the list that has been unused the longest. */
static void copy_keep(struct statuses *s, struct status_copy *c)
{
	assert(c->refs > 0 && c->until >= c->fetched);
	pthread_mutex_lock(&s->lock);
	struct status_slot *slot = &s->slots[0];
	for (size_t i = 0; i < LEN(s->slots); i++) {
		if (s->slots[i].copy && str_eq(s->slots[i].copy->uri, c->uri)) {
			slot = &s->slots[i];
			break;
		}
		if (s->slots[i].used < slot->used)
			slot = &s->slots[i];
	}
	struct status_copy *old = slot->copy;
	atomic_fetch_add(&c->refs, 1);
	*slot = (struct status_slot){ .copy = c, .used = ++s->uses };
	pthread_mutex_unlock(&s->lock);
	copy_release(old);
}

/* One fetch at a time: a caller that waited for the fetch of another one finds the new copy. */
static struct status_copy *copy_get(struct statuses *s, struct str uri, int64_t now)
{
	struct status_copy *c = copy_find(s, uri, now);
	if (c)
		return c;
	pthread_mutex_lock(&s->fetching);
	c = copy_find(s, uri, now);
	if (!c && (c = copy_make(s, uri, now)))
		copy_keep(s, c);
	pthread_mutex_unlock(&s->fetching);
	return c;
}

enum samtykke_status statuses_ask(struct statuses *s, const struct js *claim, int64_t now, const char **why_out)
{
	struct status_copy *c CLEANUP(copy_releasep) = NULL;
	const struct js *place = js_get(claim, "status_list");
	struct str uri;
	int64_t idx;
	unsigned value;

	*why_out = "the token does not say where its status stands";
	if (js_member_i64(place, "idx", &idx) != RC_OK || js_member_str(place, "uri", &uri) != RC_OK || uri.n > URI_MAX)
		return SAMTYKKE_STATUS_UNKNOWN;
	c = copy_get(s, uri, now);
	*why_out = c ? c->why : "out of memory";
	if (*why_out)
		return SAMTYKKE_STATUS_UNKNOWN;
	*why_out = "the token's place is beyond the end of the status list";
	if (!status_list_at(&c->list, idx, &value))
		return SAMTYKKE_STATUS_UNKNOWN;
	*why_out = value > 1 ? "the status list says neither valid nor revoked" : NULL;
	return value == 0 ? SAMTYKKE_STATUS_VALID : value == 1 ? SAMTYKKE_STATUS_REVOKED : SAMTYKKE_STATUS_UNKNOWN;
}
