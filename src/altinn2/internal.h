/* What the files of this folder share. */
#pragma once
#include "altinn2/altinn2.h"
#include "altinn2/services.h"
#include "front/importer.h"
#include "publish/seed_part.h"

#define API_KEY_PREFIX "apiKey/"  /* of the keys of stored entries; the SHA-256 in hexadecimal follows */
#define SERVICE_PREFIX "service/" /* CODE/EDITION follows */
#define ALTINN2_SECTIONS 2
extern const struct seed_section altinn2_sections[ALTINN2_SECTIONS]; /* seed.c */
extern const struct registry_part altinn2_part;                      /* services.c */
extern const struct importer altinn2_importer;                       /* import.c */
/* sandbox_page.c: extension.sandbox_section */
void altinn2_sandbox_section(struct http_req *req, struct str origin, struct buf *b);
extern const struct http_table altinn2_routes, altinn2_sandbox_routes; /* routes.c */
