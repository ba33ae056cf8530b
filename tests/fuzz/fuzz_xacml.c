/* Policy files: whatever is refused says why on one line, and nothing that is taken allows everybody everything. */
#include "registry/xacml.h"
#include "fuzz.h"

static void rule_check(const struct policy_rule *rule)
{
	HOLDS(rule->n_actions && rule->n_actions <= XACML_MAX_ACTIONS);
	HOLDS(rule->n_subjects && rule->n_subjects <= XACML_MAX_ALTERNATIVES);
	for (size_t i = 0; i < rule->n_actions; i++)
		HOLDS(rule->actions[i].n);
	for (size_t i = 0; i < rule->n_subjects; i++)
		HOLDS(rule->subjects[i]->n && str_starts(*rule->subjects[i], STR("urn:altinn:")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct policy p = { 0 };
	struct str err = STR_NONE;
	if (xacml_compile(&a, str_span(data, size), STR("r"), &p, &err) != RC_OK) {
		HOLDS(str_starts(err, STR("line ")) && str_find(err, STR("\n")) < 0 && !p.n_rules);
		return 0;
	}
	HOLDS(p.n_rules && p.min_level >= 0 && p.min_level <= 4);
	for (size_t i = 0; i < p.n_rules; i++)
		rule_check(&p.rules[i]);
	return 0;
}
