// The bridge between Node's http server and handlers that take a Request and give
// a Response. It hands over the body's bytes and every header as received, and
// writes back status, headers and bytes.

import http from "node:http";

// bridge serves handle(request) at a path, and 404 elsewhere. It handles no
// errors, with one exception: where an exception leaves the handler it responds
// with 599, so that the runner can report it instead of a refusal.
export function bridge(path, handle) {
	return http.createServer(async (incoming, outgoing) => {
		const body = await readAll(incoming).catch(() => undefined);
		if (body === undefined) return outgoing.destroy(); // the sender closed the connection: there is no request for the SDK
		const request = toRequest(incoming, body);
		if (request === undefined) return outgoing.writeHead(400).end(); // it cannot be a Request
		if (new URL(request.url).pathname !== path) return outgoing.writeHead(404).end();
		try {
			await writeResponse(outgoing, await handle(request));
		} catch (error) {
			console.error("handler threw:", error);
			outgoing.writeHead(599).end("handler threw");
		}
	});
}

async function readAll(stream) {
	const chunks = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks);
}

function toRequest({ method, url, rawHeaders, headers: { host: authority } }, body) {
	try {
		const headers = new Headers();
		for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
		const bodyless = method === "GET" || method === "HEAD";
		return new Request(`http://${authority}${url}`, { method, headers, ...(bodyless ? {} : { body }) });
	} catch {
		return undefined;
	}
}

async function writeResponse(outgoing, response) {
	const body = Buffer.from(await response.arrayBuffer());
	const headers = [...response.headers].flat();
	outgoing.writeHead(response.status, headers).end(body);
}
