// node peer_oidc.mjs PORT CLIENTS.json KEY.jwk: oidc-provider as an issuer of JWT access tokens by client credentials. Everything in memory, as
// the package comes: no token and no used assertion is kept on disk. CLIENTS: [{client_id, jwks}].
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const [port, clients, key] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const resource = 'https://bench.example.no/';
const provider = new Provider(issuer, {
	clients: JSON.parse(readFileSync(clients)).map((c) => ({
		...c,
		token_endpoint_auth_method: 'private_key_jwt',
		token_endpoint_auth_signing_alg: 'RS256',
		grant_types: ['client_credentials'],
		response_types: [],
		redirect_uris: [],
		scope: 'bench',
	})),
	scopes: ['bench'],
	jwks: { keys: [{ ...JSON.parse(readFileSync(key)), use: 'sig', alg: 'RS256' }] },
	features: {
		devInteractions: { enabled: false },
		clientCredentials: { enabled: true },
		resourceIndicators: {
			enabled: true,
			defaultResource: () => resource,
			useGrantedResource: () => true,
			getResourceServerInfo: () => ({
				scope: 'bench', audience: resource, accessTokenTTL: 120, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
			}),
		},
	},
});
provider.on('server_error', (ctx, error) => console.error(error));
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
