#include "cli/key_internal.h"

// clang-format off
#define OPT(field, name, type, arg, help) { name, 0, type, offsetof(struct key_opts, field), arg, help }

#define MAKE_ROWS \
	ADMIN_ROWS(struct key_opts), \
	OPT(alg, "alg", OPT_TEXT, "ALG", "RS256 (default), PS256, ES256 or EdDSA."), \
	OPT(use, "use", OPT_TEXT, "USE", \
	    "What the key signs: token (default), or altinn2 for the tokens of Altinn 2. " \
	    "Such a key is RSA, and its kid is the thumbprint of its certificate."), \
	OPT(bits, "bits", OPT_INT, "N", "Size of an RSA key, 2048 to 4096. Default: 2048."), \
	OPT(certificate, "certificate", OPT_TEXT, "FILE", \
	    "Certificate chain of an imported key or of a key in a token, in PEM, leaf first. Default: self-signed."), \
	OPT(import, "import", OPT_TEXT, "FILE", "Take this private key, in PEM, instead of making a new one."), \
	OPT(pkcs11, "pkcs11", OPT_TEXT, "URI", \
	    "Keep the private key in the token of pkcs11.module. " \
	    "pkcs11:token=LABEL;object=NAME names a key pair there; " \
	    "if it does not exist, the command makes it."), \
	OPT(now, "now", OPT_FLAG, NULL, \
	    "Sign with the key at once. Allowed for the first key of a store, and with --despite-caches."), \
	OPT(lead, "lead", OPT_TEXT, "DURATION", \
	    "Time for which the key is published before it signs, at least PT26H. Default: PT48H; " \
	    "the first key of a store signs at once."), \
	OPT(despite_caches, "despite-caches", OPT_FLAG, NULL, \
	    "Allow times that are too short for verifiers that keep the key set for 24 hours. " \
	    "They will refuse some tokens.")

static const struct opt_row new_rows[] = {
	MAKE_ROWS,
	OPT(subject, "subject", OPT_TEXT, "NAME",
	    "Subject of the self-signed certificate: CN=Issuer,O=Agency,C=NO, or only a common name. Default: Samtykke."),
};
static const struct opt_row rotate_rows[] = {
	MAKE_ROWS,
	OPT(subject, "subject", OPT_TEXT, "NAME",
	    "Subject of the self-signed certificate. Default: the subject of the old key."),
	OPT(keep, "keep", OPT_TEXT, "DURATION",
	    "Time for which the old key stays published after its last use. Default: PT48H."),
};
static const struct opt_row store_rows[] = { ADMIN_ROWS(struct key_opts) };
static const struct opt_row retire_rows[] = {
	ADMIN_ROWS(struct key_opts),
	OPT(keep, "keep", OPT_TEXT, "DURATION", "Time for which the key stays published. Default: PT48H."),
	OPT(compromised, "compromised", OPT_FLAG, NULL,
	    "The private key is known to others: end its publication at once. "
	    "Tokens that it signed become invalid when verifiers fetch the key set again."),
	OPT(last, "last", OPT_FLAG, NULL,
	    "Retire the key even if no other key of its algorithm signs, now or after a planned end. "
	    "Requests for such tokens are then answered with 503."),
};
static const struct opt_row csr_rows[] = {
	ADMIN_ROWS(struct key_opts),
	OPT(subject, "subject", OPT_TEXT, "NAME", "Subject to ask for. Default: the subject of the key's certificate."),
};
#define OPTIONS(rows) .opts = rows, .n_opts = LEN(rows), .opts_size = sizeof(struct key_opts)

const struct command cmd_key_new = {
	.name = "key new",
	.summary = "Make or import a signing key and print its kid",
	.text = "Makes a key pair with a self-signed certificate, or takes one with --import or --pkcs11. "
		"Stores the private part, encrypted (AES-256-GCM) with the key in key.master_file. "
		"A running server publishes the key within seconds, and signs with it when --lead is over. "
		"Of each use and algorithm the newest active key signs.",
	.example = "samtykke key new -c /etc/samtykke.conf --subject CN=Consent,O=Agency,C=NO\n"
		   "samtykke key new -c /etc/samtykke.conf --alg ES256 --pkcs11 'pkcs11:token=hsm;object=sign-2'",
	OPTIONS(new_rows),
	.run = key_new_run,
};
const struct command cmd_key_rotate = {
	.name = "key rotate",
	.summary = "Publish a new signing key that later replaces the old one",
	.text = "Publishes the new key at once; it signs after --lead. "
		"The old key of the same algorithm stays published for --keep after it has stopped signing. "
		"So verifiers that keep the key set for a day can check each token. "
		"If all keys of the algorithm have a planned end, the new key replaces those that end last, "
		"and they sign until then. "
		"While the new key waits, samtykke key retire with its kid cancels the rotation.",
	.example = "samtykke key rotate -c /etc/samtykke.conf --lead P2D --keep P2D",
	OPTIONS(rotate_rows),
	.run = key_rotate_run,
};
const struct command cmd_key_list = {
	.name = "key list",
	.summary = "List signing keys with their state and times",
	.text = "Prints one line for each key: kid, algorithm, state, times of publication and signing, certificate, "
		"place in a token. "
		"The states are waiting (published, not yet used), active (signs), "
		"idle (could sign, but a newer key of its algorithm does), retired (published, "
		"no longer used) and removed. "
		"Private parts are never shown.",
	OPTIONS(store_rows),
	.run = key_list_run,
};
const struct command cmd_key_retire = {
	.name = "key retire",
	.args = "KID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Stop signing with a key",
	.text = "The key stops signing. "
		"It stays published for --keep, for the tokens that it has signed. "
		"A key that has never signed is removed at once. "
		"The keys that it was to replace go on signing, and the command prints them. "
		"The row stays in the store, so that no other key gets the kid. "
		"Write -- before a kid that begins with a dash.",
	.example = "samtykke key retire -c /etc/samtykke.conf 0AE3uMZ0Yk3Yb0Xf4dZ8xwPp8c5mUTzxS0Yq2m0q4Xs",
	OPTIONS(retire_rows),
	.run = key_retire_run,
};
const struct command cmd_key_csr = {
	.name = "key csr",
	.args = "KID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Print a certification request for a key",
	.text = "Prints a PKCS #10 request in PEM, signed with the key, for a certificate authority. "
		"Store the chain that the authority issues with samtykke key certificate.",
	.example = "samtykke key csr -c /etc/samtykke.conf --subject CN=Consent,O=Agency,C=NO KID >request.pem",
	OPTIONS(csr_rows),
	.run = key_csr_run,
};
const struct command cmd_key_certificate = {
	.name = "key certificate",
	.args = "KID FILE",
	.min_args = 2,
	.max_args = 2,
	.summary = "Store the certificate chain that an authority issued for a key",
	.text = "FILE holds at most eight certificates in PEM: first that of the key, then the issuer of each. "
		"They replace the key's certificate in the key set (x5c, x5t). "
		"The kid stays the same.",
	.example = "samtykke key certificate -c /etc/samtykke.conf KID chain.pem",
	OPTIONS(store_rows),
	.run = key_certificate_run,
};
const struct command cmd_key_rekey = {
	.name = "key rekey",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.summary = "Encrypt the signing keys with another master key",
	.text = "Decrypts each private part with key.master_file and encrypts it with the key in FILE, all or none. "
		"Then set key.master_file to FILE and restart the servers. "
		"Until then, running servers keep their present keys but cannot read new ones.",
	.example = "samtykke key rekey -c /etc/samtykke.conf /etc/samtykke/master-2",
	OPTIONS(store_rows),
	.run = key_rekey_run,
};
// clang-format on
