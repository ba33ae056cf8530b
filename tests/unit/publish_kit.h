/* A fresh store in a folder of its own, and documents applied to it. */
#pragma once
#include "base/clock.h"
#include "registry/registry.h"
#include "store/change.h"
#include "publish/seed.h"
#include "t.h"

struct kit {
	struct arena a;
	struct store *store;
	char dir[64];
	struct seed_report report;
};

static inline void kit_open(struct kit *k, enum store_mode mode)
{
	struct str err = STR_NONE;
	*k = (struct kit){ 0 };
	snprintf(k->dir, sizeof k->dir, "/tmp/seed-test-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	struct store_config c = { .mode = mode, .migrate = true };
	c.uri = arena_cstr(&k->a, arena_fmt(&k->a, "sqlite:%s/test.db", k->dir));
	enum rc rc = store_open(&c, &k->store, &k->a, &err);
	if (rc != RC_OK)
		fail_msg("store_open: %s %.*s", rc_name(rc), STR_FMT(err));
}

static inline void kit_close(struct kit *k)
{
	static const char *const files[] = { "test.db", "test.db-wal", "test.db-shm", "test.db-journal" };
	store_close(k->store);
	for (size_t i = 0; i < LEN(files); i++)
		(void)unlink(arena_cstr(&k->a, arena_fmt(&k->a, "%s/%s", k->dir, files[i])));
	(void)rmdir(k->dir);
	arena_finish(&k->a);
}

static inline enum rc kit_try(struct kit *k, struct str json, struct seed_options o)
{
	return seed_apply(k->store, &k->a, json, &o, &k->report);
}

static inline void kit_apply(struct kit *k, struct str json)
{
	enum rc rc = kit_try(k, json, (struct seed_options){ .sandbox = true });
	if (rc != RC_OK)
		fail_msg("apply: %s\n%.*s", rc_name(rc), STR_FMT(buf_str(&k->report.faults)));
}

static inline struct str kit_export(struct kit *k)
{
	struct buf b = BUF(&k->a);
	assert_int_equal(seed_export(k->store, &b), RC_OK);
	return buf_str(&b);
}

static inline int64_t kit_version(struct kit *k)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	int64_t version = -1;
	assert_int_equal(reader_open(k->store, false, &r), RC_OK);
	assert_int_equal(store_registry_version(r, &version), RC_OK);
	return version;
}

/* Small JSON with ' for ", so that a test can be read. */
static inline struct str json_q(struct arena *a, const char *text)
{
	char *p = (char *)arena_cstr(a, str_of(text));
	for (char *c = p; *c; c++)
		if (*c == '\'')
			*c = '"';
	return str_of(p);
}
