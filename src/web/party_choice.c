#include "web/party_choice_internal.h"

#include "consent/authority.h"
#include "web/consent_state_internal.h"

/* The party of the address; nil: none is named. */
static enum rc party_named(const struct pair *query, struct uuid *out)
{
	const struct pair *named = pair_get(query, "party");
	*out = (struct uuid){ { 0 } };
	return named && named->value.n ? uuid_parse(named->value, out) : RC_OK;
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

/* RC_DENIED: not for this person. */
static enum rc party_find(struct page *p, const struct about *about, struct uuid uuid, const struct party **out)
{
	struct consent_service *d = req_web(p->req)->consents;
	struct party *found[1] = { NULL };
	for (size_t i = 0; i < about->n; i++)
		if (uuid_eq(about->all[i]->uuid, uuid)) {
			*out = about->all[i];
			return RC_OK;
		}
	TRY(authority_access(d, p->a, &req_caller(p->req)->person, uuid, ACCESS_READ));
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(d->store, false, &r));
	TRY(parties_by_uuid(r, p->a, &uuid, 1, found));
	*out = found[0];
	return found[0] ? RC_OK : RC_DENIED;
}

enum rc about_read(struct page *p, const struct pair *query, struct about *out, bool *ok_out)
{
	const struct person_caller *who = &req_caller(p->req)->person;
	struct uuid uuid;
	struct about about = { 0 };
	*ok_out = false;
	if (party_named(query, &uuid) != RC_OK)
		return no_party(p, 400);
	enum rc rc = authority_parties(req_web(p->req)->consents, p->a, who, &about.all, &about.n);
	if (rc == RC_DENIED)
		return state_denied(p, &PROBLEMS(p->a));
	TRY(rc);
	about.party = about.all[0];
	if (!uuid_is_nil(uuid))
		rc = party_find(p, &about, uuid, &about.party);
	if (rc == RC_DENIED)
		return no_party(p, 403);
	TRY(rc);
	about.self = uuid_eq(about.party->uuid, who->party);
	struct str name = text_display_name(p->a, about.party->name, about.party->type);
	about.name = name.n ? name : msg(MSG_NAME_UNKNOWN, p->lang);
	*out = about;
	*ok_out = true;
	return RC_OK;
}

struct str about_heading(const struct page *p, const struct about *about, enum msg with_name, enum msg plain)
{
	if (!about->party->name.n)
		return msg(plain, p->lang);
	return text_filled(p->a, msg(with_name, p->lang), FILLS({ "name", about->name }));
}

struct str about_org(const struct page *p, const struct about *about)
{
	const struct party *org = about->party;
	if (org->type != PARTY_ORG)
		return STR_NONE;
	enum msg kind = uuid_is_nil(org->parent) ? MSG_MAIN_UNIT : MSG_SUB_UNIT;
	return view_str(p->a, "org_line.html", p->lang,
			FILLS({ "orgno", text_orgno(p->a, org->ident) }, { "kind", msg(kind, p->lang) }), NULL);
}

static struct str option_text(const struct page *p, const struct party *row)
{
	struct str name = text_display_name(p->a, row->name, row->type);
	if (!name.n)
		name = msg(MSG_NAME_UNKNOWN, p->lang);
	if (row->type != PARTY_ORG)
		return name;
	struct buf b = BUF(p->a);
	buf_add(&b, name);
	buf_lit(&b, ", ");
	buf_add(&b, text_filled(p->a, msg(MSG_ORG_NO, p->lang), FILLS({ "orgno", text_orgno(p->a, row->ident) })));
	return buf_str(&b);
}

struct str about_picker(const struct page *p, const struct about *about, struct str path)
{
	struct buf b = BUF(p->a);
	if (about->n < 2)
		return STR_NONE;
	for (size_t i = 0; i < about->n; i++) {
		const struct party *row = about->all[i];
		bool chosen = uuid_eq(row->uuid, about->party->uuid);
		view(&b, chosen ? "option_chosen.html" : "option.html", p->lang,
		     FILLS({ "value", uuid_str(p->a, row->uuid) }, { "name", option_text(p, row) }), NULL);
	}
	return view_str(p->a, "party_picker.html", p->lang, FILLS({ "path", path }), FILLS({ "options", buf_str(&b) }));
}

static struct str about_field(const struct page *p, const struct about *about)
{
	if (about->self)
		return STR_NONE;
	return view_str(p->a, "party_hidden.html", p->lang, FILLS({ "party", uuid_str(p->a, about->party->uuid) }),
			NULL);
}

struct str value_of(const struct pair *query, const char *key)
{
	const struct pair *found = pair_get(query, key);
	return found ? str_trim(found->value) : STR_NONE;
}

size_t choice_read(const struct choice *choices, size_t n, struct str value)
{
	for (size_t i = 1; i < n; i++)
		if (str_is(value, choices[i].value))
			return i;
	return 0;
}

struct str about_filter(const struct page *p, const struct about *about, const struct filter *f)
{
	struct buf options = BUF(p->a);
	for (size_t i = 0; i < f->n; i++)
		view(&options, i == f->chosen ? "option_chosen.html" : "option.html", p->lang,
		     FILLS({ "value", str_of(f->choices[i].value) }, { "name", msg(f->choices[i].text, p->lang) }),
		     NULL);
	return view_str(p->a, "list_filter.html", p->lang,
			FILLS({ "path", f->path }, { "search", msg(f->search, p->lang) }, { "text", f->text }),
			FILLS({ "party", about_field(p, about) }, { "options", buf_str(&options) }));
}

static struct str page_link(const struct page *p, struct str href, enum msg text)
{
	if (!href.p)
		return STR_NONE;
	return view_str(p->a, "page_link.html", p->lang, FILLS({ "href", href }, { "text", msg(text, p->lang) }), NULL);
}

struct str about_pages(const struct page *p, struct str newest, enum msg newest_text, struct str older,
		       enum msg older_text)
{
	if (!newest.p && !older.p)
		return STR_NONE;
	return view_str(
		p->a, "pages.html", p->lang, NULL,
		FILLS({ "newest", page_link(p, newest, newest_text) }, { "older", page_link(p, older, older_text) }));
}

struct address address_start(struct arena *a, struct str path, const struct about *about)
{
	struct address to = { .b = BUF(a) };
	buf_add(&to.b, path);
	if (about && !about->self)
		address_put(&to, "party", uuid_str(a, about->party->uuid));
	return to;
}

void address_put(struct address *to, const char *key, struct str value)
{
	if (!value.n)
		return;
	buf_c(&to->b, to->more ? '&' : '?');
	to->more = true;
	buf_z(&to->b, key);
	buf_c(&to->b, '=');
	buf_form(&to->b, value);
}
