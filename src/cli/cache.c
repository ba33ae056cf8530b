#include "cli/cache_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/files.h"
#include "jose/jose.h"
#include "net/net.h"

#define NAME_LEN 64 /* SHA-256 in hex */

static void dir_closep(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

/* ---- the path ---- */

static const char *dir_name(struct arena *a, const char *dir)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	if (dir)
		return dir;
	if (base && *base == '/') /* = XDG Base Directory: a relative path is ignored */
		return arena_cstr(a, arena_fmt(a, "%s/samtykke", base));
	return home && *home ? arena_cstr(a, arena_fmt(a, "%s/.cache/samtykke", home)) : NULL;
}

/* Hashes JSON, in which different keys never have the same text. */
static struct str file_name(struct arena *a, const struct cache_key *k)
{
	struct buf b = BUF(a), hex = BUF(a);
	struct jsw w = JSW(&b);
	uint8_t digest[32];
	jsw_arr(&w);
	jsw_z(&w, consumer_issuer(k->consumer, a));
	jsw_z(&w, consumer_client_id(k->consumer));
	jsw_z(&w, k->scope);
	jsw_str(&w, str_of(k->consent));
	jsw_str(&w, str_of(k->from));
	jsw_str(&w, str_of(k->consumer->consumer_org));
	jsw_end_arr(&w);
	jose_sha256_into(buf_str(&b), digest);
	buf_hex(&hex, str_span(digest, sizeof digest));
	return buf_str(&hex);
}

struct str cache_path(struct arena *a, const char *dir, const struct cache_key *k)
{
	const char *parent = dir_name(a, dir);
	return parent ? arena_fmt(a, "%s/%.*s", parent, STR_FMT(file_name(a, k))) : STR_NONE;
}

/* ---- reading ---- */

static int64_t fixed_now(void *ctx)
{
	return *(const int64_t *)ctx;
}

/* One request gives both the keys and, in its Date header, the time. */
static bool issuer_ask(struct arena *a, const struct consumer_opts *o, struct str *jwks_out, int64_t *now_out)
{
	const char *url = arena_cstr(a, arena_fmt(a, "%sjwk", consumer_issuer(o, a)));
	struct net_res res;
	if (net_fetch(a, &(struct net_req){ .method = "GET", .url = url, .ca_file = consumer_cacert(o) }, &res, NULL) !=
		    RC_OK ||
	    res.status != 200)
		return false;
	*jwks_out = res.body;
	*now_out = clock_real();
	return o->system_time || clock_http_parse(net_header(&res, "Date"), now_out) == RC_OK;
}

static bool token_is_usable(struct arena *a, struct str token, const struct cache_key *k)
{
	struct samtykke_verifier *v CLEANUP(consumer_verifier_closep) = NULL;
	struct samtykke_token *t CLEANUP(consumer_token_closep) = NULL;
	struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	struct str jwks;
	int64_t now;

	if (!issuer_ask(a, k->consumer, &jwks, &now))
		return false;
	o.issuer = consumer_issuer(k->consumer, a);
	o.jwks_json = arena_cstr(a, jwks);
	o.ca_file = consumer_cacert(k->consumer);
	o.now = fixed_now;
	o.now_ctx = &now;
	if (samtykke_verifier_create(&o, &v) != SAMTYKKE_OK ||
	    samtykke_verify(v, token.p, token.n, &e, &t) != SAMTYKKE_OK)
		return false;
	if (samtykke_token_expires(t) - now <= CACHE_SPARE_S * CLOCK_SECOND)
		return false;
	return !k->consent || samtykke_token_status(v, t, NULL) < SAMTYKKE_STATUS_REVOKED;
}

/* A file that others may have written or can read is not used. */
static bool is_private_file(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

struct str cache_get(struct arena *a, struct str path, const struct cache_key *k)
{
	const char *file = arena_cstr(a, path);
	struct str token;
	if (!path.p || !is_private_file(file) || file_read(a, file, CACHE_MAX_TOKEN, &token) != RC_OK)
		return STR_NONE;
	token = str_trim(token);
	return token_is_usable(a, token, k) ? token : STR_NONE;
}

/* ---- writing ---- */

static bool is_cache_name(const char *name)
{
	return strlen(name) == NAME_LEN && strspn(name, "0123456789abcdef") == NAME_LEN;
}

/* Each consent has a file of its own: without this the directory would grow without end. */
static void old_files_remove(const char *dir)
{
	DIR *d CLEANUP(dir_closep) = opendir(dir);
	int64_t oldest = clock_real() / CLOCK_SECOND - CACHE_KEEP_S;
	struct stat st;

	for (struct dirent *e; d && (e = readdir(d));)
		if (is_cache_name(e->d_name) && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtime < oldest)
			(void)unlinkat(dirfd(d), e->d_name, 0);
}

static bool dir_make(struct arena *a, struct str path)
{
	const char *dir = arena_cstr(a, path), *slash = strrchr(dir, '/');
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return true;
	if (errno != ENOENT || !slash || slash == dir)
		return false;
	return dir_make(a, str_span(dir, (size_t)(slash - dir))) && (mkdir(dir, 0700) == 0 || errno == EEXIST);
}

void cache_put(struct arena *a, struct str path, const char *token)
{
	struct str dir, line = arena_fmt(a, "%s\n", token);
	char *temporary;
	if (!path.p || line.n > CACHE_MAX_TOKEN)
		return;
	assert(path.n > NAME_LEN && path.p[path.n - NAME_LEN - 1] == '/');
	dir = str_span(path.p, path.n - NAME_LEN - 1);
	temporary = (char *)(uintptr_t)arena_cstr(a, arena_fmt(a, "%.*s.XXXXXX", STR_FMT(path)));
	if (!dir_make(a, dir))
		return;
	int fd = mkstemp(temporary); /* with mode 0600 */
	if (fd < 0)
		return;
	bool whole = write(fd, line.p, line.n) == (ssize_t)line.n;
	if (close(fd) != 0 || !whole || rename(temporary, arena_cstr(a, path)) != 0)
		(void)unlink(temporary);
	old_files_remove(arena_cstr(a, dir));
}
