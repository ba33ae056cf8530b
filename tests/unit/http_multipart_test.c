#include "http/http.h"
#include "t.h"

#define FORM "multipart/form-data; boundary=b"
#define DISPOSITION "Content-Disposition: form-data; name=\"policyFile\""
#define FILE_HEAD DISPOSITION "; filename=\"p.xml\"\r\n\r\n"

static enum rc read_file(struct arena *a, struct str type, struct str body, struct str *out)
{
	struct http_header header = { STR("Content-Type"), type };
	const struct http_req req = { .arena = a, .headers = &header, .n_headers = 1, .body = body };
	return http_file(&req, out);
}

static void test_multipart__file(void **state)
{
	(void)state;
	static const struct {
		const char *type, *body, *want; /* want NULL: refused */
	} rows[] = {
		{ FORM, "--b\r\n" FILE_HEAD "<a/>\r\n--b--\r\n", "<a/>" },
		{ FORM, "--b\r\n" FILE_HEAD "\r\n--b--", "" },
		{ FORM, "--b\r\n" FILE_HEAD "a\r\n\r\n--x\r\n--b--", "a\r\n\r\n--x" },
		{ FORM, "preamble\r\n--b\r\n" FILE_HEAD "<a/>\r\n--b--epilogue", "<a/>" },
		{ FORM, "--b \t\r\nContent-Type: text/xml\r\n" FILE_HEAD "<a/>\r\n--b--", "<a/>" },
		{ FORM, "--b\r\n" DISPOSITION "\r\n\r\n1\r\n--b\r\n" FILE_HEAD "2\r\n--b--", "2" },
		{ FORM, "--b\r\ncontent-disposition:form-data;filename=p\r\n\r\n1\r\n--b--", "1" },
		{ FORM, "--b\r\n" DISPOSITION "; filename*=UTF-8''p\r\n\r\n1\r\n--b--", "1" },
		{ "Multipart/Form-Data; charset=x; Boundary=\"b;c\"", "--b;c\r\n" FILE_HEAD "1\r\n--b;c--", "1" },
		/* refused */
		{ "multipart/mixed; boundary=b", "--b\r\n" FILE_HEAD "1\r\n--b--", NULL },
		{ "multipart/form-data", "--b\r\n" FILE_HEAD "1\r\n--b--", NULL },
		{ "multipart/form-data; boundary=\"b", "--b\r\n" FILE_HEAD "1\r\n--b--", NULL },
		{ "multipart/form-data; boundary=", "--\r\n" FILE_HEAD "1\r\n----", NULL },
		{ FORM, "", NULL },
		{ FORM, "--b--", NULL },
		{ FORM, "--c\r\n" FILE_HEAD "1\r\n--c--", NULL },
		{ FORM, "--b\r\n" FILE_HEAD "1", NULL },
		{ FORM, "--b\r\n" FILE_HEAD "1\r\n--b", NULL },
		{ FORM, "--b\r\n" FILE_HEAD "1\r\n--b\r\n", NULL },
		{ FORM, "--bx\r\n" FILE_HEAD "1\r\n--b--", NULL },
		{ FORM, "--b\r\n" DISPOSITION "; filename=p\r\n--b--", NULL },
		{ FORM, "--b\r\n" DISPOSITION "\r\n\r\n1\r\n--b--", NULL },
		{ FORM, "--b\r\n" DISPOSITION "; name=\"filename=p\"\r\n\r\n1\r\n--b--", NULL },
		{ FORM, "--b\r\n\r\n1\r\n--b--", NULL },
		{ FORM, "--b\r\n" FILE_HEAD "1\r\n--b\r\n" FILE_HEAD "2\r\n--b--", NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct str got = STR_NONE;
		enum rc rc = read_file(&a, str_of(rows[i].type), str_of(rows[i].body), &got);
		if (rc != (rows[i].want ? RC_OK : RC_INVALID) || (rows[i].want && !str_is(got, rows[i].want)))
			fail_msg("%zu: %s \"%.*s\"", i, rc_name(rc), STR_FMT(got));
	}
}

static enum rc with_parts(struct arena *a, size_t fields)
{
	struct str got;
	struct buf b = BUF(a);
	for (size_t i = 0; i < fields; i++)
		buf_lit(&b, "--b\r\n" DISPOSITION "\r\n\r\n1\r\n");
	buf_lit(&b, "--b\r\n" FILE_HEAD "1\r\n--b--");
	return read_file(a, STR(FORM), buf_str(&b), &got);
}

static enum rc with_boundary(struct arena *a, size_t n)
{
	char b[100];
	struct str got;
	memset(b, 'b', n);
	b[n] = '\0';
	return read_file(a, arena_fmt(a, "multipart/form-data; boundary=%s", b),
			 arena_fmt(a, "--%s\r\n" FILE_HEAD "1\r\n--%s--", b, b), &got);
}

static void test_multipart__limits(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	CHECK_RC(with_parts(&a, HTTP_MAX_PARTS - 1), RC_OK);
	CHECK_RC(with_parts(&a, HTTP_MAX_PARTS), RC_INVALID);
	CHECK_RC(with_boundary(&a, 70), RC_OK);
	CHECK_RC(with_boundary(&a, 71), RC_INVALID);
}

T_MAIN(cmocka_unit_test(test_multipart__file), cmocka_unit_test(test_multipart__limits))
