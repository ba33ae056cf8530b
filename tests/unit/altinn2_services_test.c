#include "altinn2/internal.h"
#include "publish_kit.h"

#define RESOURCE(id)                                                                                                   \
	"{\"identifier\":\"" id "\",\"resourceType\":\"Consent\",\"versionId\":1,\"title\":{\"nb\":\"R\"},"            \
	"\"hasCompetentAuthority\":{\"organization\":\"991825827\",\"orgcode\":\"ttd\",\"name\":{\"nb\":\"T\"}}}"
#define WORLD                                                                                                                        \
	"{\"resources\":[" RESOURCE("r") "," RESOURCE(                                                                               \
		"other") "],\"altinn2\":{"                                                                                           \
			 "\"apiKeys\":[{\"key\":\"abc\",\"orgno\":\"810419512\"}],\"services\":["                                    \
			 "{\"serviceCode\":\"4628\",\"serviceEditionCode\":210607,\"resource\":\"r\",\"payload\":1,"                 \
			 "\"metadataNames\":{\"fraOgMed\":\"fraogmed\"},\"srr\":[{\"orgno\":\"810419512\","                          \
			 "\"allowedRedirectDomains\":[\"*.bank.example\"],\"handledBy\":\"810418192\",\"keepSessionAlive\":true}]}," \
			 "{\"serviceCode\":\"4628\",\"serviceEditionCode\":1,\"resource\":\"r\"}]}}"

static void test_altinn2_services__lookups(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, STR(WORLD));
	CHECK_RC(registry_init(&box, k.store), RC_OK);
	const struct registry *r = registry_hold(&box);

	const struct altinn2_service *s = altinn2_service(r, STR("4628_210607"));
	assert_non_null(s);
	CHECK_STR(s->code, STR("4628"));
	assert_int_equal(s->edition, 210607);
	CHECK_STR(s->resource, STR("r"));
	assert_int_equal(s->payload, 1);
	assert_int_equal(altinn2_service(r, STR("4628_1"))->payload, ALTINN2_PAYLOADS);
	assert_null(altinn2_service(r, STR("4628_2")));
	CHECK_STR(altinn2_service_of(r, STR("r"))->id, STR("4628_1"));
	assert_null(altinn2_service_of(r, STR("other")));
	CHECK(registry_mapped(r, STR("r")));
	CHECK(!registry_mapped(r, STR("other")));

	const struct srr_entry *e = altinn2_srr(s, STR("810419512"));
	assert_non_null(e);
	CHECK(s->srr && e->keep_session && e->n_domains == 1);
	CHECK_STR(e->domains[0], STR("*.bank.example"));
	CHECK_STR(e->handled_by, STR("810418192"));
	assert_null(altinn2_srr(s, STR("810418192")));
	CHECK(!altinn2_service(r, STR("4628_1"))->srr);

	CHECK_STR(altinn2_api_key(&k.a, r, STR("abc")), STR("810419512"));
	CHECK(!altinn2_api_key(&k.a, r, STR("abd")).p);
	CHECK_STR(altinn2_key_of(&k.a, s, STR("FRAOGMED")), STR("fraogmed"));
	CHECK_STR(altinn2_key_of(&k.a, s, STR("tilOgMed")), STR("tilogmed"));
	CHECK_STR(altinn2_name_of(s, STR("fraogmed")), STR("fraOgMed"));
	CHECK_STR(altinn2_name_of(s, STR("tilogmed")), STR("tilogmed"));

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

T_MAIN_WITH(prepare, NULL, cmocka_unit_test(test_altinn2_services__lookups))
