#include "t.h"
#include "text/text.h"

#define MESSAGE(id, nb, nn, en) #id,
static const char *const ids[] = {
#include "text/messages.def"
};
#undef MESSAGE

/* Are all {keys} of `text` in `other` too? */
static bool keys_in(struct str text, struct str other)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '{')
			continue;
		ptrdiff_t end = str_find(str_span(text.p + i, text.n - i), STR("}"));
		if (end < 0 || str_find(other, str_span(text.p + i, (size_t)end + 1)) < 0)
			return false;
	}
	return true;
}

static void test_message__every_language(void **state)
{
	(void)state;
	for (unsigned id = 0; id < MSG__MAX; id++) {
		for (unsigned l = 0; l < LANG__MAX; l++) {
			struct str s = msg((enum msg)id, (enum lang)l);
			if (s.n == 0 || !str_utf8(s) || !str_eq(s, str_trim(s)))
				fail_msg("%s: empty, ill-formed or with blanks around it in language %u", ids[id], l);
			for (unsigned k = 0; k < LANG__MAX; k++)
				if (!keys_in(s, msg((enum msg)id, (enum lang)k)))
					fail_msg("%s: placeholders of languages %u and %u differ", ids[id], l, k);
		}
	}
}

static void test_message__published_labels(void **state)
{
	(void)state;
	CHECK_STR(msg(MSG_APPROVE_CONSENT, LANG_NB), STR("Ja, jeg gir samtykke"));
	CHECK_STR(msg(MSG_REJECT_POA, LANG_NN), STR("Nei, eg gir ikkje fullmakt"));
	CHECK_STR(msg(MSG_APPROVE_POA, LANG_EN), STR("Yes, I give power of attorney"));
}

/* One word for one thing, in each language. Two sentences of the portal keep its other word. */
static void test_message__words(void **state)
{
	(void)state;
	static const struct {
		enum lang lang;
		const char *word;
	} refused[] = {
		{ LANG_NB, "token" },      { LANG_NN, "token" },   { LANG_EN, "token" },    { LANG_NB, "ut over" },
		{ LANG_NN, "ut over" },    { LANG_NN, "avtaler" }, { LANG_NN, "trekkje" },  { LANG_NN, " ble " },
		{ LANG_EN, "Concerns" },   { LANG_EN, "ou find" }, { LANG_EN, "withdraw" }, { LANG_EN, "Withdraw" },
		{ LANG_EN, "authorized" }, { LANG_NB, "utover" },  { LANG_NN, "utover" },   { LANG_NB, "forstod" },
		{ LANG_NN, " kome " },     { LANG_EN, "eceiver" }, { LANG_EN, "etched" },   { LANG_EN, "once more" },
		{ LANG_EN, "Signed in" },
	};
	for (unsigned id = 0; id < MSG__MAX; id++)
		for (size_t i = 0; i < LEN(refused); i++)
			if (id != MSG_RECEIPT_BODY && id != MSG_RECEIPT_BODY_POA &&
			    str_find(msg((enum msg)id, refused[i].lang), str_of(refused[i].word)) >= 0)
				fail_msg("%s: \"%s\" in language %u", ids[id], refused[i].word, refused[i].lang);
}

/* What is not translated yet stands there in bokmål, and nobody is offered the language. */
static void test_message__northern_sami_is_prepared(void **state)
{
	(void)state;
	CHECK_STR(msg(MSG_MENU, LANG_SE), STR("Fállu"));
	CHECK_STR(msg(MSG_APPROVE_CONSENT, LANG_SE), STR("Ja, jeg gir samtykke"));
	assert_int_equal(LANG_SHIPPED, LANG_SE);
}

static void test_message__escapes(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	buf_msg(&b, MSG_LOGGED_IN_AS, LANG_EN, (const struct fill[]){ { "name", STR("<b>{name}</b>") }, { 0 } });
	CHECK_STR(buf_str(&b), STR("Logged in as &lt;b&gt;{name}&lt;/b&gt;"));
}

static void test_message__out_of_range(void **state)
{
	(void)state;
	CHECK(!msg(MSG__MAX, LANG_NB).p);
	CHECK_STR(msg(MSG_MENU, LANG__MAX), STR("Meny"));
}

T_MAIN(cmocka_unit_test(test_message__every_language), cmocka_unit_test(test_message__words),
       cmocka_unit_test(test_message__published_labels), cmocka_unit_test(test_message__northern_sami_is_prepared),
       cmocka_unit_test(test_message__escapes), cmocka_unit_test(test_message__out_of_range))
