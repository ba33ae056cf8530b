// Somebody else's OpenID provider (npm oidc-provider) with ID-porten's claims: a page that logs in whomever one names. names: what it knows of
// a person besides, by identity number.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import * as jose from 'jose';
import Provider from 'oidc-provider';

const page = (body) => `<!doctype html><html lang="nb"><title>Innlogging</title><link rel="icon" href="data:,"><main>${body}</main></html>`;

// First the port, so that a server can be told of it; then start(server's address).
export async function startOpenid({ clientJwk } = {}) {
	let handle = (req, res) => res.writeHead(503).end();
	const server = http.createServer((req, res) => handle(req, res));
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const issuer = `http://localhost:${server.address().port}`, secret = randomBytes(32).toString('base64url');
	const p = { issuer, secret, clientId: 'samtykke', interactions: [], logouts: 0, names: {} };
	p.settings = ['--set', `oidc.issuer=${issuer}`, '--set', `oidc.client_id=${p.clientId}`, ...(clientJwk ? [] : ['--set', `oidc.client_secret=${secret}`])];

	async function interact(provider, req, res) {
		const { params, prompt } = await provider.interactionDetails(req, res);
		if (req.method === 'GET') {
			p.interactions.push({ ...params, prompt: prompt.name });
			return res.setHeader('Content-Type', 'text/html; charset=utf-8').end(page(`<h1>Logg inn</h1><form method="post"><label>Fødselsnummer <input name="pid"></label><button>Fortsett</button><button name="no" value="1">Avbryt</button></form>`));
		}
		const chunks = [];
		for await (const c of req)
			chunks.push(c);
		const form = new URLSearchParams(Buffer.concat(chunks).toString());
		if (form.get('no'))
			return provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'the person said no' });
		const acr = params.acr_values.split(' ')[0];
		return provider.interactionFinished(req, res, { login: { accountId: form.get('pid'), acr, amr: ['TestID'] } });
	}

	p.start = async (url) => {
		const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
		const provider = new Provider(issuer, {
			clients: [{
				client_id: p.clientId, redirect_uris: [`${url}/login/callback`], post_logout_redirect_uris: [`${url}/accessmanagement/api/v1/logoutredirect`],
				backchannel_logout_uri: `${url}/logout/backchannel`, backchannel_logout_session_required: true, require_auth_time: true, grant_types: ['authorization_code'],
				...(clientJwk ? { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [clientJwk] } } : { token_endpoint_auth_method: 'client_secret_basic', client_secret: secret }),
			}],
			jwks: { keys: [{ ...await jose.exportJWK(privateKey), kid: 'op-1', alg: 'RS256', use: 'sig' }] },
			cookies: { keys: ['x'.repeat(32)] },
			acrValues: ['idporten-loa-substantial', 'idporten-loa-high'],
			claims: { acr: null, auth_time: null, iss: null, sid: null, openid: ['sub', 'pid'], profile: ['name', 'given_name', 'family_name'] },
			conformIdTokenClaims: false,
			findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, pid: id, ...p.names[id] }) }),
			pkce: { required: () => true },
			features: {
				devInteractions: { enabled: false }, backchannelLogout: { enabled: true },
				rpInitiatedLogout: {
					enabled: true,
					postLogoutSuccessSource: (ctx) => (ctx.body = page('<h1>Logget ut</h1>')),
					logoutSource: (ctx, form) => {
						p.logouts++;
						ctx.body = page(`<h1>Logg ut</h1>${form}<button form="op.logoutForm" name="logout" value="yes">Ja, logg ut</button>`);
					},
				},
			},
			interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
			renderError: (ctx, out) => (ctx.body = page(`<h1>Feil</h1><p>${out.error}</p>`)),
			async loadExistingGrant(ctx) {
				const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
				grant.addOIDCScope('openid profile');
				await grant.save();
				return grant;
			},
		});
		provider.on('backchannel.error', (ctx, e) => (p.backchannelError = e));
		provider.on('backchannel.success', () => (p.backchannels = (p.backchannels ?? 0) + 1));
		const rest = provider.callback();
		handle = (req, res) => (req.url.startsWith('/interaction/') ? interact(provider, req, res).catch((e) => res.writeHead(500).end(String(e))) : rest(req, res));
		return p;
	};
	p.close = () => new Promise((resolve) => {
		server.closeAllConnections();
		server.close(resolve);
	});
	return p;
}
