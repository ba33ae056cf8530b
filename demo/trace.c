#include "trace.h"

#include <samtykke/samtykke.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define AUTHORIZATION_MAX 20 /* characters of a token that are printed */

/* Prints each header on an indented line, and cuts the value of Authorization. Leaves out the status line, which the
 * caller prints. */
static void headers_print(const char *headers)
{
	while (*headers) {
		size_t n = strcspn(headers, "\r\n");
		if (strncasecmp(headers, "Authorization: ", 15) == 0)
			printf("    %.*s...\n", 15 + AUTHORIZATION_MAX, headers);
		else if (n > 0 && strncmp(headers, "HTTP/", 5) != 0)
			printf("    %.*s\n", (int)n, headers);
		headers += n + strspn(headers + n, "\r\n");
	}
}

static void line_break(int depth)
{
	printf("\n    %*s", 2 * depth, "");
}

/* Indents well-formed JSON. It only has to know where strings begin and end. */
static void json_print(const char *p)
{
	bool in_string = false;
	int depth = 0;
	fputs("    ", stdout);
	for (; *p; p++) {
		if (in_string) {
			putchar(*p);
			if (*p == '\\' && p[1])
				putchar(*++p);
			else if (*p == '"')
				in_string = false;
			continue;
		}
		if (strchr(" \t\r\n", *p))
			continue;
		if (strchr("}]", *p))
			line_break(--depth);
		putchar(*p);
		in_string = *p == '"';
		if (strchr("{[", *p) && strchr("}]", p[1]) && p[1])
			putchar(*++p);
		else if (strchr("{[", *p))
			line_break(++depth);
		else if (*p == ',')
			line_break(depth);
		else if (*p == ':')
			putchar(' ');
	}
	putchar('\n');
}

/* Prints the token at `p`, decoded but not checked: only samtykke_verify checks a token. */
static void token_print(const char *label, const char *p)
{
	struct samtykke_token *token;
	if (samtykke_inspect(p, strcspn(p, "\"& \r\n"), &token) != SAMTYKKE_OK)
		return;
	printf("  %s, decoded:\n", label);
	json_print(samtykke_token_header_json(token));
	json_print(samtykke_token_claims_json(token));
	samtykke_token_destroy(token);
}

static void body_print(const char *body)
{
	static const char assertion[] = "assertion=", access_token[] = "\"access_token\":\"";
	const char *form = strstr(body, assertion), *answer = strstr(body, access_token);
	if (form) {
		printf("    %.*s%.*s...\n", (int)(form - body), body, (int)sizeof assertion - 1 + AUTHORIZATION_MAX,
		       form);
		token_print("The assertion", form + sizeof assertion - 1);
	} else if (answer) {
		const char *token = answer + sizeof access_token - 1, *rest = token + strcspn(token, "\"");
		printf("    %.*s%.*s...%s\n", (int)(token - body), body, AUTHORIZATION_MAX, token, rest);
		token_print("The access token", token);
	} else if (body[0] == '{' || body[0] == '[') {
		json_print(body);
	} else if (body[0]) {
		printf("    %s\n", body);
	}
}

void trace_exchange(void *ctx, const char *method, const char *url, const char *request_headers,
		    const char *request_body, int status, const char *response_headers, const char *response_body)
{
	(void)ctx;
	flockfile(stdout);
	printf("> %s %s\n", method, url);
	headers_print(request_headers);
	body_print(request_body ? request_body : "");
	printf("< %d\n", status);
	headers_print(response_headers);
	body_print(response_body);
	putchar('\n');
	fflush(stdout);
	funlockfile(stdout);
}
