/* Organisations that register clients and scopes in a fresh store. */
#pragma once
#include "publish/selfservice.h"
#include "publish_kit.h"

#define OWNER "991825827"    /* has the prefix ttd */
#define BANK "810419512"     /* has clients */
#define SUPPLIER "810418192" /* has clients of its own and for the bank */

struct desk {
	struct kit k;
	struct registry_box box;
	struct publication p;
};

static inline int desk_setup(void **state)
{
	struct desk *d = calloc(1, sizeof *d);
	kit_open(&d->k, STORE_SANDBOX);
	kit_apply(&d->k, json_q(&d->k.a, "{'parties':[{'type':'organization','organizationNumber':'" OWNER "'},"
					 "{'type':'organization','organizationNumber':'" BANK "'},"
					 "{'type':'organization','organizationNumber':'" SUPPLIER "'}],"
					 "'prefixes':[{'prefix':'ttd','owner':'" OWNER "'}],"
					 "'scopes':[{'scope':'ttd:open','owner':'" OWNER "',"
					 "'delegationSource':'https://www.altinn.no/'},"
					 "{'scope':'ttd:closed','owner':'" OWNER "'}]}"));
	CHECK_RC(registry_init(&d->box, d->k.store), RC_OK);
	*state = d;
	return 0;
}

static inline int desk_teardown(void **state)
{
	struct desk *d = *state;
	registry_finish(&d->box);
	kit_close(&d->k);
	free(d);
	return 0;
}

static inline struct publisher publisher(struct desk *d, const char *orgno)
{
	return (struct publisher){ .registry = &d->box, .a = &d->k.a, .orgno = str_of(orgno) };
}

static inline const struct js *body(struct desk *d, const char *text)
{
	const struct js *v = NULL;
	if (text)
		CHECK_RC(js_parse(&d->k.a, json_q(&d->k.a, text), NULL, &v, NULL), RC_OK);
	return v;
}

/* The result and, where there is one, the reason or the faults: "ok", "conflict: a client has this id". */
static inline struct str outcome(struct desk *d, enum rc rc)
{
	struct str text = rc == RC_INVALID ? d->p.faults : str_of(d->p.why);
	if (rc == RC_OK)
		return d->p.changed ? STR("ok") : STR("the same");
	return arena_fmt(&d->k.a, "%s%s%.*s", rc_name(rc), text.n ? ": " : "", STR_FMT(text));
}
