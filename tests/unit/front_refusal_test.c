#include "front_kit.h"

static void problems_write(struct http_res *res, const struct problems *p)
{
	http_reply(res, 400 + (int)p->n, NULL);
}

static void denied_write(struct http_res *res)
{
	http_reply(res, 403, NULL);
}

static const struct front_refusal refusal = { problems_write, denied_write };

static void test_refusal__table(void **state)
{
	(void)state;
	static const struct {
		enum rc rc;
		size_t n_problems;
		enum rc want;
		int status;
	} rows[] = {
		{ RC_OK, 0, RC_OK, 0 },
		{ RC_ANSWERED, 0, RC_ANSWERED, 0 },
		{ RC_DENIED, 0, RC_ANSWERED, 403 },
		{ RC_DENIED, 1, RC_ANSWERED, 401 },
		{ RC_INVALID, 2, RC_ANSWERED, 402 },
		{ RC_CONFLICT, 1, RC_ANSWERED, 401 },
		{ RC_INVALID, 0, RC_INVALID, 0 },
		{ RC_NOT_FOUND, 0, RC_NOT_FOUND, 0 },
		/* never a refusal: the server runs it again, or answers 5xx */
		{ RC_STALE, 1, RC_STALE, 0 },
		{ RC_BUSY, 1, RC_BUSY, 0 },
		{ RC_UNCERTAIN, 1, RC_UNCERTAIN, 0 },
		{ RC_FAIL, 1, RC_FAIL, 0 },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(kit_finish) struct kit k;
		kit_start(&k);
		struct problems p = PROBLEMS(&k.a);
		for (size_t n = 0; n < rows[i].n_problems; n++)
			problems_add(&p, PROB_NOT_FOUND, STR_NONE);
		CHECK_RC(front_refused(&refusal, &k.res, rows[i].rc, &p), rows[i].want);
		assert_int_equal(k.res.status, rows[i].status);
	}
}

T_MAIN(cmocka_unit_test(test_refusal__table))
