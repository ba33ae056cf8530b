#include "cli/key_internal.h"

#define OPT(field, name, type, arg, help)                                                                              \
	{                                                                                                              \
		name, 0, type, offsetof(struct key_opts, field), arg, help                                             \
	}
#define DESPITE                                                                                                        \
	OPT(despite_caches, "despite-caches", OPT_FLAG, NULL,                                                          \
	    "Allow times that are too short for verifiers that keep the key set for 24 hours: some tokens will be "    \
	    "refused.")
#define MAKING                                                                                                         \
	OPT(alg, "alg", OPT_TEXT, "ALG", "RS256 (default), PS256, ES256 or EdDSA."),                                   \
		OPT(bits, "bits", OPT_INT, "N", "Size of an RSA key, 2048 to 4096. Default: 2048."),                   \
		OPT(certificate, "certificate", OPT_TEXT, "FILE",                                                      \
		    "Certificate chain of an imported key or of one in a token, in PEM, leaf first. Default: "         \
		    "self-signed."),                                                                                   \
		OPT(import, "import", OPT_TEXT, "FILE", "Take this private key, in PEM, instead of a new one."),       \
		OPT(pkcs11, "pkcs11", OPT_TEXT, "URI",                                                                 \
		    "Keep the private key in the token of pkcs11.module: pkcs11:token=LABEL;object=NAME finds a pair " \
		    "there, or makes one."),                                                                           \
		OPT(now, "now", OPT_FLAG, NULL,                                                                        \
		    "Sign with it at once. Only the store's first key may, or with "                                   \
		    "--despite-caches."),                                                                              \
		OPT(lead, "lead", OPT_TEXT, "DURATION",                                                                \
		    "How long the key is published before it signs, at least PT26H. Default: PT48H; the store's "      \
		    "first key signs at once."),                                                                       \
		DESPITE

// clang-format off
static const struct opt_row new_rows[] = {
	ADMIN_ROWS(struct key_opts), MAKING,
	OPT(subject, "subject", OPT_TEXT, "NAME", "Subject of the self-signed certificate: CN=Issuer,O=Agency,C=NO, or a common name alone. Default: Samtykke."),
};
static const struct opt_row rotate_rows[] = {
	ADMIN_ROWS(struct key_opts), MAKING,
	OPT(subject, "subject", OPT_TEXT, "NAME", "Subject of the self-signed certificate. Default: that of the key that is followed."),
	OPT(keep, "keep", OPT_TEXT, "DURATION", "How long the old key stays published after its last use. Default: PT48H."),
};
static const struct opt_row list_rows[] = { ADMIN_ROWS(struct key_opts) };
static const struct opt_row retire_rows[] = {
	ADMIN_ROWS(struct key_opts),
	OPT(keep, "keep", OPT_TEXT, "DURATION", "How long it stays published. Default: PT48H."),
	OPT(compromised, "compromised", OPT_FLAG, NULL, "Somebody else has it: it is no longer published either, and tokens that it signed stop being valid as verifiers fetch the key set again."),
	OPT(last, "last", OPT_FLAG, NULL, "Even if no other key of its algorithm signs, now or from a planned end on; such tokens are answered with 503 from then on."),
};
static const struct opt_row csr_rows[] = {
	ADMIN_ROWS(struct key_opts),
	OPT(subject, "subject", OPT_TEXT, "NAME", "Subject to ask for. Default: that of the key's certificate."),
};
// clang-format on

const struct command cmd_key_new = {
	.name = "key new",
	.summary = "Make or import a signing key and print its kid",
	.text = "Makes a key pair with a self-signed certificate and stores it, the private part encrypted "
		"(AES-256-GCM) under the key in key.master_file; or takes one, with --import or --pkcs11. A running "
		"server publishes it within seconds, and signs with it when --lead is over. Of each algorithm the "
		"newest active key signs.",
	.example = "samtykke key new -c /etc/samtykke.conf --subject CN=Consent,O=Agency,C=NO\n"
		   "samtykke key new -c /etc/samtykke.conf --alg ES256 --pkcs11 'pkcs11:token=hsm;object=sign-2'",
	.opts = new_rows,
	.n_opts = LEN(new_rows),
	.opts_size = sizeof(struct key_opts),
	.run = key_new_run,
};
const struct command cmd_key_rotate = {
	.name = "key rotate",
	.summary = "Publish a new signing key, let it take over later, retire the old one",
	.text = "The new key is published at once, signs after --lead, and the old one of the same algorithm stays "
		"published for --keep after it has stopped signing, so that verifiers that keep the key set for a "
		"day never meet a token that they cannot check. Where every key is planned to end already, it "
		"follows those that end last, and they go on until then. samtykke key retire with the new kid calls "
		"it off, as long as that one waits.",
	.example = "samtykke key rotate -c /etc/samtykke.conf --lead P2D --keep P2D",
	.opts = rotate_rows,
	.n_opts = LEN(rotate_rows),
	.opts_size = sizeof(struct key_opts),
	.run = key_rotate_run,
};
const struct command cmd_key_list = {
	.name = "key list",
	.summary = "List signing keys with their state and times",
	.text = "One line a key: kid, algorithm, state, when it was published, when it signs, its certificate, its "
		"place in a token. The state is waiting (published, not yet used), active (it signs), idle (it could,"
		" but a newer one of its algorithm does), retired (published, no longer used) or removed. Private "
		"parts are never shown.",
	.opts = list_rows,
	.n_opts = LEN(list_rows),
	.opts_size = sizeof(struct key_opts),
	.run = key_list_run,
};
const struct command cmd_key_retire = {
	.name = "key retire",
	.args = "KID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Stop signing with a key",
	.text = "The key signs no more; it stays published for --keep, for the tokens that it has signed. One that "
		"has never signed is removed at once, and what was to make way for it goes on signing, which is "
		"printed. The row stays in the store, so that the kid is never given again. Write -- before a kid "
		"that begins with a dash.",
	.example = "samtykke key retire -c /etc/samtykke.conf 0AE3uMZ0Yk3Yb0Xf4dZ8xwPp8c5mUTzxS0Yq2m0q4Xs",
	.opts = retire_rows,
	.n_opts = LEN(retire_rows),
	.opts_size = sizeof(struct key_opts),
	.run = key_retire_run,
};
const struct command cmd_key_csr = {
	.name = "key csr",
	.args = "KID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Print a certification request for a key",
	.text = "A PKCS #10 request in PEM, signed with the key, to send to a certificate authority. What it answers "
		"goes in with samtykke key certificate.",
	.example = "samtykke key csr -c /etc/samtykke.conf --subject CN=Consent,O=Agency,C=NO KID >request.pem",
	.opts = csr_rows,
	.n_opts = LEN(csr_rows),
	.opts_size = sizeof(struct key_opts),
	.run = key_csr_run,
};
const struct command cmd_key_certificate = {
	.name = "key certificate",
	.args = "KID FILE",
	.min_args = 2,
	.max_args = 2,
	.summary = "Give a key the certificate chain that an authority issued",
	.text = "FILE holds certificates in PEM, the key's first, each issued by the next, at most eight. They "
		"replace the key's certificate in the key set (x5c, x5t). The kid stays.",
	.example = "samtykke key certificate -c /etc/samtykke.conf KID chain.pem",
	.opts = list_rows,
	.n_opts = LEN(list_rows),
	.opts_size = sizeof(struct key_opts),
	.run = key_certificate_run,
};
const struct command cmd_key_rekey = {
	.name = "key rekey",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.summary = "Encrypt the signing keys under another master key",
	.text = "Decrypts every private part with key.master_file and encrypts it under the key in FILE, all or "
		"none. Then let key.master_file name FILE and start the servers anew: those that run keep the keys "
		"that they have, but cannot read new ones until then.",
	.example = "samtykke key rekey -c /etc/samtykke.conf /etc/samtykke/master-2",
	.opts = list_rows,
	.n_opts = LEN(list_rows),
	.opts_size = sizeof(struct key_opts),
	.run = key_rekey_run,
};
