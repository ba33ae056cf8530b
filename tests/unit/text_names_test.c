#include "t.h"
#include "text/text.h"

static void test_names__table(void **state)
{
	(void)state;
	static const struct {
		const char *in, *want;
		enum party_type type;
	} rows[] = {
		{ "NYTTIG FREDFULL STRUTS LTD", "Nyttig Fredfull Struts Ltd", PARTY_ORG },
		{ "SMEKKFULL BANK AS", "Smekkfull Bank AS", PARTY_ORG },
		{ "smekkfull bank asa", "Smekkfull Bank ASA", PARTY_ORG },
		{ "AS NORGE", "As Norge", PARTY_ORG },
		{ "OSLO KOMMUNE", "Oslo kommune", PARTY_ORG },
		{ "KOMMUNE OG FYLKESKOMMUNE OG SØN", "Kommune og fylkeskommune og Søn", PARTY_ORG },
		{ "KARI OG", "Kari Og", PARTY_PERSON },
		{ "ELENA FJÆR", "Elena Fjær", PARTY_PERSON },
		{ "ØRJAN ÅS", "Ørjan Ås", PARTY_PERSON },
		{ "ANNE-MARIE ÅS-ØDEGÅRD", "Anne-Marie Ås-Ødegård", PARTY_PERSON },
		{ "OLA VON DER LIPPE", "Ola von der Lippe", PARTY_PERSON },
		{ "VAN GOGH", "Van Gogh", PARTY_PERSON },
		{ "A.B. HANSEN", "A.B. Hansen", PARTY_PERSON },
		{ "st.olavs", "St.olavs", PARTY_ORG },
		{ "ČÁHPPES ŠKŊĐŦŽ", "Čáhppes Škŋđŧž", PARTY_PERSON },
		{ "ŸVES ÉÈÊËÜÖÄÑÇÞÐ", "Ÿves Éèêëüöäñçþð", PARTY_PERSON },
		{ "éva łukasz žofia", "Éva Łukasz Žofia", PARTY_PERSON },
		{ "NGUYỄN", "Nguyễn", PARTY_PERSON },
		{ "A × B ÷ C ß", "A × B ÷ C ß", PARTY_PERSON },
		{ "  TO  ROM ", "  To  Rom ", PARTY_PERSON },
		{ "-", "-", PARTY_PERSON },
		{ "", "", PARTY_PERSON },
		{ "\xff\xfe HEI \xc3", "\xff\xfe Hei \xc3", PARTY_PERSON },
		{ "日本 КИРИЛ 😀X", "日本 КИРИЛ 😀x", PARTY_PERSON },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		CHECK_STR(text_display_name(&a, str_of(rows[i].in), rows[i].type), str_of(rows[i].want));
	}
}

static void test_names__absent_and_long(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	CHECK(!text_display_name(&a, STR_NONE, PARTY_ORG).p);
	CHECK(text_display_name(&a, STR(""), PARTY_ORG).p);
	struct buf b = BUF(&a);
	for (int i = 0; i < 20000; i++)
		buf_lit(&b, "Å-Ø ");
	CHECK(text_display_name(&a, buf_str(&b), PARTY_ORG).n == b.n);
}

static void test_names__masked_number(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	CHECK_STR(text_masked(&a, STR("01025161013")), STR("010251 *****"));
	CHECK(!text_masked(&a, STR("01025161014")).p);
	CHECK(!text_masked(&a, STR("810419512")).p);
	CHECK(!text_masked(&a, STR_NONE).p);
}

T_MAIN(cmocka_unit_test(test_names__masked_number), cmocka_unit_test(test_names__table),
       cmocka_unit_test(test_names__absent_and_long))
