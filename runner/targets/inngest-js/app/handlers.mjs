// One function for each handler: it gives a server with listen(port, host, ready).
// Each is set up as the SDK's documentation says, and nothing more: what a
// framework does to a request before the SDK sees it is part of what is judged.

import { bridge } from "./bridge.mjs";

export const path = "/api/inngest";

const methods = ["GET", "POST", "PUT"];

// node is the SDK's own server, with nothing of ours around it.
function node(require, options) {
	return require("inngest/node").createServer(options);
}

function edge(require, options) {
	return bridge(path, require("inngest/edge").serve(options));
}

// next is Next.js's route handlers: a function for each method. Next responds with
// 405 to the others, and to HEAD as to GET.
function next(require, options) {
	const handlers = require("inngest/next").serve(options);
	return bridge(path, (request) => {
		const method = request.method === "HEAD" ? "GET" : request.method;
		return methods.includes(method) ? handlers[method](request) : new Response(null, { status: 405 });
	});
}

function express(require, options) {
	const framework = require("express");
	const app = framework();
	app.use(framework.json());
	return app.use(path, require("inngest/express").serve(options));
}

// expressUnparsed parses no body: the SDK gets its text. Without any middleware
// that reads it, no version gets a body at all, and none can be called.
function expressUnparsed(require, options) {
	const framework = require("express");
	const app = framework();
	app.use(framework.text({ type: () => true }));
	return app.use(path, require("inngest/express").serve(options));
}

function fastify(require, options) {
	const app = require("fastify")();
	app.route({ method: methods, url: path, handler: require("inngest/fastify").serve(options) });
	return { listen: (port, host, ready) => app.listen({ port, host }, (error) => (error ? fail(error) : ready())) };
}

function fail(error) {
	throw error;
}

function koa(require, options) {
	const app = new (require("koa"))();
	app.use(require("@koa/bodyparser").bodyParser());
	const handle = require("inngest/koa").serve(options);
	return app.use((context) => (context.path === path ? handle(context) : undefined));
}

function hono(require, options) {
	const app = new (require("hono").Hono)();
	app.on(methods, path, require("inngest/hono").serve(options));
	return bridge(path, (request) => app.fetch(request));
}

export const handlers = { node, edge, express, "express-unparsed": expressUnparsed, fastify, koa, hono, next };
