#include "consent/internal.h"
#include "store/change.h"

#include <assert.h>

static void caches_destroy(struct consent_service *consents)
{
	party_cache_destroy(consents->parties);
	standing_cache_destroy(consents->standings);
	consents->parties = NULL;
	consents->standings = NULL;
}

enum rc consent_service_init(struct consent_service *consents, struct store *s, const struct consent_config *cfg)
{
	assert(s && cfg->events_page >= 0 && cfg->events_page <= EVENTS_MAX && cfg->events_lag_s >= 0);
	*consents = (struct consent_service){ .store = s, .cfg = *cfg };
	enum rc rc = party_cache_create(&consents->parties);
	if (rc == RC_OK)
		rc = standing_cache_create(&consents->standings);
	if (rc == RC_OK)
		rc = registry_init(&consents->registry, s);
	if (rc != RC_OK)
		caches_destroy(consents);
	return rc;
}

void consent_service_finish(struct consent_service *consents)
{
	registry_finish(&consents->registry);
	caches_destroy(consents);
}

static bool urn_is_number(struct urn u)
{
	return u.value.p && (u.kind == URN_PERSON || u.kind == URN_ORG);
}

static enum rc resolve_numbers(struct consent_service *consents, struct reader *r, struct arena *a,
			       const struct urn *urns, size_t n, struct party *found[])
{
	struct str idents[PARTIES_MAX];
	struct party *hits[PARTIES_MAX] = { NULL };
	size_t n_idents = 0, at = 0;
	int64_t epoch;
	assert(n <= PARTIES_MAX);
	for (size_t i = 0; i < n; i++)
		if (urn_is_number(urns[i]))
			idents[n_idents++] = urns[i].value;
	if (n_idents == 0)
		return RC_OK;
	TRY(parties_by_ident(r, a, idents, n_idents, hits, &epoch));
	for (size_t i = 0; i < n; i++)
		if (urn_is_number(urns[i]))
			found[i] = hits[at++];
	for (size_t i = 0; i < n_idents; i++)
		if (hits[i])
			party_cache_put(consents->parties, hits[i], epoch);
	return RC_OK;
}

static enum rc resolve_uuids(struct reader *r, struct arena *a, const struct urn *urns, size_t n, struct party *found[])
{
	struct uuid uuids[PARTIES_MAX];
	struct party *hits[PARTIES_MAX] = { NULL };
	size_t n_uuids = 0, at = 0;
	assert(n <= PARTIES_MAX);
	for (size_t i = 0; i < n; i++)
		if (urns[i].value.p && urns[i].kind == URN_PARTY_UUID)
			uuids[n_uuids++] = urns[i].uuid;
	if (n_uuids == 0)
		return RC_OK;
	TRY(parties_by_uuid(r, a, uuids, n_uuids, hits, NULL));
	for (size_t i = 0; i < n; i++)
		if (urns[i].value.p && urns[i].kind == URN_PARTY_UUID)
			found[i] = hits[at++];
	return RC_OK;
}

enum rc parties_resolve(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
			struct party *found[])
{
	if (n > PARTIES_MAX)
		return RC_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		found[i] = NULL;
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(resolve_numbers(consents, r, a, urns, n, found));
	return resolve_uuids(r, a, urns, n, found);
}

enum rc parties_resolve_at(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
			   struct party *found[], int64_t epoch)
{
	if (n > PARTIES_MAX)
		return RC_TOO_LARGE;
	for (size_t i = 0; i < n; i++) {
		found[i] = urn_is_number(urns[i]) ? party_cache_get(consents->parties, a, urns[i].value, epoch) : NULL;
		if (urns[i].value.p && !found[i])
			return parties_resolve(consents, a, urns, n, found);
	}
	return RC_OK;
}

/* The change has no uuid: the first registration of a number mints it. */
static void change_new_party(struct change *c, struct urn u, struct str name)
{
	const struct party p = {
		.type = u.kind == URN_PERSON ? PARTY_PERSON : PARTY_ORG,
		.ident = u.value,
		.name = name,
	};
	change_party(c, &p);
}

enum rc parties_register(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
			 struct party *found[])
{
	struct change *c = change_new(a);
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		if (found[i] || !urn_is_number(urns[i]))
			continue;
		change_new_party(c, urns[i], STR_NONE);
		any = true;
	}
	if (!any)
		return RC_OK;
	enum rc rc = store_apply(consents->store, c, false);
	if (rc != RC_OK && rc != RC_CONFLICT && rc != RC_UNCERTAIN)
		return rc;
	TRY(parties_resolve(consents, a, urns, n, found));
	for (size_t i = 0; i < n; i++)
		if (!found[i] && urn_is_number(urns[i]))
			return rc == RC_OK ? RC_FAIL : rc;
	return RC_OK;
}

enum rc party_unknown(struct problems *p, struct arena *a, struct urn u, enum party_type type)
{
	bool org = u.kind == URN_ORG || (u.kind != URN_PERSON && type == PARTY_ORG);
	(void)problems_add(p, org ? PROB_UNKNOWN_ORG : PROB_UNKNOWN_PERSON, urn_str(a, u));
	return RC_INVALID;
}

/* Synthetic names are an adjective and an animal or a thing, so that they belong to no real person. */
static const char *const synthetic_first[] = {
	"RASK", "STILLE",  "GLAD", "KLOK",  "MODIG", "SNILL", "LYS",     "RUND",
	"BLID", "TROFAST", "LUN",  "KVIKK", "MYK",   "STOLT", "VENNLIG", "NYSGJERRIG",
};
static const char *const synthetic_last[] = {
	"REV",   "BJØRK",  "HEGRE", "FOSS", "LERKE", "MORELL", "ELG",        "SKJELL",
	"TRANE", "HASSEL", "OTER",  "FURU", "ROGN",  "ERLE",   "SALAMANDER", "LYNG",
};

static struct str synthetic_name(struct arena *a, struct str pid)
{
	unsigned h = 0;
	for (size_t i = 0; i < pid.n; i++)
		h = h * 31 + (unsigned char)pid.p[i];
	return arena_fmt(a, "%s %s", synthetic_first[h % LEN(synthetic_first)],
			 synthetic_last[h / LEN(synthetic_first) % LEN(synthetic_last)]);
}

enum rc party_ensure_person(struct consent_service *consents, struct arena *a, struct str pid, bool synthetic,
			    struct party **out)
{
	if (!model_pid_valid(pid))
		return RC_INVALID;
	const struct urn u = { .kind = URN_PERSON, .value = pid };
	struct party *found;
	TRY(parties_resolve(consents, a, &u, 1, &found));
	if (!found) {
		struct change *c = change_new(a);
		change_new_party(c, u, synthetic ? synthetic_name(a, pid) : STR_NONE);
		enum rc rc = store_apply(consents->store, c, false);
		if (rc != RC_OK && rc != RC_CONFLICT && rc != RC_UNCERTAIN)
			return rc;
		TRY(parties_resolve(consents, a, &u, 1, &found));
		if (!found)
			return rc == RC_OK ? RC_FAIL : rc;
	}
	*out = found;
	return RC_OK;
}

enum rc party_name_keep(struct consent_service *consents, struct arena *a, const struct party *p, struct str name)
{
	if (p->name.n || !name.n)
		return RC_OK;
	struct change *c = change_new(a);
	change_party_name(c, p->ident, name);
	return store_apply(consents->store, c, false);
}

enum rc party_numbers(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
		      struct party *found[])
{
	TRY(parties_resolve_at(consents, a, urns, n, found, registry_snapshot_epoch(&consents->registry)));
	for (size_t i = 0; i < n; i++) /* a login gives a name without a new epoch */
		if (found[i] && !found[i]->name.n)
			return parties_resolve(consents, a, urns, n, found);
	return RC_OK;
}

enum rc party_org_known(struct consent_service *consents, struct arena *a, struct str orgno, bool *out)
{
	const struct urn u = { .kind = URN_ORG, .value = orgno };
	struct party *found;
	TRY(parties_resolve(consents, a, &u, 1, &found));
	*out = found && found->type == PARTY_ORG;
	return RC_OK;
}
