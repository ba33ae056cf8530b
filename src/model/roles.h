/* Roles that a person or an organisation holds for an organisation. The rules (consent/authority.c) and the statements
 * (store/statements.def) take theirs from this one list. Source: spec of the registers, §2.
 *
 * ROLE(code, register_name, key, manager, answers_all)
 *   code           Altinn's name of the role: urn:altinn:rolecode:CODE
 *   register_name  its name in the register of legal entities: urn:altinn:external-role:ccr:NAME; NULL = none.
 *   key            YES: the holder acts as the organisation, also where it holds something for another party.
 *   manager        YES: the holder is main administrator (hadm) or access manager (admai): it reads and withdraws the
 *                  consents that the organisation gives or is asked for.
 *   answers_all    YES: the holder answers every request to the organisation, whatever the policies say.
 *
 * FIRST is the first row, for lists with commas between: that role is a key role and a manager role. */
#pragma once
#include "base/arena.h"

#define ROLE_URN "urn:altinn:rolecode:"
#define REGISTER_ROLE_URN "urn:altinn:external-role:ccr:"

// clang-format off
#define MODEL_ROLES(FIRST, ROLE) \
	FIRST("dagl",  "daglig-leder",                       YES, YES, YES) \
	ROLE("lede",   "styreleder",                         YES, YES, NO) \
	ROLE("innh",   "innehaver",                          YES, YES, NO) \
	ROLE("hadm",   NULL,                                 NO,  YES, YES) \
	ROLE("admai",  NULL,                                 NO,  YES, NO) \
	ROLE("dtpr",   "deltaker-delt-ansvar",               YES, YES, NO) \
	ROLE("dtso",   "deltaker-fullt-ansvar",              YES, YES, NO) \
	ROLE("komp",   "komplementar",                       YES, YES, NO) \
	ROLE("best",   "bestyrende-reder",                   YES, YES, NO) \
	ROLE("bobe",   "bostyrer",                           YES, YES, NO) \
	ROLE("repr",   "norsk-representant",                 NO,  YES, NO) \
	ROLE("knuf",   "kontaktperson-nuf",                  NO,  YES, NO) \
	ROLE("ffør",   "forretningsforer",                   NO,  YES, NO) \
	ROLE("komk",   "kontaktperson-kommune",              NO,  YES, NO) \
	ROLE("kemn",   "kontaktperson-ados",                 NO,  YES, NO) \
	ROLE("sreva",  "kontaktperson-revisor",              NO,  YES, NO) \
	ROLE("sam",    "sameier",                            NO,  YES, NO) \
	ROLE("kont",   "kontaktperson",                      NO,  NO,  NO) \
	ROLE("medl",   "styremedlem",                        NO,  NO,  NO) \
	ROLE("nest",   "nestleder",                          NO,  NO,  NO) \
	ROLE("vara",   "varamedlem",                         NO,  NO,  NO) \
	ROLE("obs",    "observator",                         NO,  NO,  NO) \
	ROLE("regn",   "regnskapsforer",                     NO,  NO,  NO) \
	ROLE("revi",   "revisor",                            NO,  NO,  NO) \
	ROLE("read",   "revisoradressat",                    NO,  NO,  NO) \
	ROLE("rfad",   "regnskapsforeradressat",             NO,  NO,  NO) \
	ROLE("sign",   "signerer",                           NO,  NO,  NO) \
	ROLE("sife",   "signerer-fellesskap",                NO,  NO,  NO) \
	ROLE("sihv",   "signerer-hver-for-seg",              NO,  NO,  NO) \
	ROLE("prok",   "prokurist",                          NO,  NO,  NO) \
	ROLE("pofe",   "prokurist-fellesskap",               NO,  NO,  NO) \
	ROLE("pohv",   "prokurist-hver-for-seg",             NO,  NO,  NO) \
	ROLE("bedr",   "hovedenhet",                         NO,  NO,  NO) \
	ROLE("aafy",   "ikke-naeringsdrivende-hovedenhet",   NO,  NO,  NO) \
	ROLE("orgl",   "organisasjonsledd-offentlig-sektor", NO,  NO,  NO) \
	ROLE("ados",   "administrativ-enhet-offentlig-sektor", NO, NO, NO) \
	ROLE("kirk",   "kirkelig-fellesraad",                NO,  NO,  NO) \
	ROLE("eikm",   "eierkommune",                        NO,  NO,  NO) \
	ROLE("hlse",   "helseforetak",                       NO,  NO,  NO) \
	ROLE("kdeb",   "konkursdebitor",                     NO,  NO,  NO) \
	ROLE("kenk",   "personlige-konkurs",                 NO,  NO,  NO) \
	ROLE("hfor",   "hovedforetak",                       NO,  NO,  NO) \
	ROLE("kmor",   "konsern-mor",                        NO,  NO,  NO) \
	ROLE("kdat",   "konsern-datter",                     NO,  NO,  NO) \
	ROLE("kgrl",   "konsern-grunnlag",                   NO,  NO,  NO) \
	ROLE("fgrp",   "foretaksgruppe-med",                 NO,  NO,  NO) \
	ROLE("fusj",   "fusjonsovertaker",                   NO,  NO,  NO) \
	ROLE("fisj",   "fisjonsovertaker",                   NO,  NO,  NO) \
	ROLE("stft",   "stifter",                            NO,  NO,  NO) \
	ROLE("avkl",   "forestaar-avvikling",                NO,  NO,  NO) \
	ROLE("vife",   "virksomhet-fellesskap-drifter",      NO,  NO,  NO) \
	ROLE("utbg",   "utleiebygg",                         NO,  NO,  NO) \
	ROLE("opmv",   "saerskilt-oppdelt-enhet",            NO,  NO,  NO) \
	ROLE("ktrf",   "kontorfelleskapmedlem",              NO,  NO,  NO) \
	ROLE("femv",   "felles-registrert-med",              NO,  NO,  NO) \
	ROLE("mvag",   "mva-signerer",                       NO,  NO,  NO) \
	ROLE("mvau",   "mva-utfyller",                       NO,  NO,  NO) \
	ROLE("esgr",   "elektronisk-signeringsrettig",       NO,  NO,  NO) \
	ROLE("etdl",   "elektronisk-signeringsrett-tildeler", NO, NO,  NO) \
	ROLE("hled",   "parti-organ-leder",                  NO,  NO,  NO) \
	ROLE("hnst",   "parti-organ-nestleder",              NO,  NO,  NO) \
	ROLE("hmdl",   "parti-organ-styremedlem",            NO,  NO,  NO) \
	ROLE("hvar",   "parti-organ-varamedlem",             NO,  NO,  NO)
// clang-format on

struct role {
	const char *code;
	const char *register_name; /* NULL: none */
	bool manager;
	bool answers_all;
};
/* By either URN of the role, in any letter case. NULL: the list has no such role. */
const struct role *role_find(struct str urn);
/* The one spelling of a role: in lower case, by its code where the list has the role. Any text passes. */
struct str role_canonical(struct arena *a, struct str urn);
/* Is the text the URN of a role: one of the two prefixes, and a name of letters (ø among them), digits and . _ : -? */
bool role_urn_ok(struct str urn);
/* A copy in lower case, Ø too: the one letter beyond ASCII that a role has. */
struct str role_lower(struct arena *a, struct str s);
