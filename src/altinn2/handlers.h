/* The handlers that routes.c names. */
#pragma once
#include "http/http.h"

/* requests.c, request_list.c */
http_handler altinn2_request_create, altinn2_request_show, altinn2_request_delete, altinn2_request_list;
/* token.c */
http_handler altinn2_token_get, altinn2_token_delete, altinn2_token_used;
/* metadata.c */
http_handler altinn2_jwk, altinn2_well_known;
/* owner_list.c */
http_handler altinn2_owner_list;
/* srr.c */
http_handler altinn2_srr_create, altinn2_srr_list, altinn2_srr_show, altinn2_srr_replace, altinn2_srr_delete;
/* test_token.c */
http_handler altinn2_test_token;
