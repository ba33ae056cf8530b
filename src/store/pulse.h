/* The pulse: a thread that looks whether the database answers when somebody asks or has waited long, and judges it
 * silent when it does not (patience.h). While it is silent the thread looks by itself. Otherwise it sleeps. */
#pragma once
#include "store/db.h"

#define PULSE_LOOK_US (1500 * INT64_C(1000))  /* without an answer for so long the database is silent */
#define PULSE_AGAIN_US (500 * INT64_C(1000))  /* between looks at a silent database */
#define PULSE_READY_US (700 * INT64_C(1000))  /* pulse_ready waits so long */
#define PULSE_IDLE_US (10 * INT64_C(1000000)) /* an older connection of the pulse's own is not trusted */

struct pulse;
/* uri and patience must outlive it. RC_FAIL: no memory, or no thread. */
MUST_USE enum rc pulse_create(const struct db_driver *driver, const char *uri, struct patience *patience,
			      struct pulse **out);
void pulse_destroy(struct pulse *p); /* p may be NULL */
/* Does the database answer now? RC_BUSY after PULSE_READY_US at most; *why_out: the reason in words, static text. */
MUST_USE enum rc pulse_ready(struct pulse *p, const char **why_out);
