/* Prints HTTP exchanges for people: JSON is indented, tokens are decoded. Tokens and assertions are cut, so that
 * readers of the screen cannot use them. */
#ifndef DEMO_TRACE_H
#define DEMO_TRACE_H

/* For the member `trace` of struct samtykke_client_options. Many threads may call it at once. */
void trace_exchange(void *ctx, const char *method, const char *url, const char *request_headers,
		    const char *request_body, int status, const char *response_headers, const char *response_body);

#endif
