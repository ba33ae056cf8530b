#include "text/text.h"

#define MESSAGE(id, nb, nn, en) [MSG_##id] = { STR_INIT(nb), STR_INIT(nn), STR_INIT(en) },
static const struct str messages[MSG__MAX][LANG__MAX] = {
#include "text/messages.def"
};
#undef MESSAGE

struct str msg(enum msg id, enum lang lang)
{
	if (id >= MSG__MAX)
		return STR_NONE;
	return messages[id][lang < LANG__MAX ? lang : LANG_NB];
}

void buf_msg(struct buf *b, enum msg id, enum lang lang, const struct fill *fills)
{
	buf_filled(b, msg(id, lang), fills);
}
