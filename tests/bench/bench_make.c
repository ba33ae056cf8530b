/* Makes request files for bench_load: "LENGTH\n" before each raw HTTP request.
 *   bench_make creates N BEARER FROM TO           creates of consent requests with fresh ids
 *   bench_make grants N JWK_FILE CLIENT ISSUER SCOPE NOW FROM <IDS   consent token grants; one consent id a line on
 * stdin, in turn bench_make get N PATH COOKIE                  N times the same GET */
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

static struct jwk *key_read(const char *path)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	static char text[16384];
	const struct js *o;
	struct jwk *key = NULL;
	FILE *f = fopen(path, "re");

	size_t n = f ? fread(text, 1, sizeof text, f) : 0;
	if (f)
		fclose(f);
	if (js_parse(&a, str_span(text, n), NULL, &o, NULL) != RC_OK || jwk_parse(o, &key, NULL) != RC_OK)
		return NULL;
	return key;
}

static int grants(long n, char **v)
{
	struct jwk *key = key_read(v[0]);
	static char ids[100000][40];
	size_t n_ids = 0;
	long long now = strtoll(v[4], NULL, 10);

	while (n_ids < LEN(ids) && fgets(ids[n_ids], sizeof ids[0], stdin))
		ids[n_ids++][36] = 0;
	if (!key || n_ids == 0)
		return 1;
	for (long i = 0; i < n; i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct buf form = BUF(&a);
		struct str jwt, claims = arena_fmt(&a,
						   "{\"aud\":\"%s\",\"iss\":\"%s\",\"scope\":\"%s\",\"iat\":%lld,"
						   "\"exp\":%lld,\"jti\":\"%.*s\",\"authorization_details\":"
						   "[{\"type\":\"urn:altinn:consent\",\"id\":\"%s\",\"from\":\"%s\"}]}",
						   v[2], v[1], v[3], now, now + 120, STR_FMT(uuid_str(&a, uuid_v4())),
						   ids[(size_t)i % n_ids], v[5]);
		if (jws_sign(&a, key, JOSE_RS256, STR_NONE, claims, &jwt) != RC_OK)
			return 1;
		buf_lit(&form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
		buf_add(&form, jwt);
		request_print("POST", "/token", "Content-Type: application/x-www-form-urlencoded\r\n", buf_str(&form));
	}
	jwk_unref(key);
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

	if (n > 0 && argc == 6 && strcmp(argv[1], "creates") == 0)
		creates(n, argv + 3);
	else if (n > 0 && argc == 9 && strcmp(argv[1], "grants") == 0)
		return grants(n, argv + 3);
	else if (n > 0 && argc == 5 && strcmp(argv[1], "get") == 0)
		gets(n, argv + 3);
	else
		return 2;
	return 0;
}
