/* A small web server for the two demo programs, with command line options and pages. Nothing here concerns consent. */
#ifndef DEMO_WEB_H
#define DEMO_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* One option: --name VALUE, or a flag if `value` is NULL. A row without a name ends the table. */
struct web_option {
	const char *name;
	const char *arg;
	const char *help;
	const char **value; /* holds the default */
	bool *flag;
};
/* Reads the options. Exits with 2 after one line on stderr if an option is wrong, and with 0 after --help. */
void web_options(int argc, char **argv, const char *about, const struct web_option *rows);

/* One request and its answer. The handler writes the body to `out`. The status is 200 and the type HTML, unless the
 * handler sets them. */
struct web_call {
	const char *method;
	const char *path;
	const struct web_internals *in;
	FILE *out;
	int status;
	const char *type;
	char location[1024];   /* for 303 */
	char authenticate[96]; /* WWW-Authenticate, for 401 and 403 */
};
/* A field of the form or of the query, at most WEB_VALUE_MAX - 1 bytes; "": there is no such field. */
#define WEB_VALUE_MAX 128
const char *web_field(const struct web_call *call, const char *name);
/* A header of the request; "": there is no such header. */
const char *web_header(const struct web_call *call, const char *name);

/* Writes text as HTML (element or quoted attribute), or as a JSON string. Text from outside gets into an answer only
 * through these two. */
void web_html(FILE *out, const char *text);
void web_json(FILE *out, const char *text);

/* Write the start and the end of a page. */
void web_page_begin(struct web_call *call, const char *site, const char *heading);
void web_page_end(struct web_call *call);
extern const char web_style[]; /* the stylesheet, for GET /style.css */

/* Serves on loopback with a few threads until SIGINT or SIGTERM. Prints one line of JSON on stdout when it is ready.
 * Returns the exit status. */
int web_serve(const char *port, void (*handle)(struct web_call *call));
/* Origin of this server while it serves: "http://127.0.0.1:8081". */
const char *web_url(void);

#endif
