// Requests as bytes, with what a strict server says to them: the classes of RFC 9112 §11 and of the HTTP Garden.
// Each row: name, bytes (latin1), and either `ok`, the statuses of its answers, or `refused`, the status of the one answer after which
// the connection is closed. What stands in `before` is answered first. Every accepted row ends with a request to close.

const HOST = 'Host: x\r\n';
export const LIVE = '/health/live', CLOCK = '/sandbox/clock';
const VERSION_STATUS = [400, 505], CODING_STATUS = [400, 501], LONG_STATUS = [400, 413, 414, 431];
export const GET = (headers = '', target = LIVE) => `GET ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
export const LAST = GET('Connection: close\r\n');
// A body of blanks and {}: the clock is not changed, and any other body is refused by the handler.
export const POST = (headers, body) => `POST ${CLOCK} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n${headers}\r\n${body}`;
export const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const json = (n) => '{' + ' '.repeat(n - 2) + '}';

const rows = [];
// What follows a refused request must never be read.
const refuse = (name, bytes, refused = 400, before = []) => rows.push({ name, bytes: bytes + LAST, refused: [].concat(refused), before });
const accept = (name, bytes, ...ok) => rows.push({ name, bytes: bytes + LAST, ok: [...(ok.length ? ok : [200]), 200] });
const alone = (name, bytes, ...ok) => rows.push({ name, bytes, ok });
const each = (make, what, list, ...rest) => list.forEach(([name, x, ...more]) => make(`${what}: ${name}`, x, ...more, ...rest));
const named = (list) => list.map((x) => [JSON.stringify(x).slice(0, 60), x]);

// ---- lines ----
each(refuse, 'line ends', [
	['LF after the request line', `GET ${LIVE} HTTP/1.1\n${HOST}\r\n`],
	['LF after a field', `GET ${LIVE} HTTP/1.1\r\nHost: x\n\r\n`],
	['LF in a value before a field', GET('X-A: b\nX-B: c\r\n')],
	['LF for the empty line', `GET ${LIVE} HTTP/1.1\r\n${HOST}\n`],
	['LF everywhere', `GET ${LIVE} HTTP/1.1\nHost: x\n\n`],
	['CR after the request line', `GET ${LIVE} HTTP/1.1\r${HOST}\r\n`],
	['CR after a field', `GET ${LIVE} HTTP/1.1\r\nHost: x\r\r\n`],
	['CR everywhere', `GET ${LIVE} HTTP/1.1\rHost: x\r\r`],
	['CR CR LF after the request line', `GET ${LIVE} HTTP/1.1\r\r\n${HOST}\r\n`],
	['CR CR LF for the empty line', `GET ${LIVE} HTTP/1.1\r\n${HOST}\r\r\n`],
	['CR and another byte for the empty line', `GET ${LIVE} HTTP/1.1\r\n${HOST}\rZ`],
	['LF CR', `GET ${LIVE} HTTP/1.1\n\r${HOST}\n\r\n\r`],
	['CR in a value', GET('X-A: b\rX-B: c\r\n')],
	['CR between fields hides one', GET('X-A: b\rContent-Length: 5\r\n')],
	['CR before a name', GET('\rX-A: b\r\n')],
	['CR in a name', GET('X-\rA: b\r\n')],
	['CR before the colon', GET('X-A\r: b\r\n')],
	['CR in the method', `GE\rT ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['CR in the target', GET('', '/health\r/live')],
	['LF in the target', GET('', '/health\n/live')],
	['LF for a blank of the request line', `GET ${LIVE}\nHTTP/1.1\r\n${HOST}\r\n`],
	['LF behind the colon', GET('X-A:\n b\r\n')],
	['two LF behind the colon', GET('X-A:\n\n')],
	['NUL for CR', `GET ${LIVE} HTTP/1.1\0\n${HOST}\r\n`],
]);
each(accept, 'line ends', [['one empty line before the request', `\r\n${GET()}`], ['one empty line between requests', `${GET()}\r\n${GET()}`, 200, 200],
	['one empty line behind a body', `${POST('Content-Length: 2\r\n', '{}')}\r\n`]]);
each(refuse, 'line ends', [['two empty lines before the request', `\r\n\r\n${GET()}`], ['LF before the request', `\n${GET()}`], ['CR before the request', `\r${GET()}`]]);
refuse('line ends: two empty lines between requests', `${GET()}\r\n\r\n${GET()}`, 400, [200]);

// ---- the request line ----
each(refuse, 'request line', [
	['a blank in front', ` GET ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['a tab in front', `\tGET ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['two blanks behind the method', `GET  ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['two blanks before the version', `GET ${LIVE}  HTTP/1.1\r\n${HOST}\r\n`],
	['a blank at the end', `GET ${LIVE} HTTP/1.1 \r\n${HOST}\r\n`],
	['a tab behind the method', `GET\t${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['a tab before the version', `GET ${LIVE}\tHTTP/1.1\r\n${HOST}\r\n`],
	['a vertical tab before the version', `GET ${LIVE}\x0bHTTP/1.1\r\n${HOST}\r\n`],
	['a form feed before the version', `GET ${LIVE}\x0cHTTP/1.1\r\n${HOST}\r\n`],
	['a no-break space before the version', `GET ${LIVE}\xa0HTTP/1.1\r\n${HOST}\r\n`],
	['a blank in the target', GET('', '/health /live')],
	['a tab in the target', GET('', '/health\t/live')],
	['a word more', `GET ${LIVE} x HTTP/1.1\r\n${HOST}\r\n`],
	['no target', `GET HTTP/1.1\r\n${HOST}\r\n`],
	['no target, two blanks', `GET  HTTP/1.1\r\n${HOST}\r\n`],
	['no method', `${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['no method, a blank', ` ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['a method with a bracket', `G[T ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['a method with a colon', `GET: ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['a method beyond ASCII', `G\xcbT ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['a method with NUL', `GET\0 ${LIVE} HTTP/1.1\r\n${HOST}\r\n`],
	['fields alone', `${HOST}\r\n`],
]);
each(refuse, 'version', [
	['HTTP/0.9 without version', `GET ${LIVE}\r\n`, 400],
	['HTTP/0.9 without version, with fields', `GET ${LIVE}\r\n${HOST}\r\n`, 400],
	...['HTTP/0.9', 'HTTP/1.2', 'HTTP/1.9', 'HTTP/2.0', 'HTTP/3.0', 'HTTP/9.9', 'HTTP/0.0', 'HTTP/1.10', 'HTTP/1.32', 'HTTP/10.1', 'HTTP/01.1', 'HTTP/1.01', 'HTTP/1.', 'HTTP/1',
		'HTTP/.1', 'HTTP/', 'HTTP', 'http/1.1', 'Http/1.1', 'HTTP/1.1x', 'HTTP/1.1.1', 'HTTP/1,1', 'HTTP/1.x', 'HTTP/+1.1', 'HTTP/-1.1', 'HTTP/ 1.1', 'HTTP /1.1', 'HTTP//1.1',
		'HTTP/1\t.1', 'HTTP/\r1.1', 'HTTP/1.1\0', 'XHTTP/1.1', 'HTTPS/1.1', 'HTTP/257.1', 'HTTP/4294967297.1', 'RTSP/1.0', 'SIP/2.0', 'ICY']
		.map((v) => [JSON.stringify(v), `GET ${LIVE} ${v}\r\n${HOST}\r\n`, VERSION_STATUS]),
	['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', VERSION_STATUS],
]);
each(refuse, 'another protocol', [['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'r'.repeat(200)], ['SSL 2', '\x80\x2e\x01\x03\x01\0\x15'],
	['NUL bytes', '\0'.repeat(64)], ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'], ['a proxy header', `PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n${GET()}`], ['SMTP', 'EHLO x\r\n']]);
alone('version: HTTP/1.0', `GET ${LIVE} HTTP/1.0\r\n\r\n`, 200);
alone('version: HTTP/1.0 with a body', `POST ${CLOCK} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`, 200);
alone('version: nothing is read behind HTTP/1.0', `GET ${LIVE} HTTP/1.0\r\nConnection: close\r\n\r\n${GET()}`, 200);

// ---- the target ----
each(refuse, 'target', [
	['another absolute form in the query', GET('', `x?a=http://h${LIVE}`)],
	['NUL for a scheme', GET('', `%00://h${LIVE}`)],
	['no scheme', GET('', `://h${LIVE}`)],
	['a scheme that begins with a digit', GET('', `1http://h${LIVE}`)],
	['a scheme with a slash', GET('', `a/b://h${LIVE}`)],
	['a scheme with an underscore', GET('', `h_p://h${LIVE}`)],
	['no authority', GET('', `http://${LIVE}`)],
	['no authority and no path', GET('', 'http://')],
	['one slash behind the scheme', GET('', `http:${LIVE}`)],
	['no slash behind the scheme', GET('', 'http:health/live')],
	['an authority with brackets', GET('', `http://<h>${LIVE}`)],
	['absolute form without path, a path in the query', GET('', `http://x?a=${LIVE}`)],
	['a fragment behind the authority', GET('', `http://h#${LIVE}`)],
	['a fragment', GET('', `${LIVE}#x`)],
	['a fragment behind a query', GET('', `${LIVE}?a#x`)],
	['no slash', GET('', 'health/live')],
	['a query alone', GET('', `?${LIVE}`)],
	['a fragment alone', GET('', '#')],
	['authority form', GET('', 'h:443')],
	['CONNECT', `CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n`, [400, 405, 501]],
	['asterisk form', GET('', '*')],
	['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
	['an asterisk and more', GET('', '*/x')],
	['NUL', GET('', '/health/\0live')],
	['%00', GET('', `${LIVE}%00`)],
	['%00 in the query', GET('', `${LIVE}?a=%00`)],
	['a broken escape', GET('', '/health/%zz')],
	['half an escape', GET('', `${LIVE}%0`)],
	['a control character', GET('', '/health/\x07')],
	['DEL', GET('', `${LIVE}\x7f`)],
	['DEL in the query', GET('', `${LIVE}?\x7f`)],
	['UTF-8', GET('', '/bl\xc3\xa5b\xc3\xa6r')],
	['UTF-8 in the query', GET('', `${LIVE}?bl\xc3\xa5`)],
	['a byte beyond ASCII', GET('', '/\xff')],
	['a backslash for the slash', GET('', '\\health\\live')],
]);
each(accept, 'target', [
	['absolute form', GET('', `http://x${LIVE}`)],
	['absolute form with a port', GET('', `http://x:80${LIVE}`)],
	['absolute form, https', GET('', `https://x${LIVE}`)],
	['absolute form, upper case', GET('', `HTTP://X${LIVE}`)],
	['absolute form of another host', GET('', `http://other.example${LIVE}`)],
	['absolute form with a query', GET('', `http://x${LIVE}?a=http://y/z`)],
	['absolute form of an unknown path', GET('', 'http://x/nothing-here'), 404],
	['absolute form with a path that looks like one', GET('', `http://x/http://y${LIVE}`), 404],
	['a path that looks like absolute form', GET('', `/http://x${LIVE}`), 404],
	['two slashes', GET('', `//x${LIVE}`), 404],
	['another address in the query', GET('', `${LIVE}?a=http://h/x`)],
	['a question mark in the query', GET('', `${LIVE}?a?b`)],
	['an empty query', GET('', `${LIVE}?`)],
]);

// ---- Host ----
each(refuse, 'Host', [
	['none', `GET ${LIVE} HTTP/1.1\r\n\r\n`],
	['none, absolute form', `GET http://x${LIVE} HTTP/1.1\r\n\r\n`],
	['two', GET('Host: y\r\n')],
	['two that agree', GET(HOST)],
	['two, one empty', GET('Host:\r\n')],
	['two in HTTP/1.0', `GET ${LIVE} HTTP/1.0\r\n${HOST}Host: y\r\n\r\n`],
	['a blank before the colon', `GET ${LIVE} HTTP/1.1\r\nHost : x\r\n\r\n`],
	['continued', `GET ${LIVE} HTTP/1.1\r\nHost: x\r\n y\r\n\r\n`],
	['on the next line', `GET ${LIVE} HTTP/1.1\r\nHost:\r\n x\r\n\r\n`],
	...named(['a b', 'a\tb', 'a/b', '/', 'a@b', 'a?b', 'a#b', 'a\\b', '<x>', '"x"', 'a|b', 'a^b', 'a{b}', 'a`b', 'a%', 'a%zz', '[::1', '::1]', '[]', '[x y]', 'a:b', 'a:80:80', 'a:-1', 'a:8 0',
		'http://a', '\xffa', 'a\xff', 'bl\xc3\xa5b\xc3\xa6r', 'a\0', 'a\0b', 'a\x01', 'a\x7f']).map(([name, h]) => [name, `GET ${LIVE} HTTP/1.1\r\nHost: ${h}\r\n\r\n`]),
]);
each(accept, 'Host', ['', 'localhost', 'a.example', 'A.EXAMPLE.', 'a_b.example', 'xn--blbr-roah.example', '127.0.0.1', '127.0.0.1:8080', '[::1]', '[::1]:8080', 'a:', '\t a \t', "a-.~!$&'()*+,;=z", 'a%20b']
	.map((h) => [JSON.stringify(h), `GET ${LIVE} HTTP/1.1\r\nHost: ${h}\r\n\r\n`]));
accept('Host: no blank behind the colon', `GET ${LIVE} HTTP/1.1\r\nHost:x\r\n\r\n`);
accept('Host: any letter case', `GET ${LIVE} HTTP/1.1\r\nhOST: x\r\n\r\n`);

// ---- fields ----
each(refuse, 'fields', [
	['continued by a blank', GET('X-A: b\r\n c\r\n')],
	['continued by a tab', GET('X-A: b\r\n\tc\r\n')],
	['continued by blanks alone', GET('X-A: b\r\n \r\n')],
	['a continuation before the first', `GET ${LIVE} HTTP/1.1\r\n X-A: b\r\n${HOST}\r\n`],
	['a tab before the first', `GET ${LIVE} HTTP/1.1\r\n\tContent-Length: 1\r\n${HOST}\r\nX`],
	['a blank before the colon', GET('X-A : b\r\n')],
	['a tab before the colon', GET('X-A\t: b\r\n')],
	['a blank in the name', GET('X A: b\r\n')],
	['a blank in front', GET(' X-A: b\r\n')],
	['no colon', GET('nonsense\r\n')],
	['a blank for the colon', GET('Content-Length 10\r\n') + '0123456789'],
	['a name on two lines', POST('Transfer-\r\nEncoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n')],
	['no name', GET(': b\r\n')],
	['no name and no value', GET(':\r\n')],
	['a quoted name', GET('"X-A": b\r\n')],
	['a name beyond ASCII', GET('X-\xe6: b\r\n')],
	['a name that ends in a no-break space', GET('Content-Length\xa0: 10\r\n') + '0123456789'],
	['a name that ends in \\x85', GET('Content-Length\x85: 10\r\n') + '0123456789'],
	['a name with NUL', GET('X-A\0: b\r\n')],
	['a value with NUL', GET('X-A: a\0b\r\n')],
	['a value that ends in NUL', GET('X-A: b\0\r\n')],
	['a value with a control character', GET('X-A: a\x01b\r\n')],
	['a value with DEL', GET('X-A: a\x7fb\r\n')],
	['a value with ESC', GET('X-A: a\x1b[1mb\r\n')],
	['NUL and CR in a value', GET('X-A: v\0\rX-B: c\r\n')],
	['NUL behind a line', GET('X-A: b\r\n\0')],
]);
each(accept, 'fields', [
	['an empty value', GET('X-A:\r\n')],
	['blanks for a value', GET('X-A: \t \r\n')],
	['tabs in a value', GET('X-A: b\tc\r\n')],
	['colons in a value', GET('X-A:: b: c\r\n')],
	['bytes beyond ASCII in a value', GET('X-A: \x85bl\xc3\xa5\xa0\r\n')],
	['a name of every token character', GET("!#$%&'*+-.^_`|~09AZaz: b\r\n")],
	['the same name twice', GET('X-A: b\r\nX-A: c\r\n')],
	['an upgrade', GET('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n')],
]);

// ---- Content-Length ----
const five = (v) => POST(`Content-Length:${v}\r\n`, json(5));
each(refuse, 'Content-Length', [
	...named([' +5', ' -5', ' -0', ' 0x5', ' 0X5', ' 5,5', ' 5, 5', ' 5,', ' ,5', ' 5,6', '', ' ', '\t', ' 5x', ' x5', ' 5 5', ' 5\t5', ' 5.0', ' 5e0', ' 5_0', ' 0_5', ' 05h', ' 5;q=1', ' "5"', " '5'", ' (5)', ' 5L', ' five', ' =5',
		' \x0b5', ' 5\x0b', ' 5\x0c', ' \xa05', ' 5\xa0', ' \x855', ' 5\0', ' \x005', ' 5\r', ' \xef\xbc\x95', ' null', ' undefined', ' NaN', ' Infinity', ' 5#', ' %35'])
		.map(([name, v]) => [name, five(v)]),
	['20 digits', POST('Content-Length: 99999999999999999999\r\n', ''), [400, 413]],
	['2^64', POST('Content-Length: 18446744073709551616\r\n', ''), [400, 413]],
	['2^64 and the length', POST('Content-Length: 18446744073709551621\r\n', json(5)), [400, 413]],
	['2^63', POST('Content-Length: 9223372036854775808\r\n', ''), [400, 413]],
	['2^64 - 1', POST('Content-Length: 18446744073709551615\r\n', ''), [400, 413]],
	['100 digits', POST(`Content-Length: ${'9'.repeat(100)}\r\n`, ''), [400, 413]],
	['twice, equal', POST('Content-Length: 5\r\nContent-Length: 5\r\n', json(5))],
	['twice, the first shorter', POST('Content-Length: 0\r\nContent-Length: 5\r\n', json(5))],
	['twice, the second shorter', POST('Content-Length: 5\r\nContent-Length: 0\r\n', json(5))],
	['twice, the first empty', POST('Content-Length: \r\nContent-Length: 5\r\n', json(5))],
	['twice, in other letters', POST('Content-Length: 5\r\nCONTENT-LENGTH: 2\r\n', json(5))],
	['twice, on a GET', GET('Content-Length: 0\r\nContent-Length: 43\r\n')],
	['a blank before the colon', POST('Content-Length : 5\r\n', json(5))],
	['a tab before the colon', POST('Content-Length\t: 5\r\n', json(5))],
	['a blank in front', POST(' Content-Length: 5\r\n', json(5))],
	['continued', POST('Content-Length: 5\r\n 0\r\n', json(5))],
	['on the next line', POST('Content-Length:\r\n 5\r\n', json(5))],
	['CR in front of it', POST('X-A: b\r\rContent-Length: 5\r\n', json(5))],
]);
each(accept, 'Content-Length', [
	['5', five(' 5')], ['no blank', five('5')], ['blanks around', five(' \t5 \t')], ['zeros in front', five(' 0005')], ['zeros in front are no octal number', POST('Content-Length: 010\r\n', json(10))],
	['0 on a GET', GET('Content-Length: 0\r\n')], ['a body of a GET', GET('Content-Length: 5\r\n') + json(5)], ['a body that looks like a request', POST(`Content-Length: ${GET().length}\r\n`, GET()), 400],
	['names that resemble it', POST('Content_Length: 1\r\nContentLength: 1\r\nX-Content-Length: 1\r\nContent-Length: 5\r\nContent-Length-: 1\r\n', json(5))],
]);

// ---- Transfer-Encoding ----
const chunks = '5\r\n{   }\r\n0\r\n\r\n';
const coded = (v) => POST(`Transfer-Encoding:${v}\r\n`, chunks);
each(refuse, 'Transfer-Encoding', [
	['with Content-Length behind', POST(`${CHUNKED}Content-Length: ${chunks.length}\r\n`, chunks)],
	['with Content-Length before', POST(`Content-Length: 5\r\n${CHUNKED}`, chunks)],
	['with Content-Length 0', POST(`Content-Length: 0\r\n${CHUNKED}`, chunks)],
	['unknown, with Content-Length', POST('Transfer-Encoding: ,chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n')],
	['twice', POST(CHUNKED + CHUNKED, chunks)],
	['twice, identity first', POST(`Transfer-Encoding: identity\r\n${CHUNKED}`, chunks)],
	['twice, identity last', POST(`${CHUNKED}Transfer-Encoding: identity\r\n`, chunks)],
	['twice, one empty', POST(`Transfer-Encoding:\r\n${CHUNKED}`, chunks)],
	['twice, in other letters', POST(`${CHUNKED}transfer-encoding: x\r\n`, chunks)],
	...named([' chunked, chunked', ' chunked,chunked', ' identity', ' identity, chunked', ' chunked, identity', ' gzip', ' gzip, chunked', ' x, chunked', ' chunked, x', ' ,chunked', ' chunked,', ' , chunked', ' x', ' xchunked',
		' chunkedx', ' chunke', ' chunked;q=1', ' chunked; q=1', ' chunked;', ' chunked;a="b"', ' "chunked"', " 'chunked'", ' chunked chunked', ' chunked\x0b', ' \x0bchunked', ' \x0cchunked', ' chunked\xa0', ' \xa0chunked',
		' \xffchunked\xff', ' \x85chunked', ' chunked\0', ' chun\0ked', ' chun ked', ' chunked\r', ' \rchunked', '', ' ', ' ch\xfcnked', ' =chunked', ' [chunked]', ' chunked/1', ' chunk', ' cow', ' chunked#', ' TE'])
		.map(([name, v]) => [name, coded(v), CODING_STATUS]),
	['a blank before the colon', POST('Transfer-Encoding : chunked\r\n', chunks)],
	['a tab before the colon', POST('Transfer-Encoding\t: chunked\r\n', chunks)],
	['a blank in front', POST(' Transfer-Encoding: chunked\r\n', chunks)],
	['on the next line', POST('Transfer-Encoding:\r\n chunked\r\n', chunks)],
	['continued', POST('Transfer-Encoding: chunked\r\n , identity\r\n', chunks)],
	['hidden behind LF', POST('X-A: b\nTransfer-Encoding: chunked\r\n', chunks)],
	['hidden behind CR', POST('X-A: b\rTransfer-Encoding: chunked\r\n', chunks)],
	['no colon', POST('Transfer-Encoding chunked\r\n', chunks)],
	['a name beyond ASCII', POST('Tr\xe0nsfer-Encoding: chunked\r\nContent-Length: 5\r\n', json(5))],
	['in HTTP/1.0', `POST ${CLOCK} HTTP/1.0\r\n${HOST}Content-Type: application/json\r\n${CHUNKED}\r\n${chunks}`, CODING_STATUS],
	['in HTTP/1.0 with Content-Length', `POST ${CLOCK} HTTP/1.0\r\n${HOST}Content-Length: 5\r\n${CHUNKED}\r\n${chunks}`, CODING_STATUS],
	['of a GET, twice', GET(CHUNKED + CHUNKED) + chunks],
]);
each(accept, 'Transfer-Encoding', [
	['chunked', coded(' chunked')], ['no blank', coded('chunked')], ['blanks around', coded(' \t chunked \t ')], ['any letter case', coded(' ChUnKeD')], ['a name in any letter case', POST('tRANSFER-eNCODING: chunked\r\n', chunks)],
	['of a GET', GET(CHUNKED) + chunks], ['names that resemble it', POST('Transfer_Encoding: chunked\r\nTransferEncoding: chunked\r\nX-Transfer-Encoding: chunked\r\nContent-Encoding: chunked\r\nContent-Length: 5\r\n', json(5))],
	['TE is another field', POST('TE: chunked, trailers\r\nContent-Length: 5\r\n', json(5))],
]);

// ---- chunks ----
const chunk = (line, data = '{}\r\n') => POST(CHUNKED, `${line}\r\n${data}0\r\n\r\n`);
each(refuse, 'chunk size', named(['', ' 2', '\t2', '2 ', '2\t', ' 2 ', '+2', '-2', '0x2', '0X2', '2x', '2h', '0_2', '2_', '2.', '2.0', '2,2', '2 2', '"2"', 'g', 'zz', '\xef\xbc\x92', '2\0', '\x002', '2\x0b', '\xa02', '2\x85', '#2', '2:', '2=', '2/',
	'-0x2', '2\r', '\r2', '2\r\r', '\r\n2', 'INVALID!!!']).map(([name, line]) => [name, chunk(line)]));
each(refuse, 'chunk size', [
	['LF behind it', POST(CHUNKED, '2\n{}\r\n0\r\n\r\n')],
	['CR behind it', POST(CHUNKED, '2\r{}\r\n0\r\n\r\n')],
	['CR and another byte', POST(CHUNKED, '2\rX{}\r\n0\r\n\r\n')],
	['CR before an extension', POST(CHUNKED, '2\r\r;a\r\n{}\r\n0\r\n\r\n')],
	['LF CR LF', POST(CHUNKED, '2\n\r\n{}\r\n0\r\n\r\n')],
	['2^32 + 2', chunk('100000002'), [400, 413]],
	['2^63', chunk('8000000000000000'), [400, 413]],
	['2^64 - 1', chunk('ffffffffffffffff'), [400, 413]],
	['2^64', chunk('10000000000000000'), [400, 413]],
	['2^64 + 2', chunk('10000000000000002'), [400, 413]],
	['a line that never ends', POST(CHUNKED, '0'.repeat(100000)), [400, 413]],
	['none at all', POST(CHUNKED, '\r\n\r\n')],
	['a negative end', POST(CHUNKED, '2\r\n{}\r\n-0\r\n\r\n')],
]);
each(accept, 'chunk size', [
	['2', chunk('2')], ['a zero in front', chunk('02')], ['zeros in front', chunk('000002')], ['a lower case digit', chunk('a', `${json(10)}\r\n`)], ['an upper case digit', chunk('A', `${json(10)}\r\n`)],
	['two digits', chunk('1F', `${json(31)}\r\n`)], ['two chunks', POST(CHUNKED, '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n')], ['several zeros for the end', POST(CHUNKED, '2\r\n{}\r\n000\r\n\r\n')],
	['line ends in the data', POST(CHUNKED, '6\r\n{\r\n\r\n}\r\n0\r\n\r\n')], ['an end in the data', POST(CHUNKED, '7\r\n0\r\n\r\n{}\r\n0\r\n\r\n'), 400], ['no data', POST(CHUNKED, '0\r\n\r\n'), 400],
]);
each(refuse, 'chunk data', [
	['nothing behind', POST(CHUNKED, '2\r\n{}0\r\n\r\n')],
	['LF behind', POST(CHUNKED, '2\r\n{}\n0\r\n\r\n')],
	['CR behind', POST(CHUNKED, '2\r\n{}\r0\r\n\r\n')],
	['LF CR behind', POST(CHUNKED, '2\r\n{}\n\r0\r\n\r\n')],
	['CR CR LF behind', POST(CHUNKED, '2\r\n{}\r\r\n0\r\n\r\n')],
	['two other bytes behind', POST(CHUNKED, '2\r\n{}XX0\r\n\r\n')],
	['longer', POST(CHUNKED, '2\r\n{  }\r\n0\r\n\r\n')],
	['shorter', POST(CHUNKED, '4\r\n{}\r\n0\r\n\r\n')],
	['an empty line more', POST(CHUNKED, '2\r\n{}\r\n\r\n0\r\n\r\n')],
	['LF for the empty line', POST(CHUNKED, '2\r\n{}\r\n0\r\n\n')],
	['LF behind the end', POST(CHUNKED, '2\r\n{}\r\n0\n\r\n')],
	['CR behind the end', POST(CHUNKED, '2\r\n{}\r\n0\r\r\n')],
	['CR and another byte for the empty line', POST(CHUNKED, '2\r\n{}\r\n0\r\n\rX')],
	['two other bytes for the empty line', POST(CHUNKED, '2\r\n{}\r\n0\r\nXX')],
	['a blank in the empty line', POST(CHUNKED, '2\r\n{}\r\n0\r\n \r\n')],
]);

// ---- chunk extensions ----
each(refuse, 'chunk extension', named(['2;', '2;;', '2;a;', '2;;a', '2; a', '2 ;a', '2\t;a', '2;\ta', '2;a ', '2;a =b', '2;a= b', '2;a=', '2;=b', '2;=', '2;a=b=c', '2;a=b c', '2;a b', '2;a="b"', '2;a="', '2;a=""', '2;a="b;c"', '2;a="\\""', '2;a="\r\n"',
	'2;a="b"c', "2;a=b\"", '2;a\0', '2;a\x01', '2;a\x7f', '2;a\x80', '2;a=\xe6', '2;a/b', '2;a,b', '2;(a)', '2;[a]', '2;{a}', '2;<a>', '2;a:b', '2;a@b', '2;a\\b', '2;a?', '2,a', '2a;', '2 a', '2x;a',
	'2;a\nb', '2;a\rb', '2;\n', '2;\n0', '2;a=\n0\r\n', '2;a\r\r', '2;a=b\r', '2;a\r\nb']).filter(([, line]) => line !== '2;a\r\nb').map(([name, line]) => [name, chunk(line)]));
each(refuse, 'chunk extension', [
	['LF behind it', POST(CHUNKED, '2;a\n{}\r\n0\r\n\r\n')],
	['a request hidden behind LF', POST(CHUNKED, `2;\n{}\r\n2d\r\n0\r\n\r\n${GET()}0\r\n\r\n`)],
	['LF behind the end\'s', POST(CHUNKED, '2\r\n{}\r\n0;a\n\r\n')],
	['quoted at the end', POST(CHUNKED, '2\r\n{}\r\n0;a="b"\r\n\r\n')],
	['malformed at the end', POST(CHUNKED, '2\r\n{}\r\n0;\r\n\r\n')],
	['16,384 bytes and their semicolon', chunk(`2;${'a'.repeat(16384)}`), [400, 413, 431]],
	['too long', POST(CHUNKED, `2;${'a'.repeat(70000)}\r\n{}\r\n0\r\n\r\n`), [400, 413, 431]],
	['too many', POST(CHUNKED, `2${';a=b'.repeat(20000)}\r\n{}\r\n0\r\n\r\n`), [400, 413, 431]],
	['too much in many chunks', POST(CHUNKED, `1;${'a'.repeat(100)}\r\n \r\n`.repeat(1000) + '2\r\n{}\r\n0\r\n\r\n'), [400, 413, 431]],
]);
each(accept, 'chunk extension', [
	['a name', chunk('2;a')], ['a name and a value', chunk('2;a=b')], ['two', chunk('2;a=b;c')], ['every token character', chunk("2;!#$%&'*+-.^_`|~09AZaz=!#$%&'*+-.^_`|~09AZaz")], ['digits', chunk('2;2=2')],
	['at the end', POST(CHUNKED, '2\r\n{}\r\n0;a=b\r\n\r\n')], ['16,000 bytes', chunk(`2;${'a'.repeat(16000)}`)],
]);

// ---- trailers ----
const trailed = (text) => POST(CHUNKED, `2\r\n{}\r\n0\r\n${text}\r\n`);
each(refuse, 'trailers', [
	['a blank before the colon', trailed('X-A : b\r\n')],
	['a tab before the colon', trailed('X-A\t: b\r\n')],
	['a blank in front', trailed(' X-A: b\r\n')],
	['continued', trailed('X-A: b\r\n c\r\n')],
	['continued by a tab', trailed('X-A: b\r\n\tc\r\n')],
	['no colon', trailed('nonsense\r\n')],
	['no name', trailed(': b\r\n')],
	['a name with a blank', trailed('X A: b\r\n')],
	['a name beyond ASCII', trailed('X-\xe6: b\r\n')],
	['a quoted name', trailed('"X": b\r\n')],
	['LF behind one', trailed('X-A: b\n')],
	['LF in a value', trailed('X-A: b\nX-B: c\r\n')],
	['CR in a value', trailed('X-A: b\rX-B: c\r\n')],
	['CR behind one', trailed('X-A: b\r\r\n')],
	['LF for the empty line', POST(CHUNKED, '2\r\n{}\r\n0\r\nX-A: b\r\n\n')],
	['CR and another byte for the empty line', POST(CHUNKED, '2\r\n{}\r\n0\r\nX-A: b\r\n\rX')],
	['NUL in a value', trailed('X-A: b\0c\r\n')],
	['NUL in a name', trailed('X-A\0: b\r\n')],
	['a control character in a value', trailed('X-A: b\x01\r\n')],
	['DEL in a value', trailed('X-A: b\x7f\r\n')],
	['65 of them', trailed(Array.from({ length: 65 }, (_, i) => `X-${i}: b\r\n`).join('')), [400, 413, 431]],
	['thousands', trailed('X-A: b\r\n'.repeat(5000)), [400, 413, 431]],
	['a long one', trailed(`X-A: ${'b'.repeat(70000)}\r\n`), [400, 413, 431]],
	['the next request for one', POST(CHUNKED, `2\r\n{}\r\n0\r\n${GET()}`)],
]);
each(accept, 'trailers', [
	['one', trailed('X-A: b\r\n')], ['one without a value', trailed('X-A:\r\n')], ['64 of them', trailed(Array.from({ length: 64 }, (_, i) => `X-${i}: b\r\n`).join(''))],
	['framing fields are not obeyed', trailed('Content-Length: 50\r\nTransfer-Encoding: gzip\r\nHost: y\r\nHost: z\r\nConnection: close\r\n')], ['a value that looks like a request', trailed(`X:GET ${LIVE} HTTP/1.1\r\n`)],
	['bytes beyond ASCII in a value', trailed('X-A: bl\xc3\xa5\r\n')],
]);

// ---- size ----
const many = (n, make = (i) => `X-${i}: b\r\n`) => Array.from({ length: n }, (_, i) => make(i)).join('');
const ofSize = (n) => {
	const long = `X-A: ${'b'.repeat(8192)}\r\nX-B: ${'b'.repeat(8192)}\r\n`;
	return GET(`${long}X-C: ${'b'.repeat(n - GET(`${long}X-C: \r\n`).length)}\r\n`);
};
each(refuse, 'size', [
	['a path and a query at their limits and an authority without end', GET('', `http://${'h'.repeat(100000)}/`), LONG_STATUS],
	['a target of 100,000 bytes', GET('', `/${'x'.repeat(100000)}`), LONG_STATUS],
	['a method of 100,000 bytes', `${'X'.repeat(100000)} ${LIVE} HTTP/1.1\r\n${HOST}\r\n`, [400, 405, 414, 431, 501]],
	['a version of 100,000 bytes', `GET ${LIVE} HTTP/1.${'1'.repeat(100000)}\r\n${HOST}\r\n`, [400, 414, 431, 505]],
	['a head of 20481 bytes', ofSize(20481), 431],
	['65 fields', GET(many(64)), 431],
	['1000 fields', GET(many(1000)), 431],
	['a value of 8193 bytes', GET(`X-A: ${'b'.repeat(8193)}\r\n`), 431],
	['a value of 100,000 bytes', GET(`X-A: ${'b'.repeat(100000)}\r\n`), 431],
	['a name of 100,000 bytes', GET(`${'X'.repeat(100000)}: b\r\n`), 431],
	['60 values of 8192 bytes', GET(many(60, (i) => `X-${i}: ${'b'.repeat(8192)}\r\n`)), 431],
	['a line without end', 'G'.repeat(200000), [400, 414, 431]],
	['a field without end', `GET ${LIVE} HTTP/1.1\r\n${HOST}X-A: ${'b'.repeat(200000)}`, 431],
	['fields without end', `GET ${LIVE} HTTP/1.1\r\n${many(10000)}`, 431],
	['empty lines without end', '\r\n'.repeat(50000), 400],
]);
each(accept, 'size', [
	['a path of 1024 bytes', GET('', `/${'x'.repeat(1023)}`), 404],
	['a path of 1025 bytes', GET('', `/${'x'.repeat(1024)}`), 414],
	['a query of 4097 bytes', GET('', `${LIVE}?${'x'.repeat(4097)}`), 414],
	['a query of 4096 bytes', GET('', `${LIVE}?${'x'.repeat(4096)}`)],
	['a path and a query at their limits', GET('', `/${'x'.repeat(1023)}?${'x'.repeat(4096)}`), 404],
	['a head of 20480 bytes', ofSize(20480)],
	['64 fields', GET(many(63))],
	['a value of 8192 bytes', GET(`X-A: ${'b'.repeat(8192)}\r\n`)],
	['a value of 8192 bytes and blanks', GET(`X-A:  ${'b'.repeat(8192)}\t\r\n`)],
]);

// ---- one connection ----
refuse('pipeline: a bad request behind good ones', GET().repeat(3) + GET('X A: b\r\n') + GET(), 400, [200, 200, 200]);
refuse('pipeline: a bad request behind a body', POST('Content-Length: 2\r\n', '{}') + GET('X A: b\r\n') + GET(), 400, [200]);
refuse('pipeline: a bad chunk behind good requests', POST(CHUNKED, chunks) + GET() + POST(CHUNKED, '2\r\n{}X') + GET(), 400, [200, 200]);
refuse('pipeline: garbage behind a chunked body', POST(CHUNKED, chunks) + '\0', 400, [200]);
refuse('pipeline: garbage behind a body', POST('Content-Length: 2\r\n', '{}') + '{}\r\n\r\n', 400, [200]);
accept('pipeline: bodies of all kinds', POST('Content-Length: 5\r\n', json(5)) + POST(CHUNKED, chunks) + GET() + GET('Content-Length: 3\r\n') + 'abc' + POST(CHUNKED, chunks), 200, 200, 200, 200, 200);
accept('pipeline: 404 and 405 end nothing', GET('', '/nothing') + `DELETE ${LIVE} HTTP/1.1\r\n${HOST}\r\n` + `BREW ${LIVE} HTTP/1.1\r\n${HOST}\r\n`, 404, 405, 405);
alone('pipeline: nothing is read behind Connection: close', GET('Connection: close\r\n') + GET(), 200);
alone('pipeline: nothing is read behind Connection: x, Close', GET('Connection: x, Close\r\n') + GET(), 200);
alone('pipeline: nothing is read behind two Connection fields', GET('Connection: keep-alive\r\nConnection: close\r\n') + GET(), 200);
alone('pipeline: garbage behind Connection: close is not answered', GET('Connection: close\r\n') + '\0\0\0', 200);

export const cases = rows;
