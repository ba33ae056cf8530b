#include "text/text.h"

#define MESSAGE(id, nb, nn, en) [MSG_##id] = { STR_INIT(nb), STR_INIT(nn), STR_INIT(en) },
static const struct str messages[MSG__MAX][LANG_EN + 1] = {
#include "text/messages.def"
};
#undef MESSAGE

#define SE(id, text) [MSG_##id] = STR_INIT(text),
static const struct str northern_sami[MSG__MAX] = {
#include "text/messages_se.def"
};
#undef SE

#define SE(id, text) SE_##id,
enum {
#include "text/messages_se.def"
	SE__MAX
};
#undef SE
_Static_assert(LANG_SHIPPED <= LANG_SE || (int)SE__MAX == (int)MSG__MAX,
	       "Northern Sámi is offered, and a message is missing in it");

struct str msg(enum msg id, enum lang lang)
{
	if (id >= MSG__MAX)
		return STR_NONE;
	if (lang == LANG_SE && northern_sami[id].p)
		return northern_sami[id];
	return messages[id][lang < LEN(messages[id]) ? lang : LANG_NB];
}

void buf_msg(struct buf *b, enum msg id, enum lang lang, const struct fill *fills)
{
	buf_filled(b, msg(id, lang), fills);
}
