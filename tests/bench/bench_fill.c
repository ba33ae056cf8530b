/* bench_fill FILE CONSENTS ORGANISATIONS: fills a migrated SQLite store of the sandbox (samtykke store migrate
 * --sandbox) with the rows that so many consent requests and their answers leave: persons (ten requests each on
 * average), the organisations, consents in the order of their creation with random ids, events in the order of their
 * commits, and a token for every fourth consent that was accepted. Person 1 was asked a thousand times and said yes to
 * all. The same arguments make the same rows. */
#include <assert.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/model.h"

#define PER_PERSON 10
#define BANKS 3           /* that ask one person */
#define BUSY 1000         /* requests of person 1 */
#define ANSWER_AFTER 500  /* requests that come before an answer … */
#define REVOKE_AFTER 4000 /* … and before a withdrawal */
#define YEAR (365 * CLOCK_DAY)
#define PERSON_URN "urn:altinn:person:identifier-no:"
#define ORG_URN "urn:altinn:organization:identifier-no:"
#define RIGHTS                                                                                                         \
	"[{\"action\":[\"consent\"],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"ttd_"                  \
	"inntektsopplysninger\",\"version\":\"1\"}],\"metadata\":{\"inntektsaar\":\"2025\"}}]"
#define MESSAGE "{\"nb\":\"Vi trenger inntekten din for å behandle lånesøknaden.\"}"
#define SHOWN                                                                                                            \
	"{\"title\":\"Samtykke til at banken henter inntektsopplysningene dine\",\"heading\":\"Banken ønsker å hente " \
	"opplysninger om deg fra Testdepartementet\",\"serviceIntro\":\"Ved å gi samtykke lar du banken hente "         \
	"opplysningene nedenfor.\",\"rights\":[{\"resource\":\"ttd_inntektsopplysninger\",\"version\":1,\"text\":"       \
	"\"<p>Inntekt og formue for <b>2025</b>, slik de står i skattemeldingen.</p>\"}]}"
#define SHOWN_SHA256 "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

enum insert { CONSENT, EVENT, PARTY, TOKEN, FEED, INSERT__MAX };
static const char *const inserts[INSERT__MAX] = {
	[CONSENT] =
		"INSERT INTO consent (id, from_urn, to_urn, from_uuid, to_uuid, by_owner, created, valid_to, answered,"
		" valid_to_text, consented_text, status, rights, message, redirect_url, view_mode, template_id,"
		" template_version, shown_language, shown_sha256, shown, last_event, key)"
		" VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'default', 1, ?, ?, ?, ?, ?)",
	[EVENT] = "INSERT INTO event (id, type, created, performed_by, performed_by_uuid, consent, to_uuid, consent_id)"
		  " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[PARTY] = "INSERT INTO party (uuid, party_id, user_id, type, ident, name, unit_type) VALUES (?, ?, ?, ?, ?, ?, "
		  "?)",
	[TOKEN] = "INSERT INTO token (id, client_id, guard, consumer, scope, consent, issued, expires, guard_until)"
		  " VALUES (?, '5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01', ?, ?, 'ttd:inntekt', ?, ?, ?, ?)",
	[FEED] = "INSERT INTO feed (receiver, last) VALUES (?, ?) ON CONFLICT (receiver) DO UPDATE SET last = "
		 "excluded.last",
};

struct someone {
	struct uuid uuid;
	char urn[sizeof ORG_URN + 11];
};

static sqlite3 *db;
static sqlite3_stmt *sts[INSERT__MAX];
static struct someone *people, *orgs;
static uint64_t n_people, n_orgs, n_consents;
static int64_t began, step_us; /* the first request, and the time from one to the next */

static void sq(int rc, int want)
{
	if (rc == want)
		return;
	fprintf(stderr, "bench_fill: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static void exec(const char *sql)
{
	sq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* ---- numbers that look random and are the same every time ---- */

static uint64_t mixed(uint64_t n, uint64_t use)
{
	uint64_t z = n * 0x9e3779b97f4a7c15u + use * 0xd1b54a32d192ed03u + 0x2545f4914f6cdd1du;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

enum use { USE_ID, USE_PERSON = 2, USE_ORG, USE_ANSWER, USE_EVENT, USE_PARTY = 8, USE_TOKEN = 10, USE_GUARD = 12 };

static struct uuid uuid_of(uint64_t n, enum use use, uint8_t version)
{
	struct uuid u;
	uint64_t a = mixed(n, use), b = mixed(n, use + 1u);
	memcpy(u.b, &a, 8);
	memcpy(u.b + 8, &b, 8);
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | version << 4);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

/* ---- statements ---- */

static void b_uuid(sqlite3_stmt *s, int i, const struct uuid *u)
{
	sq(sqlite3_bind_blob(s, i, u->b, sizeof u->b, SQLITE_STATIC), SQLITE_OK);
}

static void b_text(sqlite3_stmt *s, int i, const char *z)
{
	sq(sqlite3_bind_text(s, i, z, -1, SQLITE_STATIC), SQLITE_OK);
}

static void b_int(sqlite3_stmt *s, int i, int64_t v)
{
	sq(sqlite3_bind_int64(s, i, v), SQLITE_OK);
}

static void run(sqlite3_stmt *s)
{
	sq(sqlite3_step(s), SQLITE_DONE);
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
}

/* ---- parties ---- */

static int control(const char *digits, const int *weights, size_t n)
{
	int sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (digits[i] - '0') * weights[i];
	return (11 - sum % 11) % 11;
}

static bool pid_make(uint64_t n, char out[16])
{
	static const int first[] = { 3, 7, 6, 1, 8, 9, 4, 5, 2 }, second[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 };
	snprintf(out, 16, "%02u%02u%02u%03u00", (unsigned)(n % 28 + 1), (unsigned)(n / 28 % 12 + 81),
		 (unsigned)(n / 336 % 100), (unsigned)(n / 33600 % 1000));
	int k = control(out, first, LEN(first));
	out[9] = (char)('0' + k);
	int l = k < 10 ? control(out, second, LEN(second)) : 10;
	out[10] = (char)('0' + l);
	return k < 10 && l < 10;
}

static bool orgno_make(uint64_t n, char out[16])
{
	static const int weights[] = { 3, 2, 7, 6, 5, 4, 3, 2 };
	snprintf(out, 16, "%08u0", (unsigned)(21000000 + n));
	int k = control(out, weights, LEN(weights));
	out[8] = (char)('0' + k);
	return k < 10;
}

static struct someone *parties(uint64_t n, enum party_type type, int64_t number)
{
	struct someone *all = calloc(n + 1, sizeof *all);
	bool person = type == PARTY_PERSON;
	char ident[16];
	sqlite3_stmt *s = sts[PARTY];
	assert(all);
	for (uint64_t i = 1, candidate = 1; i <= n; i++) {
		struct someone *p = &all[i];
		while (!(person ? pid_make(candidate++, ident) : orgno_make(candidate++, ident)))
			;
		assert(person ? model_pid_valid(str_of(ident)) : model_orgno_valid(str_of(ident)));
		p->uuid = uuid_of(i + (person ? 0 : (uint64_t)1 << 40), USE_PARTY, 4);
		snprintf(p->urn, sizeof p->urn, "%s%s", person ? PERSON_URN : ORG_URN, ident);
		b_uuid(s, 1, &p->uuid);
		b_int(s, 2, number + (int64_t)i);
		if (person)
			b_int(s, 3, number - 300000000 + (int64_t)i);
		b_int(s, 4, type);
		b_text(s, 5, ident);
		b_text(s, 6, person ? "KARI SYNTETISK NORDMANN" : "SYNTETISK SPAREBANK AS");
		if (!person)
			b_text(s, 7, "AS");
		run(s);
	}
	return all;
}

/* ---- one consent ---- */

struct one {
	uint64_t i;
	struct uuid id;
	const struct someone *from, *to;
	enum consent_status status;
	int64_t created, answered, revoked;
};

static struct one one_of(uint64_t i)
{
	struct one o = { .i = i, .id = uuid_of(i, USE_ID, 4), .created = began + (int64_t)i * step_us };
	bool busy = i % (n_consents / BUSY) == 0;
	uint64_t answer = mixed(i, USE_ANSWER) % 100;
	o.from = &people[busy ? 1 : 2 + mixed(i, USE_PERSON) % (n_people - 1)];
	o.to = &orgs[1 + mixed((uint64_t)(o.from - people) * BANKS + mixed(i, USE_ORG) % BANKS, USE_ORG) % n_orgs];
	o.status = busy || answer < 60 ? ST_ACCEPTED
		   : answer < 70       ? ST_REVOKED
		   : answer < 85       ? ST_REJECTED
				       : ST_CREATED;
	o.answered = o.status == ST_CREATED ? 0 : o.created + ANSWER_AFTER * step_us;
	o.revoked = o.status == ST_REVOKED ? o.created + REVOKE_AFTER * step_us : 0;
	return o;
}

/* Three commits a request: its creation, somebody's answer, somebody's withdrawal. */
static struct uuid event_id(uint64_t i, enum event_type type)
{
	uint64_t at = i, part = 0;
	if (type == EV_ACCEPTED || type == EV_REJECTED) {
		at += ANSWER_AFTER;
		part = 1;
	} else if (type == EV_REVOKED) {
		at += REVOKE_AFTER;
		part = 2;
	}
	struct uuid u = uuid_of(at * 3 + part, USE_EVENT, 7);
	uint64_t us = (uint64_t)(began + (int64_t)at * step_us), ms = us / 1000;
	for (int k = 0; k < 6; k++)
		u.b[k] = (uint8_t)(ms >> (40 - 8 * k));
	uint64_t within = us % 1000 * 4 + part;
	u.b[6] = (uint8_t)(0x70 | within >> 8);
	u.b[7] = (uint8_t)within;
	return u;
}

static void write_event(const struct one *o, enum event_type type, int64_t at)
{
	sqlite3_stmt *s = sts[EVENT];
	const struct someone *by = type == EV_CREATED ? o->to : o->from;
	struct uuid id = event_id(o->i, type);
	b_uuid(s, 1, &id);
	b_int(s, 2, type);
	b_int(s, 3, at);
	b_text(s, 4, by->urn);
	b_uuid(s, 5, &by->uuid);
	b_int(s, 6, (int64_t)o->i);
	b_uuid(s, 7, &o->to->uuid);
	b_uuid(s, 8, &o->id);
	run(s);
}

static enum event_type last_of(const struct one *o)
{
	static const enum event_type types[ST__MAX] = {
		[ST_ACCEPTED] = EV_ACCEPTED, [ST_REVOKED] = EV_REVOKED, [ST_REJECTED] = EV_REJECTED
	};
	return types[o->status];
}

static void write_answer(sqlite3_stmt *s, const struct one *o, char when[CLOCK_TEXT_MAX])
{
	if (o->status != ST_ACCEPTED && o->status != ST_REVOKED)
		return;
	clock_text(o->answered, when);
	b_text(s, 10, when);
	b_text(s, 15, "nb");
	b_text(s, 16, SHOWN_SHA256);
	b_text(s, 17, SHOWN);
}

static void write_consent(const struct one *o)
{
	char until[CLOCK_TEXT_MAX], when[CLOCK_TEXT_MAX], id[UUID_TEXT], url[96];
	sqlite3_stmt *s = sts[CONSENT];
	int64_t valid_to = o->created + 2 * YEAR;
	struct uuid last = event_id(o->i, last_of(o));
	uuid_text(o->id, id);
	snprintf(url, sizeof url, "https://www.example.no/loan?id=%s", id);
	clock_text(valid_to, until);
	b_uuid(s, 1, &o->id);
	b_text(s, 2, o->from->urn);
	b_text(s, 3, o->to->urn);
	b_uuid(s, 4, &o->from->uuid);
	b_uuid(s, 5, &o->to->uuid);
	b_int(s, 6, o->created);
	b_int(s, 7, valid_to);
	b_int(s, 8, o->answered);
	b_text(s, 9, until);
	write_answer(s, o, when);
	b_int(s, 11, o->status);
	b_text(s, 12, RIGHTS);
	b_text(s, 13, MESSAGE);
	b_text(s, 14, url);
	b_uuid(s, 18, &last);
	b_int(s, 19, (int64_t)o->i);
	run(s);
}

static void write_token(const struct one *o)
{
	sqlite3_stmt *s = sts[TOKEN];
	struct uuid id = uuid_of(o->i, USE_TOKEN, 4);
	uint64_t guard[4];
	for (uint64_t k = 0; k < LEN(guard); k++)
		guard[k] = mixed(o->i, USE_GUARD + k);
	b_uuid(s, 1, &id);
	sq(sqlite3_bind_blob(s, 2, guard, sizeof guard, SQLITE_STATIC), SQLITE_OK);
	b_text(s, 3, o->to->urn + sizeof ORG_URN - 1);
	b_uuid(s, 4, &o->id);
	b_int(s, 5, o->answered);
	b_int(s, 6, o->answered + 120 * CLOCK_SECOND);
	b_int(s, 7, o->answered + 240 * CLOCK_SECOND);
	run(s);
}

/* What happens when request i comes: it, an answer to an older one, a withdrawal of a still older one. */
static void happen(uint64_t i)
{
	if (i <= n_consents) {
		struct one o = one_of(i);
		write_consent(&o);
		write_event(&o, EV_CREATED, o.created);
	}
	if (i > ANSWER_AFTER && i - ANSWER_AFTER <= n_consents) {
		struct one o = one_of(i - ANSWER_AFTER);
		if (o.answered)
			write_event(&o, o.status == ST_REJECTED ? EV_REJECTED : EV_ACCEPTED, o.answered);
		if (o.status == ST_ACCEPTED && mixed(o.i, USE_TOKEN) % 4 == 0)
			write_token(&o);
	}
	if (i > REVOKE_AFTER && i - REVOKE_AFTER <= n_consents) {
		struct one o = one_of(i - REVOKE_AFTER);
		if (o.revoked)
			write_event(&o, EV_REVOKED, o.revoked);
	}
}

static void feed_last(uint64_t last)
{
	struct uuid nil = { 0 }, id = event_id(last, EV_CREATED);
	b_uuid(sts[FEED], 1, &nil);
	b_uuid(sts[FEED], 2, &id);
	run(sts[FEED]);
}

/* ---- the whole ---- */

/* Indexes are made afterwards, by sorting: that is many times faster than a row at a time. */
static char *indexes_drop(void)
{
	char *again = sqlite3_mprintf("%s", ""), *drop = sqlite3_mprintf("%s", "");
	sqlite3_stmt *s;
	sq(sqlite3_prepare_v2(db, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL", -1,
			      &s, NULL),
	   SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		again = sqlite3_mprintf("%z%s;", again, sqlite3_column_text(s, 1));
		drop = sqlite3_mprintf("%zDROP INDEX %s;", drop, sqlite3_column_text(s, 0));
	}
	sqlite3_finalize(s);
	exec(drop);
	sqlite3_free(drop);
	return again;
}

static void fill(void)
{
	n_people = n_consents / PER_PERSON + 1;
	step_us = YEAR / (int64_t)(n_consents + REVOKE_AFTER + 1);
	began = clock_real() / CLOCK_DAY * CLOCK_DAY - YEAR;
	exec("BEGIN");
	people = parties(n_people, PARTY_PERSON, 700000000);
	orgs = parties(n_orgs, PARTY_ORG, 900000000);
	for (uint64_t i = 1; i <= n_consents + REVOKE_AFTER; i++) {
		happen(i);
		if (i % 100000 == 0)
			exec("COMMIT; BEGIN");
	}
	feed_last(n_consents + REVOKE_AFTER);
	exec("COMMIT");
}

int main(int argc, char **argv)
{
	n_consents = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
	n_orgs = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;
	if (n_consents < 10 * (uint64_t)BUSY || n_orgs == 0)
		return 2;
	sq(sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1500000;"
	     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA threads = 2");
	char *indexes = indexes_drop();
	for (int i = 0; i < INSERT__MAX; i++)
		sq(sqlite3_prepare_v3(db, inserts[i], -1, SQLITE_PREPARE_PERSISTENT, &sts[i], NULL), SQLITE_OK);
	fill();
	for (int i = 0; i < INSERT__MAX; i++)
		sqlite3_finalize(sts[i]);
	exec(indexes);
	exec("PRAGMA journal_mode = WAL");
	sqlite3_free(indexes);
	sq(sqlite3_close(db), SQLITE_OK);
	free(people);
	free(orgs);
	return 0;
}
