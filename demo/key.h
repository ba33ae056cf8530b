/* Where the two demo programs have their private keys from. */
#ifndef DEMO_KEY_H
#define DEMO_KEY_H

/* The client's private key as JWK, to be freed; NULL: it is not to be had. file NULL: a sandbox publishes even its
 * clients' keys. Everywhere else a private key lies in a file that only its owner can read. */
char *key_read(const char *file, const char *sandbox, const char *client_id);

#endif
