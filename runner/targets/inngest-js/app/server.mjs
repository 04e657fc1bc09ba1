// The inngest-js target: one small app that runs with every inngest 3.x and 4.x.
//
// What it must do is the table in ../README.md. It has no dependencies of its
// own: the SDK, and the framework of the chosen handler, are loaded from
// $COUNTERSIGN_MODULES/node_modules. It hides nothing that the SDK throws, because
// how a release fails is part of what is judged.

import { readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

import { handlers, path } from "./handlers.mjs";
import { serveWorker } from "./worker.mjs";

const host = "127.0.0.1";
const beaconTimeout = 2000; // ms: far longer than loopback needs, far shorter than a case waits

const {
	PORT = "3000",
	COUNTERSIGN_MODULES: modules = process.cwd(),
	COUNTERSIGN_BEACON: beaconURL,
	COUNTERSIGN_HANDLER: handler = "edge",
	COUNTERSIGN_CODE_SIGNING_KEY: codeKey,
	COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK: codeFallback,
	COUNTERSIGN_CODE_DEV: codeDev,
	COUNTERSIGN_CONNECT: canConnect,
} = process.env;

// --- the SDK ---------------------------------------------------------------

const require = createRequire(join(modules, "package.json"));
const manifest = JSON.parse(readFileSync(join(modules, "node_modules/inngest/package.json"), "utf8"));
const [major, minor] = manifest.version.split(".").map(Number);

const since = (wantMajor, wantMinor) => major > wantMajor || (major === wantMajor && minor >= wantMinor);
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

// Keys in code belong to the client since 4.0, and to serve() before.
const codeKeys = given({ signingKey: codeKey, signingKeyFallback: codeFallback });
const codeMode = given({ isDev: codeDev === undefined ? undefined : ["1", "true"].includes(codeDev) });

const { Inngest } = require("inngest");
const client = new Inngest({ id: "countersign", ...codeMode, ...(since(4, 0) ? codeKeys : {}) });

// --- the functions ---------------------------------------------------------

const nonceOf = (event) => event?.data?.nonce ?? null;

// beacon tells the runner that a function is running, before anything else can
// hide it. Each call has a connection of its own, so that none is lost to a
// kept-alive one that has just been closed. It never rejects.
function beacon(nonce) {
	if (!beaconURL) return Promise.resolve();
	const text = typeof nonce === "string" && nonce !== "" ? nonce.toWellFormed() : "-";
	return new Promise((resolve) => {
		const request = http.request(`${beaconURL}/${encodeURIComponent(text)}`, {
			method: "POST",
			agent: false,
			headers: { "Cache-Control": "no-store", "Content-Length": 0 },
			signal: AbortSignal.timeout(beaconTimeout),
		});
		request.on("response", (response) => response.resume().on("error", resolve).on("close", resolve));
		request.on("error", resolve);
		request.end();
	});
}

// define hides that a function's trigger moved into its options in 4.0.
function define(id, options, run) {
	const trigger = { event: `countersign/${id}` };
	const handler = async (context) => {
		await beacon(nonceOf(context.event));
		return run(context);
	};
	const settings = { id, retries: 0, ...options };
	return since(4, 0)
		? client.createFunction({ ...settings, triggers: [trigger] }, handler)
		: client.createFunction(settings, trigger, handler);
}

const functions = [
	define("echo", {}, ({ event }) => ({ nonce: nonceOf(event) })),

	define("step", since(3, 48) ? { checkpointing: true } : {}, async ({ event, step }) => ({
		nonce: await step.run("work", () => nonceOf(event)),
	})),

	define("send", {}, async ({ event }) => {
		await client.send({ name: "countersign/sent", data: { nonce: nonceOf(event) } });
		return { nonce: nonceOf(event) };
	}),
];

// --- the server ------------------------------------------------------------

if (!Object.hasOwn(handlers, handler)) {
	throw new Error(`COUNTERSIGN_HANDLER: want one of ${Object.keys(handlers).join(", ")}, got ${JSON.stringify(handler)}`);
}
if (canConnect === "1") serveWorker(require, { client, functions });
const options = { client, functions, ...(since(4, 0) ? {} : codeKeys) };
handlers[handler](require, options).listen(Number(PORT), host, () => {
	console.log(`inngest ${manifest.version}, handler ${handler}, at http://${host}:${PORT}${path}`);
});
