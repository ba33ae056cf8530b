#include "base/clock.h"
#include "web/parts_internal.h"
#include "web/view_internal.h"

struct str time_text(struct arena *a, int64_t us)
{
	char text[TEXT_DATE_MAX];
	return us ? arena_str(a, text_datetime(us, text)) : STR_NONE;
}

struct str time_html(const struct page *p, int64_t us)
{
	char iso[CLOCK_TEXT_MAX];
	return view_str(p->a, "time.html", p->lang,
			FILLS({ "iso", clock_text(us - us % CLOCK_SECOND, iso) },
			      { "text", text_datetime_long(p->a, us, p->lang) }, { "zone", text_zone(us, p->lang) }),
			NULL);
}
