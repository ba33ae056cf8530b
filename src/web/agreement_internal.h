/* A visit of one agreement: who may see it, and its parts that the pages for details, withdrawal and receipt share. */
#pragma once
#include "consent/snapshot.h"
#include "page/address.h"
#include "page/consent_state.h"

/* One call of one of these pages. */
struct agreement_visit {
	struct page p;
	struct consent_params params;
	bool done; /* the person has withdrawn it with the request before this one */
	struct consent *c;
	struct consent_view view;
	struct consent_snapshot snapshot; /* html absent: it was never given, or… */
	bool damaged;                     /* …the kept text does not match its hash */
	bool texts_gone;                  /* …nothing was kept, and the texts of the registry are gone */
};

/* ---- agreement_visit.c ---- */
/* Sets p, params and done. RC_INVALID: no id, or not a UUID. */
MUST_USE enum rc agreement_read(struct agreement_visit *visit, struct http_req *req, struct http_res *res,
				const struct pair *pairs);
/* Each of these: RC_OK to go on, RC_ANSWERED when another page has been sent. */
/* Sets c, if the person may see it. The caller is a person. */
MUST_USE enum rc agreement_allow(struct agreement_visit *visit);
/* Also sets view, snapshot and damaged. A request that can be answered has its own page, and the person is sent to
 * it. */
MUST_USE enum rc agreement_open(struct agreement_visit *visit);
/* All of these steps and the login, for a GET. */
MUST_USE enum rc agreement_get(struct agreement_visit *visit, struct http_req *req, struct http_res *res);

/* ---- agreement_parts.c: of an opened agreement ---- */
bool agreement_given(const struct agreement_visit *visit);  /* accepted once; it may have ended */
bool agreement_is_own(const struct agreement_visit *visit); /* the person gives it for themselves */
struct str agreement_status(const struct agreement_visit *visit, const struct consent_state *state); /* HTML */
struct str agreement_list_address(const struct agreement_visit *visit); /* of the overview that it is in */
/* HTML: the text that the person said yes to, marked with its language, and below it the origin: language, template,
 * resources, hash. is_open: the origin is unfolded. */
struct str agreement_snapshot_html(const struct agreement_visit *visit, bool is_open);
