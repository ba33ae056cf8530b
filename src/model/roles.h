/* Roles that a person or an organisation holds for an organisation. The rules (consent/authority.c) and the statements
 * (store/statements.def) take theirs from this one list.
 *
 * ROLE(code, register_name, key, manager, answers_all)
 *   code           Altinn's name of the role: urn:altinn:rolecode:CODE
 *   register_name  its name in the register of legal entities: urn:altinn:external-role:ccr:NAME; NULL = none.
 *                  Codes with the same name are one role.
 *   key            YES: the holder acts as the organisation, also where it holds something for another party.
 *   manager        YES: the holder reads and withdraws the consents that the organisation gives or is asked for.
 *   answers_all    YES: the holder answers every request to the organisation, whatever the policies say.
 *
 * FIRST is the first row, for lists with commas between: that role is a key role and a manager role. */
#pragma once

#define ROLE_URN "urn:altinn:rolecode:"
#define REGISTER_ROLE_URN "urn:altinn:external-role:ccr:"

// clang-format off
#define MODEL_ROLES(FIRST, ROLE) \
	FIRST(dagl, "daglig-leder",          YES, YES, YES) \
	ROLE(lede,  "styreleder",            YES, YES, NO) \
	ROLE(inneh, "innehaver",             YES, YES, NO) \
	ROLE(innh,  "innehaver",             YES, YES, NO) \
	ROLE(hadm,  NULL,                    NO,  YES, YES) \
	ROLE(admai, NULL,                    NO,  YES, NO) \
	ROLE(dtpr,  "deltaker-delt-ansvar",  YES, NO,  NO) \
	ROLE(dtso,  "deltaker-fullt-ansvar", YES, NO,  NO) \
	ROLE(komp,  "komplementar",          YES, NO,  NO) \
	ROLE(best,  "bestyrende-reder",      YES, NO,  NO) \
	ROLE(bobe,  "bostyrer",              YES, NO,  NO) \
	ROLE(repr,  NULL,                    YES, NO,  NO) \
	ROLE(medl,  "styremedlem",           NO,  NO,  NO) \
	ROLE(nest,  "nestleder",             NO,  NO,  NO) \
	ROLE(regn,  "regnskapsforer",        NO,  NO,  NO) \
	ROLE(revi,  "revisor",               NO,  NO,  NO)
// clang-format on
