#include "model/iso6523.h"

#include <assert.h>

#define AUTHORITY "iso6523-actorid-upis"
#define NORWEGIAN_REGISTER "0192:"

enum rc iso6523_read(const struct js *claim, struct str *orgno_out)
{
	struct str authority, id, prefix = STR(NORWEGIAN_REGISTER);
	if (js_member_str(claim, "authority", &authority) != RC_OK || js_member_str(claim, "ID", &id) != RC_OK)
		return RC_INVALID;
	if (!str_is(authority, AUTHORITY) || !str_starts(id, prefix))
		return RC_INVALID;
	struct str orgno = str_span(id.p + prefix.n, id.n - prefix.n);
	if (!model_orgno_valid(orgno))
		return RC_INVALID;
	*orgno_out = orgno;
	return RC_OK;
}

void iso6523_write(struct jsw *w, const char *key, struct str orgno)
{
	assert(orgno.n > 0);
	struct buf id = BUF(w->b->a);
	buf_lit(&id, NORWEGIAN_REGISTER);
	buf_add(&id, orgno);
	jsw_key(w, key);
	jsw_obj(w);
	jsw_kz(w, "authority", AUTHORITY);
	jsw_kstr(w, "ID", buf_str(&id));
	jsw_end_obj(w);
}
