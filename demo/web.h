/* What the two demo programs share: options, a page to write on, a little web server. Nothing in here is about consent.
 */
#ifndef DEMO_WEB_H
#define DEMO_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* --name VALUE; a flag when `value` is NULL. Ends with a row without name. */
struct web_option {
	const char *name;
	const char *arg;
	const char *help;
	const char **value; /* holds the default before */
	bool *flag;
};
/* Exits with 2 and one line on stderr when an option is not in the table, with 0 after --help. */
void web_options(int argc, char **argv, const char *about, const struct web_option *rows);

/* One request and its answer. The handler writes the body to `out`; status 200 and HTML unless it says otherwise. */
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
/* Field of the form that was posted, or of the query; "" when it is not there. At most WEB_VALUE_MAX - 1 bytes. */
#define WEB_VALUE_MAX 128
const char *web_field(const struct web_call *call, const char *name);
/* Header of the request; "" when it is not there. */
const char *web_header(const struct web_call *call, const char *name);

/* Text into HTML (element or quoted attribute), and into a JSON string. The only two ways for outside text into an
 * answer. */
void web_html(FILE *out, const char *text);
void web_json(FILE *out, const char *text);

void web_page_begin(struct web_call *call, const char *site, const char *heading);
void web_page_end(struct web_call *call);
extern const char web_style[]; /* the stylesheet, for GET /style.css */

/* Serves on loopback with a few threads until SIGINT or SIGTERM; prints one JSON line on stdout when it is ready.
 * Returns the exit status. The address is in web_url while it serves. */
int web_serve(const char *port, void (*handle)(struct web_call *call));
/* Origin of this server: "http://127.0.0.1:8081". */
const char *web_url(void);

#endif
