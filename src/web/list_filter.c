#include "web/list_filter_internal.h"

#include <assert.h>

#include "page/view.h"

size_t filter_option_find(const struct filter_option *options, size_t n, struct str value)
{
	for (size_t i = 1; i < n; i++)
		if (str_is(value, options[i].value))
			return i;
	return 0;
}

struct str filter_param(const struct pair *query, const char *key)
{
	const struct pair *found = pair_get(query, key);
	return found ? str_trim(found->value) : STR_NONE;
}

int64_t filter_before(const struct pair *query)
{
	uint64_t key;
	if (str_u64(filter_param(query, "before"), &key) != RC_OK || key > INT64_MAX)
		return 0;
	return (int64_t)key;
}

struct str list_filter_html(const struct page *p, const struct party_choice *choice, const struct list_filter *filter)
{
	struct buf options = BUF(p->a);
	assert(filter->chosen < filter->n);
	for (size_t i = 0; i < filter->n; i++)
		view(&options, i == filter->chosen ? "option_chosen.html" : "option.html", p->lang,
		     FILLS({ "value", str_of(filter->options[i].value) },
			   { "name", msg(filter->options[i].text, p->lang) }),
		     NULL);
	return view_str(p->a, "list_filter.html", p->lang,
			FILLS({ "path", filter->path }, { "search", msg(filter->search, p->lang) },
			      { "label", msg(filter->state, p->lang) }, { "text", filter->text }),
			FILLS({ "party", party_field(p, choice) }, { "options", buf_str(&options) }));
}
