// Certificates for TLS of our own, made with openssl(1).
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import path from 'node:path';

// DIR/NAME.pem and DIR/NAME.key: a self-signed certificate of CN=NAME for P-256.
export function makeCertificate(dir, name) {
	const cert = path.join(dir, `${name}.pem`), key = path.join(dir, `${name}.key`);
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-days', '10', '-keyout', key, '-out', cert], { stdio: 'ignore' });
	chmodSync(key, 0o600);
	return { cert, key };
}
