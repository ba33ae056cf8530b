/* The command line of samtykke. */
#pragma once

/* Finds the command that argv names, parses its options and runs it. Returns the exit status of the process: 0 done,
 * 1 failed after one line on stderr, 2 wrong usage. */
int cli_main(int argc, char **argv);
