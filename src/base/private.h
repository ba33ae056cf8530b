/* Files with secrets: who may read them. */
#pragma once
#include "base/base.h"

enum private_to { PRIVATE_TO_OWNER, PRIVATE_TO_GROUP, PRIVATE_TO__MAX };
/* May nobody read or write the open file but its owner (and its group)? Asks the open file, since another one may get
 * the name meanwhile. A file in systemd's credential folder ($CREDENTIALS_DIRECTORY) is always private: an access list
 * protects it, and its mode shows the list's mask. false as well: the file cannot be looked at. */
bool private_file(int fd, const char *path, enum private_to to);
