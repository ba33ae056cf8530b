#include "cli/cache_internal.h"
#include "t.h"

#include <sys/stat.h>

static const struct consumer_opts consumer = { .url = "http://a.example",
					       .issuer = "http://a.example/",
					       .client_id = "c" };
static const struct cache_key key = { .consumer = &consumer, .scope = "s" };

/* The last 64 characters. */
static struct str name(struct str path)
{
	CHECK(path.n > 64);
	return str_span(path.p + path.n - 64, 64);
}

static void test_cache__lies_where_the_environment_says(void **state)
{
	(void)state;
	static const struct {
		const char *xdg, *home, *dir, *want;
	} t[] = {
		{ "/x", "/h", NULL, "/x/samtykke/" },
		{ "/x", "/h", "d", "d/" },
		{ NULL, "/h", NULL, "/h/.cache/samtykke/" },
		{ "", "/h", NULL, "/h/.cache/samtykke/" },
		{ "relative", "/h", NULL, "/h/.cache/samtykke/" }, /* the specification: ignored */
		{ NULL, "", NULL, NULL },
		{ NULL, NULL, NULL, NULL },
	};
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK((t[i].xdg ? setenv("XDG_CACHE_HOME", t[i].xdg, 1) : unsetenv("XDG_CACHE_HOME")) == 0);
		CHECK((t[i].home ? setenv("HOME", t[i].home, 1) : unsetenv("HOME")) == 0);
		struct str path = cache_path(&a, t[i].dir, &key);
		CHECK(!path.p == !t[i].want);
		if (t[i].want)
			CHECK_STR(str_span(path.p, path.n - 64), str_of(t[i].want));
	}
	arena_finish(&a);
}

static void test_cache__each_request_has_a_file_of_its_own(void **state)
{
	(void)state;
	const struct consumer_opts issuer = { .issuer = "http://b.example/", .client_id = "c" };
	const struct consumer_opts client = { .issuer = "http://a.example/", .client_id = "d" };
	const struct consumer_opts supplier = { .issuer = "http://a.example/", .client_id = "c", .consumer_org = "1" };
	const struct cache_key keys[] = {
		key,
		{ &issuer, "s", NULL, NULL },
		{ &client, "s", NULL, NULL },
		{ &supplier, "s", NULL, NULL },
		{ &consumer, "t", NULL, NULL },
		{ &consumer, "s", "t", NULL },
		{ &consumer, "s", "", NULL },
		{ &consumer, "s", NULL, "t" },
		{ &consumer, "s", NULL, "" },
		{ &consumer, "s\",\"t", NULL, NULL }, /* as if it were two members */
	};
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(keys); i++) {
		struct str path = cache_path(&a, "d", &keys[i]);
		CHECK(strspn(path.p + 2, "0123456789abcdef") == 64 && path.n == 66);
		CHECK_STR(path, cache_path(&a, "d", &keys[i]));
		for (size_t k = 0; k < i; k++)
			CHECK(!str_eq(name(path), name(cache_path(&a, "d", &keys[k]))));
	}
	arena_finish(&a);
}

static void test_cache__writes_for_its_owner_only(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct stat st;
	char base[] = "/tmp/samtykke-cache.XXXXXX";
	CHECK(mkdtemp(base));
	const char *dir = arena_cstr(&a, arena_fmt(&a, "%s/a/b", base));
	struct str path = cache_path(&a, dir, &key);
	cache_put(&a, path, "eyJ.eyJ.x");
	CHECK(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK(stat(arena_cstr(&a, path), &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_size == 10);
	cache_put(&a, STR_NONE, "eyJ.eyJ.x"); /* no place: nothing happens */
	CHECK(!cache_get(&a, STR_NONE, &key).p);
	CHECK(unlink(arena_cstr(&a, path)) == 0 && rmdir(dir) == 0);
	CHECK(!cache_get(&a, path, &key).p);
	CHECK(rmdir(arena_cstr(&a, arena_fmt(&a, "%s/a", base))) == 0 && rmdir(base) == 0);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_cache__lies_where_the_environment_says),
       cmocka_unit_test(test_cache__each_request_has_a_file_of_its_own),
       cmocka_unit_test(test_cache__writes_for_its_owner_only))
