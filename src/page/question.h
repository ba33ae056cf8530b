/* The question that a consent request puts to a person: its text, its facts, the two buttons; and the page behind the
 * answer. The caller is a person with a session. */
#pragma once
#include "page/address.h"
#include "page/consent_state.h"

struct question {
	struct consent_params params;
	const char *action; /* local path that the form posts to: "csrf", "decision", "language" and those of params */
	struct str fields;  /* HTML: further hidden fields of the form; absent: none */
};
/* Shows the consent: to be answered, or with its state, which `crossed` replaces (NULL: its own). It need not be stored
 * yet. Always RC_ANSWERED, or the rc with which the store could not be read. */
MUST_USE enum rc question_send(struct page *p, const struct question *q, const struct consent *c,
			       const struct consent_state *crossed);
/* In place of a question whose template or resource is gone. */
MUST_USE enum rc question_texts_gone(struct page *p, const struct consent_params *params, const struct consent *c);
/* The page after an answer: it stays, or moves on to log out and go back to the requester. */
MUST_USE enum rc question_answered(struct page *p, const struct consent_params *params, const struct consent *c,
				   bool approved);
/* The decision of the posted form. false: it has none, or another. */
bool question_decision(const struct pair *form, enum consent_status *out);
