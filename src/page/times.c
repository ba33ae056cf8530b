#include "base/clock.h"
#include "page/parts.h"
#include "page/view.h"

struct str time_text(const struct page *p, int64_t us)
{
	return us ? text_datetime_long(p->a, us, p->lang) : STR_NONE;
}

struct str time_short_html(const struct page *p, int64_t us)
{
	char iso[CLOCK_TEXT_MAX], text[TEXT_DATE_MAX];
	return view_str(p->a, "time_short.html", p->lang,
			FILLS({ "iso", clock_text(us - us % CLOCK_SECOND, iso) }, { "text", text_datetime(us, text) }),
			NULL);
}

struct str time_html(const struct page *p, int64_t us)
{
	char iso[CLOCK_TEXT_MAX];
	return view_str(p->a, "time.html", p->lang,
			FILLS({ "iso", clock_text(us - us % CLOCK_SECOND, iso) },
			      { "text", text_datetime_long(p->a, us, p->lang) }, { "zone", text_zone(us, p->lang) }),
			NULL);
}
