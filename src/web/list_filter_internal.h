/* Search and filter of a list. */
#pragma once
#include "web/party_choice_internal.h"

struct filter_option {
	const char *value; /* of ?state=; the first option has "" and stands for all */
	enum msg text;
	unsigned bits; /* what it means to the list; 0 = all */
};
/* Index of the option with this value; 0 when it is none of them. */
size_t filter_option_find(const struct filter_option *options, size_t n, struct str value);
/* Parameter of a list's query without white space around it; absent when it is missing. */
struct str filter_param(const struct pair *query, const char *key);
/* The cursor of ?before=; 0 when it is missing or none of ours. */
int64_t filter_before(const struct pair *query);

struct list_filter {
	struct str path; /* of the list */
	enum msg search; /* label of the search field */
	enum msg state;  /* label of the choice */
	struct str text; /* in it */
	const struct filter_option *options;
	size_t n;
	size_t chosen; /* below n */
};
struct str list_filter_html(const struct page *p, const struct party_choice *choice, const struct list_filter *filter);
