#include "altinn2/client_cert.h"

#include <stddef.h>

#include "altinn2/internal.h"
#include "base/b64.h"
#include "base/url.h"
#include "jose/trust.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

const struct conf_row altinn2_settings[ALTINN2_SETTINGS] = {
	CONF_ROW(struct altinn2_settings, client_cert_header, "altinn2.client_cert_header", CONF_TEXT, NULL, 0, 0,
		 "Header in which one of trusted_proxies hands over the client certificate of an organisation: PEM, "
		 "percent-encoded, or DER in base64. It counts beside an API key of Altinn 2 as a Maskinporten token "
		 "does. The proxy must check the certificate and take such a header away from its clients. "
		 "Without this setting no certificate counts."),
};

/* The base64 of the certificate: what stands between the lines of PEM, or the whole text. */
static struct str base64_of(struct arena *a, struct str text)
{
	struct buf b = BUF(a);
	struct str begin = STR(PEM_BEGIN), head = STR_NONE;
	if (!str_starts(text, begin))
		return text;
	head = str_span(text.p + begin.n, text.n - begin.n);
	ptrdiff_t end = str_find(head, STR(PEM_END));
	for (ptrdiff_t i = 0; i < end; i++)
		if (head.p[i] != '\n' && head.p[i] != '\r')
			buf_c(&b, head.p[i]);
	return buf_str(&b);
}

static enum rc der_of(struct arena *a, struct str header, struct str *out)
{
	struct str text;
	TRY(url_decode(a, header, false, &text));
	return b64_decode(a, base64_of(a, str_trim(text)), out);
}

enum rc altinn2_client_cert(struct http_req *req, struct str *orgno_out, const char **why_out)
{
	const struct altinn2_settings *settings = req_altinn2(req)->services.settings;
	const char *name = settings->client_cert_header;
	struct org_cert cert;
	struct str der;
	if (!name || !*name || !req->from_proxy || !http_header(req, name).n)
		return RC_NOT_FOUND;
	if (http_header_count(req, name) != 1) {
		*why_out = "the client certificate stands twice";
		return RC_INVALID;
	}
	if (der_of(req->arena, http_header(req, name), &der) != RC_OK) {
		*why_out = "the client certificate is neither percent-encoded PEM nor base64";
		return RC_INVALID;
	}
	enum rc rc = org_cert_read(req->arena, der, &cert, why_out);
	if (rc == RC_DENIED)
		return RC_INVALID;
	TRY(rc);
	jwk_unref(cert.key);
	*orgno_out = cert.orgno;
	return RC_OK;
}
