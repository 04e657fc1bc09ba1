// The worker: POST /connect makes the app connect to a gateway, and responds once it
// is connected, or has failed, or after ?limit= milliseconds.

import http from "node:http";

// serveWorker takes these requests before the handler, whichever that is, sees them.
export function serveWorker(require, app) {
	const emit = http.Server.prototype.emit;
	http.Server.prototype.emit = function (event, request, response) {
		const isOurs = event === "request" && request.url.split("?")[0] === "/connect";
		if (!isOurs) return emit.apply(this, arguments);
		const limit = Number(new URL(request.url, "http://app").searchParams.get("limit"));
		work(require, app, limit).then(([status, result]) => {
			response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(result));
		});
		return true;
	};
}

async function work(require, { client, functions }, limit) {
	let timer;
	try {
		const { connect } = require("inngest/connect"); // before the clock starts: it takes long to load
		const pending = new Promise((resolve) => (timer = setTimeout(resolve, limit, "pending")));
		const connection = await Promise.race([connect({ apps: [{ client, functions }] }), pending]);
		if (connection === "pending") {
			process.emit("SIGTERM"); // the SDK's own way to end a worker that is not connected
			return [500, { error: `not connected after ${limit} ms`, pending: true }];
		}
		await connection.close();
		return [200, { connected: true }];
	} catch (error) {
		return [500, { error: String(error?.message ?? error) }];
	} finally {
		clearTimeout(timer);
	}
}
