/* The private keys of the two demo programs. */
#ifndef DEMO_KEY_H
#define DEMO_KEY_H

/* Returns the client's private key as JWK; the caller frees it. NULL: the key cannot be read. With `file` NULL the key
 * comes from the sandbox, which publishes the private keys of its clients. Elsewhere a private key is in a file that
 * only its owner and group can read; another file is refused. */
char *key_read(const char *file, const char *sandbox, const char *client_id);

#endif
