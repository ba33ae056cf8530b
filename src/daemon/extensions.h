/* What extensions add to the layers below them. */
#pragma once

/* Makes the seed sections and the registry's parts of all extensions known. Call it once, before anything reads a
 * document or a store. */
void extensions_add(void);
