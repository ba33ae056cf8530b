#include "web/css_hash.h"
#include "web/handlers_internal.h"
#include "web/view_internal.h"

/* The name has the hash of the content, so the content of a name never changes. A page of another version names another
 * hash; it gets this stylesheet, uncached. */
enum rc stylesheet_get(struct http_req *req, struct http_res *res)
{
	struct str file = req->param[0];
	if (!str_starts(file, STR("samtykke-")) || !str_ends(file, STR(".css")))
		return RC_NOT_FOUND;
	http_set_header(res, "Cache-Control",
			str_is(file, "samtykke-" CSS_HASH ".css") ? STR("public, max-age=31536000, immutable")
								  : STR("no-store"));
	http_set_header(res, "Cross-Origin-Resource-Policy", STR("same-origin"));
	http_reply(res, 200, "text/css; charset=utf-8");
	buf_add(&res->body, web_static[0].data);
	return RC_ANSWERED;
}

/* Browsers ask for it unprompted; there is none. */
enum rc favicon_get(struct http_req *req, struct http_res *res)
{
	(void)req;
	http_set_header(res, "Cache-Control", STR("public, max-age=86400"));
	http_reply(res, 204, NULL);
	return RC_ANSWERED;
}
