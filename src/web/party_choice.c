#include "web/party_choice_internal.h"

#include <assert.h>

#include "consent/authority.h"
#include "page/consent_notices.h"
#include "page/notice.h"
#include "page/parts.h"
#include "page/view.h"

/* The party of the address; nil: none is named. RC_INVALID: several are, or it is no id. */
static enum rc party_param(const struct pair *query, struct uuid *out)
{
	const struct pair *param = pair_get(query, "party");
	*out = (struct uuid){ { 0 } };
	if (pair_count(query, "party") > 1)
		return RC_INVALID;
	return param && param->value.n ? uuid_parse(param->value, out) : RC_OK;
}

static enum rc no_party(struct page *p, int status)
{
	TRY(page_user(p));
	return notice_send(p, &(struct notice){ .status = status,
						.heading = MSG_PARTY_DENIED,
						.body = MSG_PARTY_DENIED_BODY,
						.fills = FILLS({ "name", p->user }),
						.href = STR(PATH_OVERVIEW),
						.link = MSG_PARTY_OWN });
}

/* RC_DENIED: the person may not read for it, or it is not registered. */
static enum rc party_find(struct page *p, const struct party_choice *choice, struct uuid uuid, const struct party **out)
{
	struct consent_service *consents = req_site(p->req)->consents;
	struct party *found[1] = { NULL };
	for (size_t i = 0; i < choice->n; i++)
		if (uuid_eq(choice->parties[i]->uuid, uuid)) {
			*out = choice->parties[i];
			return RC_OK;
		}
	TRY(authority_access(consents, p->a, &req_caller(p->req)->person, uuid, ACCESS_READ));
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(parties_by_uuid(r, p->a, &uuid, 1, found, NULL));
	*out = found[0];
	return found[0] ? RC_OK : RC_DENIED;
}

enum rc party_choice_read(struct page *p, const struct pair *query, struct party_choice *out)
{
	assert(req_caller(p->req));
	const struct person_caller *person = &req_caller(p->req)->person;
	struct uuid uuid;
	struct party_choice choice = { 0 };
	if (party_param(query, &uuid) != RC_OK)
		return no_party(p, 400);
	enum rc rc = authority_parties(req_site(p->req)->consents, p->a, person, &choice.parties, &choice.n);
	if (rc == RC_DENIED)
		return notice_denied(p, &PROBLEMS(p->a));
	TRY(rc);
	assert(choice.n > 0);
	choice.party = choice.parties[0];
	if (!uuid_is_nil(uuid))
		rc = party_find(p, &choice, uuid, &choice.party);
	if (rc == RC_DENIED)
		return no_party(p, 403);
	TRY(rc);
	choice.is_self = uuid_eq(choice.party->uuid, person->party);
	choice.name = party_display_name(p, choice.party);
	*out = choice;
	return RC_OK;
}

struct str party_heading(const struct page *p, const struct party_choice *choice, enum msg with_name, enum msg plain)
{
	if (!choice->party->name.n)
		return msg(plain, p->lang);
	return message_filled(p, with_name, FILLS({ "name", choice->name }));
}

struct str party_org_line(const struct page *p, const struct party_choice *choice)
{
	const struct party *org = choice->party;
	if (org->type != PARTY_ORG)
		return STR_NONE;
	enum msg kind = uuid_is_nil(org->parent) ? MSG_MAIN_UNIT : MSG_SUB_UNIT;
	return view_str(p->a, "org_line.html", p->lang,
			FILLS({ "orgno", text_orgno(p->a, org->ident) }, { "kind", msg(kind, p->lang) }), NULL);
}

static struct str option_text(const struct page *p, const struct party *party)
{
	struct str name = party_display_name(p, party);
	if (party->type != PARTY_ORG)
		return name;
	struct str number = message_filled(p, MSG_ORG_NO, FILLS({ "orgno", text_orgno(p->a, party->ident) }));
	return arena_fmt(p->a, "%.*s, %.*s", STR_FMT(name), STR_FMT(number));
}

struct str party_picker(const struct page *p, const struct party_choice *choice, struct str path)
{
	struct buf b = BUF(p->a);
	if (choice->n < 2)
		return STR_NONE;
	for (size_t i = 0; i < choice->n; i++) {
		const struct party *party = choice->parties[i];
		bool chosen = uuid_eq(party->uuid, choice->party->uuid);
		view(&b, chosen ? "option_chosen.html" : "option.html", p->lang,
		     FILLS({ "value", uuid_str(p->a, party->uuid) }, { "name", option_text(p, party) }), NULL);
	}
	return view_str(p->a, "party_picker.html", p->lang, FILLS({ "path", path }), FILLS({ "options", buf_str(&b) }));
}

struct str party_field(const struct page *p, const struct party_choice *choice)
{
	if (choice->is_self)
		return STR_NONE;
	return view_str(p->a, "party_hidden.html", p->lang, FILLS({ "party", uuid_str(p->a, choice->party->uuid) }),
			NULL);
}

struct address party_address(struct arena *a, struct str path, const struct party_choice *choice)
{
	struct address to = address_start(a, path);
	if (!choice->is_self)
		address_put(&to, "party", uuid_str(a, choice->party->uuid));
	return to;
}
