/* Makes request files for bench_load: "LENGTH\n" before each raw HTTP request.
 *   bench_make creates N BEARER FROM TO                   creates of consent requests with fresh ids
 *   bench_make get N PATH COOKIE                          N times the same GET
 *   bench_make grants KEYS AUDIENCE SCOPE <LINES          JWT grants; a line "CLIENT KEY" or "CLIENT KEY CONSENT FROM"
 *   bench_make credentials KEYS AUDIENCE SCOPE PATH <LINES  the client credentials grant with private_key_jwt (RFC 7523
 *                                                         section 2.2); a line "CLIENT KEY"
 *   bench_make keys N ALG                                 a set of N private keys, what KEYS is a file of; KEY is an
 *                                                         index into it */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rand.h"
#include "jose/jose.h"

static void request_print(const char *method, const char *path, const char *headers, struct str body)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str r = arena_fmt(&a, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s", method, path, headers);

	if (body.n)
		r = arena_fmt(&a, "%.*sContent-Length: %zu\r\n", STR_FMT(r), body.n);
	printf("%zu\n%.*s\r\n", r.n + 2 + body.n, STR_FMT(r));
	fwrite(body.p, 1, body.n, stdout);
}

static void creates(long n, char **v)
{
	for (long i = 0; i < n; i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		char time[CLOCK_TEXT_MAX];
		struct str headers =
			arena_fmt(&a, "Authorization: Bearer %s\r\nContent-Type: application/json\r\n", v[0]);
		struct str id = uuid_str(&a, uuid_v4()), until = clock_text(clock_real() + 5 * CLOCK_DAY, time);
		struct str body = arena_fmt(
			&a,
			"{\"id\":\"%.*s\",\"from\":\"%s\",\"to\":\"%s\",\"validTo\":\"%.*s\",\"consentRights\":[{"
			"\"action\":[\"consent\"],"
			"\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"ttd_inntektsopplysninger\"}],"
			"\"metadata\":{\"inntektsaar\":\"2025\"}}],\"requestMessage\":{\"en\":\"Please approve this "
			"consent request\"},"
			"\"redirectUrl\":\"https://www.example.no/loan?id=%.*s\",\"portalViewMode\":\"Hide\"}",
			STR_FMT(id), v[1], v[2], STR_FMT(until), STR_FMT(id));
		request_print("POST", "/accessmanagement/api/v1/enterprise/consentrequests", arena_cstr(&a, headers),
			      body);
	}
}

static bool keys_read(const char *path, struct jwks *out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	static char text[65536];
	FILE *f = fopen(path, "re");

	size_t n = f ? fread(text, 1, sizeof text, f) : 0;
	if (f)
		fclose(f);
	return jwks_parse(&a, str_span(text, n), out) == RC_OK && out->n > 0;
}

/* Who asks, with which key, for which consent. */
struct asker {
	char client[64], consent[40], from[64];
	size_t key;
};

static bool asker_read(struct asker *k)
{
	char line[256];
	if (!fgets(line, sizeof line, stdin))
		return false;
	k->consent[0] = 0;
	return sscanf(line, "%63s %zu %39s %63s", k->client, &k->key, k->consent, k->from) >= 2;
}

static struct str assertion(struct arena *a, const struct jwks *keys, const struct asker *k, struct str claims)
{
	struct str jwt;
	const struct jwk *key = keys->keys[k->key % keys->n];
	if (jws_sign(a, key, jwk_alg(key), STR_NONE, claims, &jwt) != RC_OK)
		exit(1);
	return jwt;
}

/* = RFC 7523 section 3: the claims that both uses of an assertion have. */
static struct str claims_begin(struct arena *a, const struct asker *k, const char *audience)
{
	long long now = clock_real() / CLOCK_SECOND;
	return arena_fmt(a, "{\"aud\":\"%s\",\"iss\":\"%s\",\"iat\":%lld,\"exp\":%lld,\"jti\":\"%.*s\"", audience,
			 k->client, now, now + 120, STR_FMT(uuid_str(a, uuid_v4())));
}

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

static void grant(const struct jwks *keys, const struct asker *k, char **v)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf form = BUF(&a);
	struct str claims = claims_begin(&a, k, v[1]), details = STR("");
	if (k->consent[0])
		details = arena_fmt(&a,
				    ",\"authorization_details\":[{\"type\":\"urn:altinn:consent\",\"id\":\"%s\","
				    "\"from\":\"%s\"}]",
				    k->consent, k->from);
	claims = arena_fmt(&a, "%.*s,\"scope\":\"%s\"%.*s}", STR_FMT(claims), v[2], STR_FMT(details));
	buf_lit(&form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
	buf_add(&form, assertion(&a, keys, k, claims));
	request_print("POST", "/token", FORM, buf_str(&form));
}

static void credentials(const struct jwks *keys, const struct asker *k, char **v)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf form = BUF(&a);
	struct str claims = arena_fmt(&a, "%.*s,\"sub\":\"%s\"}", STR_FMT(claims_begin(&a, k, v[1])), k->client);
	buf_lit(&form, "grant_type=client_credentials&client_assertion_type="
		       "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&scope=");
	buf_url(&form, str_of(v[2]));
	buf_lit(&form, "&client_id=");
	buf_z(&form, k->client);
	buf_lit(&form, "&client_assertion=");
	buf_add(&form, assertion(&a, keys, k, claims));
	request_print("POST", v[3], FORM, buf_str(&form));
}

static int signed_requests(void (*one)(const struct jwks *, const struct asker *, char **), char **v)
{
	struct jwks keys = { 0 };
	struct asker k;

	if (!keys_read(v[0], &keys))
		return 1;
	while (asker_read(&k))
		one(&keys, &k, v);
	jwks_finish(&keys);
	return 0;
}

static int keys_make(long n, const char *alg_name)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	struct jsw w = JSW(&b);
	enum jose_alg alg;
	struct jwk *key;

	if (jose_alg_parse(str_of(alg_name), &alg) != RC_OK)
		return 2;
	jsw_obj(&w);
	jsw_key(&w, "keys");
	jsw_arr(&w);
	for (long i = 0; i < n; i++) {
		if (jwk_generate(alg, arena_fmt(&a, "bench-%ld", i), &key) != RC_OK)
			return 1;
		jwk_write_private(&w, key);
		jwk_unref(key);
	}
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	printf("%.*s\n", STR_FMT(buf_str(&b)));
	return 0;
}

static void gets(long n, char **v)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	const char *headers = arena_cstr(&a, arena_fmt(&a, "Cookie: %s\r\nAccept: text/html\r\n", v[1]));

	for (long i = 0; i < n; i++)
		request_print("GET", v[0], headers, STR(""));
}

int main(int argc, char **argv)
{
	long n = argc > 2 ? strtol(argv[2], NULL, 10) : 0;

	if (argc == 5 && strcmp(argv[1], "grants") == 0)
		return signed_requests(grant, argv + 2);
	if (argc == 6 && strcmp(argv[1], "credentials") == 0)
		return signed_requests(credentials, argv + 2);
	if (argc == 4 && strcmp(argv[1], "keys") == 0)
		return keys_make(n, argv[3]);
	if (n > 0 && argc == 6 && strcmp(argv[1], "creates") == 0)
		creates(n, argv + 3);
	else if (n > 0 && argc == 5 && strcmp(argv[1], "get") == 0)
		gets(n, argv + 3);
	else
		return 2;
	return 0;
}
