#include "cli/internal.h"

/* Each command with its options; a group has no options of its own. */
static void options_write(FILE *f)
{
	for (const struct command *const *c = cli_commands; *c; c++) {
		fprintf(f, "\t\t['%s']='--help", (*c)->name);
		for (size_t i = 0; i < (*c)->n_opts; i++)
			fprintf(f, " --%s", (*c)->opts[i].name);
		fputs("'\n", f);
	}
}

void completion_write(FILE *f)
{
	fputs("# Completion of samtykke(1) for bash, made from its own tables: samtykke completion\n"
	      "_samtykke() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words='' name\n"
	      "\tlocal -A options=(\n",
	      f);
	options_write(f);
	fputs("\t)\n"
	      "\tlocal commands=(\"${!options[@]}\")\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\twords=\"--help --version $(printf '%s\\n' \"${commands[@]%% *}\" | sort -u)\"\n"
	      "\telif [ \"$COMP_CWORD\" -eq 2 ] && [ -z \"${options[$command]-}\" ]; then\n"
	      "\t\twords=--help\n"
	      "\t\tfor name in \"${commands[@]}\"; do\n"
	      "\t\t\t[ \"${name% *}\" != \"$command\" ] || words+=\" ${name#* }\"\n"
	      "\t\tdone\n"
	      "\telse\n"
	      "\t\t[ -n \"${options[$command]-}\" ] || command+=\" ${COMP_WORDS[2]}\"\n"
	      "\t\t[[ $cur != -* ]] || words=${options[$command]-}\n"
	      "\tfi\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	      "}\n"
	      "complete -o default -F _samtykke samtykke\n",
	      f);
}
