#include "http/engine_internal.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#define BUCKETS 1024
#define PREFIX_V4 96  /* bits before the address in ::ffff:a.b.c.d */
#define SUBSCRIBER 64 /* bits of IPv6 */

static const uint8_t v4_prefix[12] = { [10] = 0xff, [11] = 0xff };

struct network {
	struct in6_addr at;
	unsigned bits;
};

struct address_share {
	struct address address;
	unsigned n;
	struct address_share *next;
};

struct shares {
	pthread_mutex_t lock;
	unsigned each;
	size_t n_trusted;
	struct network *trusted;
	struct address_share *buckets[BUCKETS];
};

/* ---- addresses ---- */

static struct in6_addr in6_of_v4(const void *v4)
{
	struct in6_addr a;
	memcpy(a.s6_addr, v4_prefix, sizeof v4_prefix);
	memcpy(a.s6_addr + sizeof v4_prefix, v4, 4);
	return a;
}

static struct in6_addr in6_of(const struct sockaddr_storage *at)
{
	if (at->ss_family == AF_INET)
		return in6_of_v4(&((const struct sockaddr_in *)at)->sin_addr);
	if (at->ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)at)->sin6_addr;
	return (struct in6_addr){ 0 };
}

static bool in6_parse(struct str text, struct in6_addr *out)
{
	char z[INET6_ADDRSTRLEN];
	struct in_addr v4;
	if (text.n >= sizeof z || memchr(text.p, '\0', text.n))
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	if (inet_pton(AF_INET6, z, out) == 1)
		return true;
	if (inet_pton(AF_INET, z, &v4) != 1)
		return false;
	*out = in6_of_v4(&v4);
	return true;
}

static struct address address_of_in6(const struct in6_addr *in6)
{
	struct address a = { { 0 } };
	bool v4 = IN6_IS_ADDR_V4MAPPED(in6) || IN6_IS_ADDR_LOOPBACK(in6);
	memcpy(a.b, in6->s6_addr, v4 ? sizeof a.b : SUBSCRIBER / 8);
	return a;
}

struct address address_of(const struct sockaddr_storage *at)
{
	struct in6_addr in6 = in6_of(at);
	return address_of_in6(&in6);
}

bool address_is_loopback(const struct address *a)
{
	struct in6_addr in6;
	memcpy(&in6, a->b, sizeof in6);
	return IN6_IS_ADDR_LOOPBACK(&in6) || (IN6_IS_ADDR_V4MAPPED(&in6) && a->b[12] == IN_LOOPBACKNET);
}

/* ---- trusted networks ---- */

static bool network_parse(struct str text, struct network *out)
{
	struct str host, bits;
	uint64_t n;
	bool part = str_cut(text, '/', &host, &bits);
	if (!in6_parse(host, &out->at))
		return false;
	unsigned before = IN6_IS_ADDR_V4MAPPED(&out->at) && memchr(host.p, '.', host.n) ? PREFIX_V4 : 0;
	if (!part)
		n = 128 - before;
	else if (str_u64(bits, &n) != RC_OK || n > 128 - before)
		return false;
	out->bits = before + (unsigned)n;
	return true;
}

static bool network_has(const struct network *net, const struct in6_addr *in6)
{
	unsigned bytes = net->bits / 8, rest = net->bits % 8;
	if (memcmp(net->at.s6_addr, in6->s6_addr, bytes) != 0)
		return false;
	return rest == 0 || (net->at.s6_addr[bytes] ^ in6->s6_addr[bytes]) >> (8 - rest) == 0;
}

static bool trusted(const struct shares *s, const struct in6_addr *in6)
{
	for (size_t i = 0; i < s->n_trusted; i++)
		if (network_has(&s->trusted[i], in6))
			return true;
	return false;
}

bool shares_trust(const struct shares *s, const struct sockaddr_storage *at)
{
	struct in6_addr in6 = in6_of(at);
	return trusted(s, &in6);
}

/* "1.2.3.4", "2001:db8::1", and with a port: "1.2.3.4:5", "[2001:db8::1]:5". */
static bool hop_parse(struct str text, struct in6_addr *out)
{
	struct str host, port;
	if (text.n && text.p[0] == '[')
		return str_cut(str_span(text.p + 1, text.n - 1), ']', &host, &port) && in6_parse(host, out);
	if (in6_parse(text, out))
		return true;
	return str_cut(text, ':', &host, &port) && in6_parse(host, out);
}

bool shares_forwarded(const struct shares *s, const struct http_req *req, struct address *out)
{
	for (size_t i = req->n_headers; i-- > 0;) {
		struct str rest = req->headers[i].value;
		if (!str_ieq(req->headers[i].name, STR("X-Forwarded-For")))
			continue;
		for (bool more = true; more;) {
			const char *comma = rest.n ? memrchr(rest.p, ',', rest.n) : NULL;
			size_t from = comma ? (size_t)(comma - rest.p) + 1 : 0;
			struct in6_addr hop = { 0 };
			bool known = hop_parse(str_trim(str_span(rest.p + from, rest.n - from)), &hop);
			*out = address_of_in6(&hop);
			if (!known || !trusted(s, &hop))
				return true;
			more = comma != NULL;
			rest.n = from ? from - 1 : 0;
		}
	}
	return false;
}

/* ---- places ---- */

static struct address_share **bucket_of(struct shares *s, const struct address *a)
{
	return &s->buckets[str_hash(str_span(a->b, sizeof a->b)) % BUCKETS];
}

static struct address_share *address_share_make(struct address_share **bucket, const struct address *a)
{
	struct address_share *h = calloc(1, sizeof *h);
	if (!h)
		return NULL;
	*h = (struct address_share){ .address = *a, .next = *bucket };
	*bucket = h;
	return h;
}

struct address_share *address_enter(struct shares *s, const struct address *a)
{
	pthread_mutex_lock(&s->lock);
	struct address_share **bucket = bucket_of(s, a), *h = *bucket;
	while (h && memcmp(&h->address, a, sizeof *a) != 0)
		h = h->next;
	if (!h)
		h = address_share_make(bucket, a);
	if (h && h->n == s->each)
		h = NULL;
	if (h)
		h->n++;
	pthread_mutex_unlock(&s->lock);
	return h;
}

void address_leave(struct shares *s, struct address_share *h)
{
	if (!h)
		return;
	pthread_mutex_lock(&s->lock);
	assert(h->n > 0);
	if (--h->n == 0) {
		struct address_share **at = bucket_of(s, &h->address);
		while (*at != h)
			at = &(*at)->next;
		*at = h->next;
		free(h);
	}
	pthread_mutex_unlock(&s->lock);
}

static enum rc trusted_read(struct shares *s, struct str text, struct str *bad_out)
{
	size_t most = 1;
	for (size_t i = 0; i < text.n; i++)
		most += text.p[i] == ',' || text.p[i] == ' ';
	s->trusted = calloc(most, sizeof *s->trusted);
	if (!s->trusted)
		return RC_FAIL;
	for (struct str part, words; str_next(&text, ',', &words);)
		for (; str_next(&words, ' ', &part);) {
			part = str_trim(part);
			*bad_out = part;
			if (part.n && !network_parse(part, &s->trusted[s->n_trusted++]))
				return RC_INVALID;
		}
	return RC_OK;
}

enum rc shares_create(unsigned each, const char *trusted_networks, struct shares **out, struct str *bad_out)
{
	assert(each > 0);
	struct shares *s = calloc(1, sizeof *s);
	if (!s)
		return RC_FAIL;
	pthread_mutex_init(&s->lock, NULL);
	s->each = each;
	enum rc rc = trusted_read(s, str_of(trusted_networks ? trusted_networks : ""), bad_out);
	if (rc == RC_OK)
		*out = s;
	else
		shares_destroy(s);
	return rc;
}

void shares_destroy(struct shares *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		assert(!s->buckets[i]); /* every place was given back */
	pthread_mutex_destroy(&s->lock);
	free(s->trusted);
	free(s);
}
