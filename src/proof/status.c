#include "proof/status.h"

#include <assert.h>
#include <stdlib.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/thread.h"
#include "base/zip.h"

#define ROUNDS 6
#define HALF_BITS 10
#define HALF (1 << HALF_BITS)
#define LIFE_TTLS 3                   /* exp: so many ttl after iat */
#define CLOCK_STEP (5 * CLOCK_SECOND) /* a clock that goes back further was moved, and the list is read again */

struct slot {
	bool used;
	int64_t list;
	char *jwt; /* the signed copy; under the lock, as the next three */
	size_t jwt_n;
	int64_t asked_at;  /* clock_mono() */
	int64_t looked_at; /* clock_mono() */
	/* of the working thread alone: all that follows */
	uint8_t *bits;
	uint16_t (*rounds)[HALF];
	bool changed;
	char *lst;
	struct uuid cursor; /* of what was revoked or used up */
	int64_t expired_to; /* clock_now() */
	int64_t signed_at;  /* clock_now() */
};

struct status_lists {
	struct arena arena;
	struct status_config c;
	uint8_t seed[STATUS_SEED_BYTES];
	struct monitor monitor;
	int64_t wanted[STATUS_WANTED_MAX];
	size_t n_wanted;
	int64_t count;
	int64_t counted_at;
	struct slot slots[STATUS_LISTS_KEPT];
};

/* ---- indexes: a Feistel network, which turns any function of its halves into a permutation ---- */
static uint16_t round_value(const struct status_lists *s, int64_t list, unsigned round, unsigned half)
{
	uint8_t in[STATUS_SEED_BYTES + sizeof list + 3], hash[32];
	memcpy(in, s->seed, sizeof s->seed);
	for (size_t i = 0; i < sizeof list; i++)
		in[sizeof s->seed + i] = (uint8_t)((uint64_t)list >> 8 * i);
	in[sizeof in - 3] = (uint8_t)round;
	in[sizeof in - 2] = (uint8_t)half;
	in[sizeof in - 1] = (uint8_t)(half >> 8);
	jose_sha256_into(str_span(in, sizeof in), hash);
	return (uint16_t)((hash[0] | hash[1] << 8) & (HALF - 1));
}

/* rounds: the values as a table; NULL: they are computed. */
static uint32_t permute(const struct status_lists *s, int64_t key, const uint16_t (*rounds)[HALF])
{
	assert(key >= 0);
	int64_t list = key / STATUS_LIST_SIZE;
	unsigned left = (unsigned)(key >> HALF_BITS) & (HALF - 1), right = (unsigned)key & (HALF - 1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned next = left ^ (rounds ? rounds[i][right] : round_value(s, list, i, right));
		left = right;
		right = next;
	}
	return (uint32_t)(left << HALF_BITS | right);
}

uint32_t status_index(const struct status_lists *s, int64_t key)
{
	return permute(s, key, NULL);
}

static struct str list_uri(const struct status_lists *s, struct arena *a, int64_t list)
{
	return arena_fmt(a, "%.*s/statuslists/%lld", STR_FMT(s->c.public_url), (long long)list);
}

struct str status_claim(const struct status_lists *s, struct arena *a, int64_t key)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_key(&w, "status_list");
	jsw_obj(&w);
	jsw_ki64(&w, "idx", status_index(s, key));
	jsw_kstr(&w, "uri", list_uri(s, a, key / STATUS_LIST_SIZE));
	jsw_end_obj(&w);
	jsw_end_obj(&w);
	return buf_str(&b);
}

/* ---- open and close ---- */
enum rc status_open(const struct status_config *c, struct status_lists **out)
{
	assert(c->store && c->ttl_s >= 1 && c->ttl_s <= STATUS_TTL_MAX_S);
	struct status_lists *s = calloc(1, sizeof *s);
	if (!s)
		return RC_FAIL;
	s->c = *c;
	s->c.public_url = arena_str(&s->arena, c->public_url);
	s->counted_at = INT64_MIN;
	monitor_init(&s->monitor);
	enum rc rc = status_seed(c->store, &s->arena, s->seed);
	if (rc != RC_OK) {
		status_close(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

static void slot_empty(struct slot *t)
{
	free(t->jwt);
	free(t->bits);
	free(t->rounds);
	free(t->lst);
	*t = (struct slot){ 0 };
}

void status_close(struct status_lists *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < LEN(s->slots); i++)
		slot_empty(&s->slots[i]);
	monitor_finish(&s->monitor);
	arena_finish(&s->arena);
	explicit_bzero(s->seed, sizeof s->seed);
	free(s);
}

int64_t status_ttl(const struct status_lists *s)
{
	return s->c.ttl_s;
}

/* ---- asking ---- */
static struct slot *slot_find(struct status_lists *s, int64_t list)
{
	for (size_t i = 0; i < LEN(s->slots); i++)
		if (s->slots[i].used && s->slots[i].list == list)
			return &s->slots[i];
	return NULL;
}

static void want(struct status_lists *s, int64_t list)
{
	for (size_t i = 0; i < s->n_wanted; i++)
		if (s->wanted[i] == list)
			return;
	if (s->n_wanted < STATUS_WANTED_MAX)
		s->wanted[s->n_wanted++] = list;
	monitor_wake(&s->monitor);
}

/* Under the lock. */
static enum rc get(struct status_lists *s, struct arena *a, int64_t list, int64_t since, struct str *out)
{
	struct slot *t = slot_find(s, list);
	if (t && t->jwt && t->looked_at >= since) {
		t->asked_at = clock_mono();
		*out = arena_str(a, str_span(t->jwt, t->jwt_n));
		return RC_OK;
	}
	if (list < 0 || (s->counted_at >= since && list >= s->count))
		return RC_NOT_FOUND;
	want(s, list);
	return RC_BUSY;
}

enum rc status_get(struct status_lists *s, struct arena *a, int64_t list, int64_t since, struct str *out)
{
	monitor_enter(&s->monitor);
	enum rc rc = get(s, a, list, since, out);
	monitor_leave(&s->monitor);
	return rc;
}

/* ---- a list's bits ---- */
static bool slot_prepare(const struct status_lists *s, struct slot *t)
{
	t->bits = t->bits ? t->bits : malloc(STATUS_BYTES);
	if (!t->bits)
		return false;
	memset(t->bits, 0, STATUS_BYTES);
	t->cursor = (struct uuid){ { 0 } };
	t->expired_to = 0;
	t->changed = true;
	if (t->rounds)
		return true;
	t->rounds = malloc(ROUNDS * sizeof *t->rounds);
	for (unsigned i = 0; t->rounds && i < ROUNDS; i++)
		for (unsigned half = 0; half < HALF; half++)
			t->rounds[i][half] = round_value(s, t->list, i, half);
	return t->rounds != NULL;
}

struct setter {
	const struct status_lists *s;
	struct slot *t;
};

static void bit_set(void *ctx, int64_t key)
{
	struct setter *k = ctx;
	assert(key / STATUS_LIST_SIZE == k->t->list); /* else the bit is another consent's */
	uint32_t i = permute(k->s, key, (const uint16_t(*)[HALF])k->t->rounds);
	uint8_t bit = (uint8_t)(1 << i % 8);
	k->t->changed |= !(k->t->bits[i / 8] & bit);
	k->t->bits[i / 8] |= bit;
}

static enum rc bits_read(const struct status_lists *s, struct slot *t, struct reader *r, int64_t now)
{
	struct setter k = { s, t };
	if ((!t->bits || !t->rounds || now < t->expired_to - CLOCK_STEP) && !slot_prepare(s, t))
		return RC_FAIL;
	TRY(status_ended(r, t->list, &t->cursor, bit_set, &k));
	if (now > t->expired_to) {
		TRY(status_expired(r, t->list, t->expired_to, now, bit_set, &k));
		t->expired_to = now;
	}
	return RC_OK;
}

/* ---- the signed list ---- */
enum rc status_pack(struct arena *a, const uint8_t bits[STATUS_BYTES], struct str *lst_out)
{
	struct str packed;
	TRY(zip_deflate(a, str_span(bits, STATUS_BYTES), &packed));
	*lst_out = b64url(a, packed);
	return RC_OK;
}

static char *heap_text(struct str s)
{
	char *p = malloc(s.n + 1);
	if (p) {
		memcpy(p, s.p, s.n);
		p[s.n] = '\0';
	}
	return p;
}

static enum rc lst_make(struct slot *t, struct arena *a)
{
	struct str lst;
	TRY(status_pack(a, t->bits, &lst));
	free(t->lst);
	t->lst = heap_text(lst);
	return t->lst ? RC_OK : RC_FAIL;
}

static enum rc list_sign(const struct status_lists *s, const struct slot *t, struct arena *a, int64_t now,
			 struct str *out)
{
	struct signer *signer;
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	int64_t iat = now / CLOCK_SECOND;
	jsw_obj(&w);
	jsw_kstr(&w, "sub", list_uri(s, a, t->list));
	jsw_ki64(&w, "iat", iat);
	jsw_ki64(&w, "exp", iat + LIFE_TTLS * s->c.ttl_s);
	jsw_ki64(&w, "ttl", s->c.ttl_s);
	jsw_key(&w, "status_list");
	jsw_obj(&w);
	jsw_ki64(&w, "bits", 1);
	jsw_kz(&w, "lst", t->lst);
	jsw_end_obj(&w);
	jsw_end_obj(&w);
	TRY(keyring_signer(s->c.keys, s->c.alg, &signer));
	return signer_sign_long(signer, a, STR("\"typ\":\"statuslist+jwt\""), buf_str(&b), out);
}

static bool sign_due(const struct status_lists *s, const struct slot *t, int64_t now)
{
	return t->changed || !t->jwt || now < t->signed_at || now >= t->signed_at + s->c.ttl_s * CLOCK_SECOND;
}

static enum rc list_renew(struct status_lists *s, struct slot *t, int64_t now)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str jwt;
	assert(t->used && t->bits);
	if (t->changed || !t->lst)
		TRY(lst_make(t, &a));
	TRY(list_sign(s, t, &a, now, &jwt));
	char *copy = heap_text(jwt);
	if (!copy)
		return RC_FAIL;
	monitor_enter(&s->monitor);
	char *old = t->jwt;
	t->jwt = copy;
	t->jwt_n = jwt.n;
	monitor_leave(&s->monitor);
	free(old);
	t->signed_at = now;
	t->changed = false;
	return RC_OK;
}

/* ---- the working thread ---- */
static struct slot *slot_take(struct status_lists *s, int64_t list)
{
	struct slot *oldest = &s->slots[0];
	monitor_enter(&s->monitor);
	struct slot *t = slot_find(s, list);
	for (size_t i = 1; !t && i < LEN(s->slots); i++) /* an empty one was last asked for at 0 */
		if (s->slots[i].asked_at < oldest->asked_at)
			oldest = &s->slots[i];
	if (!t) {
		t = oldest;
		slot_empty(t);
		t->used = true;
		t->list = list;
		t->asked_at = clock_mono();
	}
	monitor_leave(&s->monitor);
	return t;
}

static enum rc list_update(struct status_lists *s, struct reader *r, int64_t list, int64_t began)
{
	struct slot *t = slot_take(s, list);
	int64_t now = clock_now();
	TRY(bits_read(s, t, r, now));
	if (sign_due(s, t, now))
		TRY(list_renew(s, t, now));
	monitor_enter(&s->monitor);
	t->looked_at = began;
	monitor_leave(&s->monitor);
	return RC_OK;
}

static size_t wanted_take(struct status_lists *s, int64_t out[STATUS_WANTED_MAX])
{
	monitor_enter(&s->monitor);
	while (s->n_wanted == 0 && !s->monitor.stopped)
		monitor_wait(&s->monitor);
	size_t n = s->monitor.stopped ? 0 : s->n_wanted;
	memcpy(out, s->wanted, n * sizeof *out);
	s->n_wanted = 0;
	monitor_leave(&s->monitor);
	return n;
}

static enum rc count_read(struct status_lists *s, struct reader *r, int64_t began, int64_t *count_out)
{
	int64_t count;
	TRY(status_lists_count(r, &count));
	monitor_enter(&s->monitor);
	s->count = count;
	s->counted_at = began;
	monitor_leave(&s->monitor);
	*count_out = count;
	return RC_OK;
}

enum rc status_work(struct status_lists *s)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	int64_t wanted[STATUS_WANTED_MAX], count;
	size_t n = wanted_take(s, wanted);
	if (n == 0)
		return RC_NOT_FOUND;
	TRY(reader_open(s->c.store, false, &r));
	int64_t began = clock_mono();
	TRY(count_read(s, r, began, &count));
	for (size_t i = 0; i < n; i++)
		if (wanted[i] < count)
			TRY(list_update(s, r, wanted[i], began));
	return RC_OK;
}

void status_stop(struct status_lists *s)
{
	monitor_stop(&s->monitor);
}
