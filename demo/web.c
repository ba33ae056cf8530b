#include "web.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELDS_MAX 8
#define BODY_MAX 4096
#define NAME_MAX_LEN 32
#define THREADS 4
#define IDLE_S 60

struct web_internals {
	struct MHD_Connection *connection;
	struct MHD_PostProcessor *post;
	size_t body;
	size_t n_fields;
	struct {
		char name[NAME_MAX_LEN];
		char value[WEB_VALUE_MAX];
	} fields[FIELDS_MAX];
	bool too_large;
};

/* ---- options ---- */

static void options_help(const char *about, const struct web_option *rows)
{
	printf("%s\n\nOptions:\n", about);
	for (const struct web_option *r = rows; r->name; r++)
		printf("  --%s%s%-*s %s%s%s%s\n", r->name, r->arg ? " " : "", 22 - (int)strlen(r->name),
		       r->arg ? r->arg : "", r->help, r->value && *r->value ? " Default: " : "",
		       r->value && *r->value ? *r->value : "", r->value && *r->value ? "." : "");
}

void web_options(int argc, char **argv, const char *about, const struct web_option *rows)
{
	for (int i = 1; i < argc; i++) {
		const struct web_option *r = rows;
		if (strcmp(argv[i], "--help") == 0) {
			options_help(about, rows);
			exit(0);
		}
		while (r->name && (strncmp(argv[i], "--", 2) != 0 || strcmp(argv[i] + 2, r->name) != 0))
			r++;
		if (!r->name || (r->value && i + 1 == argc)) {
			fprintf(stderr, "%s: %s\n", argv[i],
				r->name ? "needs a value" : "there is no such option; see --help");
			exit(2);
		}
		if (r->value)
			*r->value = argv[++i];
		else
			*r->flag = true;
	}
}

/* ---- writing ---- */

void web_html(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*text, out);
		}
}

void web_json(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		if ((unsigned char)*text < 0x20)
			fprintf(out, "\\u%04x", (unsigned)*text);
		else
			fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	fputc('"', out);
}

// clang-format off
const char web_style[] =
	"body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 0 auto; padding: 1.5rem; }\n"
	"body { color: #1e2b3c; background: #fff; }\n"
	"header { font-weight: 600; border-bottom: 3px solid #0062ba; padding-bottom: 0.5rem; }\n"
	"h1 { line-height: 1.25; font-size: 1.9rem; }\n"
	"label { display: block; font-weight: 600; margin-top: 1rem; }\n"
	"input { font: inherit; padding: 0.5rem; width: 100%; max-width: 20rem; box-sizing: border-box; }\n"
	"input { border: 2px solid #68707c; border-radius: 4px; }\n"
	"button { font: inherit; font-weight: 600; margin-top: 1.5rem; padding: 0.6rem 1.5rem; }\n"
	"button { color: #fff; background: #0062ba; border: 0; border-radius: 4px; }\n"
	"a { color: #0062ba; }\n"
	":focus-visible { outline: 3px solid #1e2b3c; outline-offset: 3px; }\n"
	"li { margin: 0.5rem 0; }\n"
	"code { overflow-wrap: anywhere; }\n";
// clang-format on

void web_page_begin(struct web_call *call, const char *site, const char *heading)
{
	fputs("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"stylesheet\" "
	      "href=\"/style.css\">\n<title>",
	      call->out);
	web_html(call->out, heading);
	fputs(" - ", call->out);
	web_html(call->out, site);
	fputs("</title>\n<header>", call->out);
	web_html(call->out, site);
	fputs("</header>\n<main>\n<h1>", call->out);
	web_html(call->out, heading);
	fputs("</h1>\n", call->out);
}

void web_page_end(struct web_call *call)
{
	fputs("</main>\n</html>\n", call->out);
}

/* ---- reading ---- */

const char *web_field(const struct web_call *call, const char *name)
{
	for (size_t i = 0; i < call->in->n_fields; i++)
		if (strcmp(call->in->fields[i].name, name) == 0)
			return call->in->fields[i].value;
	return "";
}

const char *web_header(const struct web_call *call, const char *name)
{
	const char *value = MHD_lookup_connection_value(call->in->connection, MHD_HEADER_KIND, name);
	return value ? value : "";
}

/* Adds a piece of a value. A value that is too long makes the whole request too large. */
static enum MHD_Result field_add(struct web_internals *in, const char *name, const char *data, size_t offset,
				 size_t size)
{
	if (offset == 0)
		in->n_fields++;
	if (in->too_large || in->n_fields > FIELDS_MAX || strlen(name) >= NAME_MAX_LEN ||
	    offset + size >= WEB_VALUE_MAX) {
		in->too_large = true;
		in->n_fields = 0;
		return MHD_NO;
	}
	memcpy(in->fields[in->n_fields - 1].name, name, strlen(name) + 1);
	memcpy(in->fields[in->n_fields - 1].value + offset, data, size);
	return MHD_YES;
}

static enum MHD_Result on_query(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	return field_add(ctx, name, value ? value : "", 0, value ? strlen(value) : 0);
}

static enum MHD_Result on_field(void *ctx, enum MHD_ValueKind kind, const char *name, const char *file,
				const char *type, const char *encoding, const char *data, uint64_t offset, size_t size)
{
	(void)kind, (void)file, (void)type, (void)encoding;
	return field_add(ctx, name, data, (size_t)offset, size);
}

/* ---- serving ---- */

static enum MHD_Result answer(struct web_internals *in, const char *method, const char *path,
			      void (*handle)(struct web_call *))
{
	struct web_call call = {
		.method = method, .path = path, .in = in, .status = 200, .type = "text/html; charset=utf-8"
	};
	char *body = NULL;
	size_t n = 0;
	call.out = open_memstream(&body, &n);
	if (!call.out)
		return MHD_NO;
	if (in->too_large) {
		call.status = 413;
		fputs("The request is too large.\n", call.out);
	} else {
		handle(&call);
	}
	fclose(call.out);
	struct MHD_Response *response = MHD_create_response_from_buffer(n, body, MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, "Content-Type", call.type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	/* No form-action: browsers apply it to redirects too, and would block the way to the consent page. */
	MHD_add_response_header(response, "Content-Security-Policy",
				"default-src 'none'; style-src 'self'; frame-ancestors 'none'");
	if (call.location[0])
		MHD_add_response_header(response, "Location", call.location);
	if (call.authenticate[0])
		MHD_add_response_header(response, "WWW-Authenticate", call.authenticate);
	enum MHD_Result queued = MHD_queue_response(in->connection, (unsigned)call.status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result on_request(void *handle, struct MHD_Connection *connection, const char *path, const char *method,
				  const char *version, const char *data, size_t *size, void **state)
{
	struct web_internals *in = *state;
	(void)version;
	if (!in) { /* first call: only the header has arrived */
		in = *state = calloc(1, sizeof *in);
		if (!in)
			return MHD_NO;
		in->connection = connection;
		in->post = MHD_create_post_processor(connection, 512, on_field, in); /* NULL: the body is not a form */
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, on_query, in);
		return MHD_YES;
	}
	if (*size > 0) { /* a piece of the body */
		in->body += *size;
		in->too_large = in->too_large || in->body > BODY_MAX;
		if (in->post && !in->too_large)
			(void)MHD_post_process(in->post, data, *size);
		*size = 0;
		return MHD_YES;
	}
	if (in->post)
		(void)MHD_destroy_post_processor(in->post);
	in->post = NULL;
	void (*handler)(struct web_call *);
	memcpy(&handler, handle, sizeof handler);
	return answer(in, method, path, handler);
}

static void on_end(void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct web_internals *in = *state;
	(void)ctx, (void)connection, (void)code;
	if (in && in->post)
		(void)MHD_destroy_post_processor(in->post);
	free(in);
	*state = NULL;
}

static char url[64]; /* written once, before the first request is answered */

const char *web_url(void)
{
	return url;
}

int web_serve(const char *port, void (*handle)(struct web_call *call))
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
	sigset_t signals;
	int signal_number;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	struct MHD_Daemon *daemon = MHD_start_daemon(
		MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, &handle,
		MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_CONNECTION_TIMEOUT,
		IDLE_S, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
	const union MHD_DaemonInfo *bound = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	if (!bound) {
		fprintf(stderr, "cannot listen on 127.0.0.1:%s\n", port);
		return 1;
	}
	snprintf(url, sizeof url, "http://127.0.0.1:%u", bound->port);
	printf("{\"event\":\"ready\",\"url\":\"%s\"}\n", url);
	fflush(stdout);
	sigwait(&signals, &signal_number);
	MHD_stop_daemon(daemon);
	return 0;
}
