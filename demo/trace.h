/* Prints HTTP exchanges for people: JSON indented, tokens decoded, nothing in full that could be used by whoever reads
 * the screen. */
#ifndef DEMO_TRACE_H
#define DEMO_TRACE_H

/* A `trace` for struct samtykke_client_options. */
void trace_exchange(void *ctx, const char *method, const char *url, const char *request_headers,
		    const char *request_body, int status, const char *response_headers, const char *response_body);

#endif
