// The app that is judged: three functions, served by the SDK on 127.0.0.1:$PORT.
// It adds nothing to the SDK and hides nothing that the SDK throws.

import http from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const { PORT, MODULES, COUNTERSIGN_BEACON: beaconURL } = process.env;
const require = createRequire(join(MODULES, "package.json"));

// EDIT: your package.
const { Inngest } = require("inngest");
const { createServer } = require("inngest/node");

// What is given in code. A variable that is not set is not passed at all.
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
const dev = process.env.COUNTERSIGN_CODE_DEV;

// EDIT: your client. Everything else it reads from INNGEST_* by itself.
const client = new Inngest({
	id: "countersign",
	...given({
		signingKey: process.env.COUNTERSIGN_CODE_SIGNING_KEY,
		signingKeyFallback: process.env.COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK,
		isDev: dev === undefined ? undefined : dev === "1",
	}),
});

// beacon reports that a function runs, before it does anything else. Each report
// has a connection of its own, and its failure changes nothing.
function beacon(nonce) {
	if (!beaconURL) return Promise.resolve();
	return new Promise((resolve) => {
		const options = { method: "POST", agent: false, signal: AbortSignal.timeout(2000) };
		const request = http.request(`${beaconURL}/${encodeURIComponent(nonce || "-")}`, options);
		request.on("response", (response) => response.resume().on("error", resolve).on("close", resolve));
		request.on("error", resolve).end();
	});
}

// define makes a function: its id, without retries, and what it does with a nonce.
function define(id, run, options = {}) {
	const settings = { id, retries: 0, triggers: [{ event: `countersign/${id}` }], ...options };
	return client.createFunction(settings, async ({ event, step }) => {
		const nonce = event.data.nonce;
		await beacon(nonce);
		return { nonce: await run(nonce, step) };
	});
}

const functions = [
	define("echo", (nonce) => nonce),
	define("step", (nonce, step) => step.run("work", () => nonce), { checkpointing: true }),
	define("send", async (nonce) => {
		await client.send({ name: "countersign/sent", data: { nonce } });
		return nonce;
	}),
];

// EDIT: your server, or a framework with your handler, at /api/inngest.
createServer({ client, functions }).listen(Number(PORT), "127.0.0.1");
