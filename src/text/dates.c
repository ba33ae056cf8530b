#include "base/clock.h"
#include "text/text.h"

#include <stdio.h>

struct str text_datetime(int64_t us, char out[TEXT_DATE_MAX])
{
	struct clock_fields f = clock_local(us);
	int n = snprintf(out, TEXT_DATE_MAX, "%02d.%02d.%04d, %02d:%02d", f.day, f.month, f.year, f.hour, f.minute);
	return str_span(out, n < 0 ? 0 : n < TEXT_DATE_MAX ? (size_t)n : TEXT_DATE_MAX - 1);
}

struct str text_datetime_long(struct arena *a, int64_t us, enum lang lang)
{
	static const char *const norwegian[] = { "januar", "februar", "mars",      "april",   "mai",      "juni",
						 "juli",   "august",  "september", "oktober", "november", "desember" };
	static const char *const english[] = { "January", "February", "March",     "April",   "May",      "June",
					       "July",    "August",   "September", "October", "November", "December" };
	struct clock_fields f = clock_local(us);
	size_t month = f.month >= 1 && f.month <= 12 ? (size_t)f.month - 1 : 0;
	if (lang == LANG_EN)
		return arena_fmt(a, "%d %s %04d at %02d:%02d", f.day, english[month], f.year, f.hour, f.minute);
	return arena_fmt(a, "%d. %s %04d kl. %02d:%02d", f.day, norwegian[month], f.year, f.hour, f.minute);
}

struct str text_zone(int64_t us, enum lang lang)
{
	struct clock_fields f = clock_local(us);
	struct str zone = str_of(f.zone);
	if (str_is(zone, "CET") || str_is(zone, "CEST"))
		return msg(MSG_ZONE_NORWAY, lang);
	if (str_is(zone, "UTC") || str_is(zone, "GMT"))
		return msg(MSG_ZONE_UTC, lang);
	return msg(MSG_ZONE_LOCAL, lang);
}

struct str text_orgno(struct arena *a, struct str orgno)
{
	if (orgno.n != 9)
		return orgno;
	struct buf b = BUF(a);
	for (size_t i = 0; i < orgno.n; i += 3) {
		if (i)
			buf_lit(&b, "\xc2\xa0"); /* no-break space */
		buf_raw(&b, orgno.p + i, 3);
	}
	return buf_str(&b);
}
