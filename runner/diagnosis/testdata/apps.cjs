// Apps with inngest from npm, as people set them up, each at a port of its own. The
// signing key and the mode come from the environment. Prints {"NAME": PORT, …}.
//
//	node apps.cjs MODULES BRIDGE NAME...
const { createRequire } = require("node:module");
const { join } = require("node:path");

const [, , modules, bridgeFile, ...names] = process.argv;
const load = createRequire(join(modules, "package.json"));

const { Inngest } = load("inngest");
const client = new Inngest({ id: "app" });
const hello = client.createFunction({ id: "hello", retries: 0, triggers: [{ event: "app/hello" }] }, async () => "hello");
const options = { client, functions: [hello] };
const path = "/api/inngest";

// express with what stands before and after the SDK's handler.
function express(before, after) {
	return () => {
		const framework = load("express");
		const app = framework();
		if (before) app.use(before(framework));
		app.use(path, load("inngest/express").serve(options));
		if (after) app.use(after(framework));
		return listenOn((port, ready) => app.listen(port, "127.0.0.1", function () { ready(this.address().port); }));
	};
}

const everything = { type: () => true, limit: "5mb" };
const apps = {
	"express": express((e) => e.json({ limit: "5mb" })),
	"express-text": express((e) => e.text(everything)),
	"express-100kB": express((e) => e.json()),
	"express-after": express(undefined, (e) => e.json()),
	"express-none": express(),
	"express-raw": express((e) => e.raw(everything)),
	"express-form": express((e) => e.urlencoded({ extended: true })),
	"express-consumed": express(() => (request, _response, next) => request.resume().on("end", next)),
	"fastify": () => {
		const app = load("fastify")({ bodyLimit: 5 << 20 });
		app.route({ method: ["GET", "POST", "PUT"], url: path, handler: load("inngest/fastify").serve(options) });
		return app.listen({ port: 0, host: "127.0.0.1" }).then(() => app.server.address().port);
	},
	"next": async () => {
		const { bridge } = await import(bridgeFile);
		const handlers = load("inngest/next").serve(options);
		const server = bridge(path, (request) => handlers[request.method]?.(request) ?? new Response(null, { status: 405 }));
		return listenOn((port, ready) => server.listen(port, "127.0.0.1", () => ready(server.address().port)));
	},
};

function listenOn(start) {
	return new Promise((resolve) => start(0, resolve));
}

(async () => {
	const ports = {};
	for (const name of names) ports[name] = await apps[name]();
	console.log(JSON.stringify(ports));
})();
