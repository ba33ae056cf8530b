// nginx in front of a server of the tests.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { freePort } from './faults.mjs';
import { tempDir, until } from './sandbox.mjs';

// Runs nginx with one server, whose directives behind `listen` are given; the caller stops it with child.kill(). listen: what stands behind the
// port. {port, child}
export async function startNginx(server, { listen = '' } = {}) {
	const dir = tempDir('samtykke-nginx-'), port = await freePort();
	mkdirSync(path.join(dir, 'logs'));
	writeFileSync(path.join(dir, 'nginx.conf'), `
		daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/logs/error.log; worker_rlimit_nofile 4096;
		events { worker_connections 2048; }
		http {
			access_log off; client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
			large_client_header_buffers 4 64k; keepalive_requests 100000; proxy_http_version 1.1; proxy_ignore_client_abort on; merge_slashes off; lingering_timeout 1s;
			server { listen 127.0.0.1:${port} ${listen}; ${server} }
		}`);
	const child = spawn('nginx', ['-e', `${dir}/logs/error.log`, '-p', dir, '-c', 'nginx.conf'], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
	await until(() => new Promise((resolve) => {
		const probe = net.connect(port, '127.0.0.1', () => probe.destroy(resolve(true))).on('error', () => resolve(false));
	}), 'nginx listens');
	return { port, child };
}
