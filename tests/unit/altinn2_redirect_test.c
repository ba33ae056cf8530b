#include "altinn2/internal.h"
#include "altinn2/redirect.h"
#include "publish_kit.h"

#define RESOURCE(id)                                                                                                   \
	"{\"identifier\":\"" id "\",\"resourceType\":\"Consent\",\"versionId\":1,\"title\":{\"nb\":\"R\"},"            \
	"\"hasCompetentAuthority\":{\"organization\":\"991825827\",\"orgcode\":\"ttd\",\"name\":{\"nb\":\"T\"}}}"
#define SERVICE(code, domains)                                                                                         \
	"{\"serviceCode\":\"" code "\",\"serviceEditionCode\":1,\"resource\":\"r\","                                   \
	"\"srr\":[{\"orgno\":\"810419512\",\"allowedRedirectDomains\":[" domains "]}]}"
#define WORLD                                                                                                                           \
	"{\"resources\":[" RESOURCE("r") "],\"altinn2\":{\"services\":[" SERVICE(                                                       \
		"1",                                                                                                                    \
		"\"*.bank.example\",\"https://only.example\",\"bankapp://consent\"") "," SERVICE("2",                                   \
												 "\"a.bank.example\"") "," SERVICE("3", \
																   "") "]}}"

static void test_altinn2_redirect__domains(void **state)
{
	(void)state;
	// clang-format off
	static const struct {
		const char *services[2];
		const char *address;
		bool allowed;
	} rows[] = {
		{ { "1_1" }, "https://a.bank.example/x?y=1#z", true },
		{ { "1_1" }, "http://a.bank.example", true },
		{ { "1_1" }, "https://bank.example", false },
		{ { "1_1" }, "https://a.bank.example.evil.example", false },
		{ { "1_1" }, "https://evil.example/a.bank.example", false },
		{ { "1_1" }, "https://a.bank.example@evil.example", false },
		{ { "1_1" }, "https://only.example/", true },
		{ { "1_1" }, "http://only.example/", false },
		{ { "1_1" }, "bankapp://consent?x=1", true },
		{ { "1_1" }, "otherapp://consent", false },
		{ { "1_1", "2_1" }, "https://a.bank.example", true },
		{ { "1_1", "2_1" }, "https://b.bank.example", false },
		{ { "1_1", "3_1" }, "https://b.bank.example", true },
		{ { "3_1" }, "https://any.example", true },
		{ { "3_1" }, "javascript:alert(1)", false },
		{ { "3_1" }, "no address", false },
		{ { "3_1" }, "", false },
	};
	// clang-format on
	struct kit k;
	struct registry_box box;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, STR(WORLD));
	CHECK_RC(registry_init(&box, k.store), RC_OK);
	const struct registry *r = registry_hold(&box);
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct altinn2_service *services[2];
		size_t n = 0;
		for (; n < 2 && rows[i].services[n]; n++)
			services[n] = altinn2_service(r, str_of(rows[i].services[n]));
		if (altinn2_redirect_allowed(&k.a, r, services, n, STR("810419512"), str_of(rows[i].address)) !=
		    rows[i].allowed)
			fail_msg("%s", rows[i].address);
	}
	registry_release(r);
	registry_finish(&box);
	kit_close(&k);
}

static int prepare(void **state)
{
	(void)state;
	seed_extend(altinn2_sections, ALTINN2_SECTIONS);
	registry_extend(&altinn2_part);
	return 0;
}

T_MAIN_WITH(prepare, NULL, cmocka_unit_test(test_altinn2_redirect__domains))
