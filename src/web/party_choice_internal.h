/* The party whose agreements a page is about: the person, or a party that the person represents. The parameter `party`
 * names it. */
#pragma once
#include "page/address.h"
#include "page/page.h"

struct party_choice {
	struct party **parties; /* that the person may choose: the person first */
	size_t n;
	const struct party *party; /* the chosen one; perhaps none of `parties` */
	struct str name;           /* its display name, or a message that it is unknown */
	bool is_self;              /* it is the person */
};
/* RC_ANSWERED: a notice has been sent: there is no such party, or the person may not read for it. The caller is a
 * person. */
MUST_USE enum rc party_choice_read(struct page *p, const struct pair *query, struct party_choice *out);
/* The message `with_name`, with {name} filled in; `plain` where the name is unknown. */
struct str party_heading(const struct page *p, const struct party_choice *choice, enum msg with_name, enum msg plain);
/* HTML: number and kind of an organisation; absent for a person. */
struct str party_org_line(const struct page *p, const struct party_choice *choice);
/* HTML: a form that opens `path` for another party; absent when there is none to choose. */
struct str party_picker(const struct page *p, const struct party_choice *choice, struct str path);
/* HTML: a hidden form field with the chosen party; absent for the person. */
struct str party_field(const struct page *p, const struct party_choice *choice);
/* The address begins with the chosen party. path: as address_start takes it. */
struct address party_address(struct arena *a, struct str path, const struct party_choice *choice);
