// Requests as bytes over TCP, for what no well-behaved client would send.
import net from 'node:net';
import tls from 'node:tls';

// Sends `bytes` (a string in latin1, or a list of pieces with `pauseMs` between them) and collects what comes back until the
// server closes, `until(text)` holds, or `quietMs` pass without data. pauseUntil(text): instead of a pause. end: closes its side after them.
export function raw(url, bytes, { until, quietMs = 700, pauseMs = 20, pauseUntil, end = false, deadlineMs = 15000 } = {}) {
	const { protocol, hostname, port } = new URL(url);
	const secure = protocol === 'https:';
	const pieces = Array.isArray(bytes) ? bytes : [bytes];
	return new Promise((resolve, reject) => {
		const socket = (secure ? tls : net).connect({ host: hostname, port: Number(port), noDelay: true, rejectUnauthorized: false });
		let text = '', quiet, closed = false, sent = false;
		const deadline = setTimeout(() => finish(), deadlineMs);
		const finish = () => {
			clearTimeout(quiet);
			clearTimeout(deadline);
			socket.destroy();
			resolve({ text, closed, answers: answers(text) });
		};
		const wait = () => {
			clearTimeout(quiet);
			if (sent)
				quiet = setTimeout(finish, quietMs);
		};
		socket.setEncoding('latin1');
		socket.on('data', (d) => {
			text += d;
			if (until?.(text))
				finish();
			else
				wait();
		});
		socket.on('close', () => {
			closed = true;
			finish();
		});
		socket.on('error', (e) => {
			if (e.code === 'ECONNRESET' || e.code === 'EPIPE') {
				closed = true;
				finish();
			} else {
				clearTimeout(quiet);
				clearTimeout(deadline);
				reject(e);
			}
		});
		socket.on(secure ? 'secureConnect' : 'connect', async () => {
			for (const [i, piece] of pieces.entries()) {
				if (i)
					await new Promise((r) => setTimeout(r, pauseUntil ? 1 : pauseMs));
				while (i && pauseUntil && !pauseUntil(text) && !socket.destroyed)
					await new Promise((r) => setTimeout(r, 5));
				if (socket.destroyed)
					return;
				socket.write(Buffer.from(piece, 'latin1'));
			}
			if (end)
				socket.end();
			sent = true;
			wait();
		});
	});
}

// Splits a byte stream of answers by Content-Length.
export const answers = (text) => split(text).answers;

// The same, with the bytes from the first on that is no whole answer.
export function split(text) {
	const out = [];
	while (text.startsWith('HTTP/')) {
		const end = text.indexOf('\r\n\r\n');
		if (end < 0)
			break;
		const [first, ...lines] = text.slice(0, end).split('\r\n');
		const headers = {};
		for (const line of lines) {
			const colon = line.indexOf(':');
			headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
		}
		const length = Number(headers['content-length'] ?? 0);
		out.push({ status: Number(first.split(' ')[1]), first, headers, body: text.slice(end + 4, end + 4 + length) });
		if (text.length < end + 4 + length)
			break;
		text = text.slice(end + 4 + length);
	}
	return { answers: out, rest: text };
}
