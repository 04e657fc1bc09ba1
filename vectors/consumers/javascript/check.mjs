// Recomputes the vectors with nothing but Node: every MAC and bearer, the
// canonical forms (JSON.stringify formats numbers and strings as RFC 8785
// requires), headers, the window and the results of verify.json.
//
//   node vectors/consumers/javascript/check.mjs [directory of the JSON files]
//
// JSON.parse accepts some texts without a canonical form (a duplicate name, a lone
// surrogate, a number that overflows), so whether a body has one is taken from
// the files here; the Python consumer computes it.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

const folder = process.argv[2] ?? join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../../data");
const WINDOW = 300, SKEW = 60, LAST_SECOND = 253402300799;
let vector, checked = 0;
const wrong = [];

function same(what, want, got) {
  checked++;
  if (!isDeepStrictEqual(want, got)) wrong.push(`${vector.id}: ${what}: the file has ${show(want)}, Node computes ${show(got)}`);
}

const show = (value) => String(JSON.stringify(value)).slice(0, 200);
const expected = () => (vector.result === "unspecified" ? vector.reference : vector.result);
const bytes = (holder, name) =>
  name in holder ? Buffer.from(holder[name]) : name + "Base64" in holder ? Buffer.from(holder[name + "Base64"], "base64") : undefined;
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const mac = (key, data, algorithm = "sha256") => createHmac(algorithm, key).update(data).digest("hex");

function parseKey(text) {
  text = text.trim();
  const prefix = /^signkey-[A-Za-z0-9_]+-/.exec(text)?.[0] ?? "";
  const secret = text.slice(prefix.length);
  if (secret === "") return { reason: "no-key" };
  if (!/^([0-9A-Fa-f]{2})+$/.test(secret)) return { reason: "malformed" };
  return { secret, bearer: prefix + sha256(Buffer.from(secret, "hex")) };
}

function held(keys) {
  const usable = ["primary", "fallback"].map((name) => [name, parseKey(keys[name] ?? "")]);
  return usable.filter(([, key]) => key.secret);
}

function parseHeader(values) {
  if (values.length === 0) return { rule: "the header is present" };
  if (values.length > 1) return { rule: "the header appears once" };
  if (values[0] === "") return { rule: "the header is empty" };
  const found = new Map();
  for (const parameter of values[0].split("&")) {
    const at = parameter.indexOf("=");
    const name = at < 0 ? parameter : parameter.slice(0, at);
    if (name !== "t" && name !== "s") return { rule: "the only parameters are t and s" };
    if (found.has(name)) return { rule: "t and s appear once each" };
    found.set(name, at < 0 ? "" : parameter.slice(at + 1));
  }
  const t = found.get("t") ?? "", s = found.get("s") ?? "";
  if (t === "") return { rule: "t is present" };
  if (!/^(0|[1-9][0-9]*)$/.test(t)) return { rule: "t is a decimal integer without sign or leading zero" };
  if (BigInt(t) > LAST_SECOND) return { rule: "t is a second before the year 10000" };
  if (s === "") return { rule: "s is present" };
  if (!/^[0-9a-f]{64}$/.test(s)) return { rule: "s is exactly 64 lower-case hex digits" };
  return { t, s };
}

// The default order of sort() is that of UTF-16 code units, as in RFC 8785.
function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const member = (name) => JSON.stringify(name) + ":" + canonical(value[name]);
  return "{" + Object.keys(value).sort().map(member).join(",") + "}";
}

function checkForm() {
  if (vector.canonical === undefined) return;
  same("canonical form", vector.canonical, canonical(JSON.parse(bytes(vector, "body").toString())));
}

const files = {
  header() {
    const { t, s, rule } = parseHeader(vector.values);
    same("verdict", expected(), rule ? "refuse" : "accept");
    same("header", [vector.t, vector.s, vector.rule], [t, s, rule]);
  },
  "key-hash"() {
    const { secret, bearer, reason } = parseKey(vector.key);
    same("verdict", expected(), reason ? "refuse" : "accept");
    same("key", [vector.hmacKey, vector.bearer, vector.reason], [secret, bearer, reason]);
  },
  canonical() {
    checkForm();
    if (vector.canonical !== undefined) same("SHA-256", vector.sha256, sha256(vector.canonical));
  },
  sign() {
    checkForm();
    if (vector.mac === undefined) return;
    const body = vector.what === "sync" ? Buffer.from(vector.canonical) : bytes(vector, "body");
    const signed = Buffer.concat([body, Buffer.from(String(vector.now))]);
    same("signed bytes", bytes(vector, "signed"), signed);
    same("MAC", vector.mac, mac(parseKey(vector.key).secret, signed));
    same("header", vector.header, `t=${vector.now}&s=${vector.mac}`);
  },
  verify() {
    checkForm();
    checkSender();
    const values = vector.headers.filter((f) => f.name.toLowerCase() === "x-inngest-signature").map((f) => f.value);
    const { reason, key } = decide(values, held(vector.keys));
    same("verdict", expected(), reason ? "refuse" : "accept");
    same("reason", [vector.reason, vector.key], [reason, key]);
  },
  real() {
    const values = vector.headers.filter((f) => f.name === "x-inngest-signature").map((f) => f.value);
    same("verdict", vector.result, values.length ? "accept" : "unsigned");
    if (!values.length) return;
    const { t, s } = parseHeader(values);
    same("header", [vector.now, vector.mac], [Number(t), s]);
    checkForm();
    const body = vector.covers === "canonical" ? Buffer.from(vector.canonical) : bytes(vector, "body");
    const key = new Map(held(vector.keys)).get(vector.key);
    same("MAC", s, mac(key.secret, Buffer.concat([body, Buffer.from(t)])));
  },
  "bearer-fallback"() {
    const keys = held(vector.keys).map(([, key]) => key.bearer);
    const statusOf = new Map(vector.responses.map((a) => [a.bearer, a.status]));
    const sent = [];
    let result = "refused";
    for (const bearer of keys.length ? keys : [null]) {
      sent.push({ ...vector.request, bearer, ...("env" in vector && { env: vector.env }) });
      const status = statusOf.get(bearer);
      if (bearer !== null && (status === 401 || status === 403)) continue;
      result = status === 0 ? "failed" : status === undefined ? "not scripted" : "answered";
      break;
    }
    same("exchange", vector.sent, sent);
    same("verdict", expected(), result);
  },
};

function decide(values, keys) {
  const { t, s, rule } = parseHeader(values);
  if (rule) return { reason: values.length ? "header" : "unsigned" };
  const age = vector.now - Number(t);
  same("steps", [vector.verifier.t, vector.verifier.age], [t, age]);
  const body = bytes(vector, "body"), form = vector.canonical === undefined ? body : Buffer.from(vector.canonical);
  const messages = body.equals(form) ? [body] : [body, form];
  same("messages", messages.length, vector.verifier.canonical ? 2 : 1);
  const macs = [];
  for (const [i, message] of messages.entries()) {
    const signed = Buffer.concat([message, Buffer.from(t)]), want = i === 0 ? vector.verifier : vector.verifier.canonical;
    same("signed bytes", bytes(want, "signed"), signed);
    for (const [name, key] of keys) {
      macs.push([name, mac(key.secret, signed)]);
      same("MAC", want[name + "Mac"], macs.at(-1)[1]);
    }
  }
  if (keys.length === 0) return { reason: "no-key" };
  if (age > WINDOW) return { reason: "expired" };
  if (age < -SKEW) return { reason: "future" };
  for (const [name, want] of macs) if (timingSafeEqual(Buffer.from(want), Buffer.from(s))) return { key: name };
  return { reason: "mismatch" };
}

function checkSender() {
  if (!vector.sender) return;
  const { algorithm, hmacKey, hmacKeyHex, mac: want } = vector.sender;
  const signed = bytes(vector.sender, "signed");
  if (algorithm === "SHA-256") return same("MAC", want, sha256(signed));
  const key = hmacKeyHex === undefined ? hmacKey : Buffer.from(hmacKeyHex, "hex");
  same("MAC", want, mac(key, signed, algorithm.slice(5).toLowerCase()));
}

let vectors = 0;
for (const [name, check] of Object.entries(files)) {
  const file = JSON.parse(readFileSync(join(folder, name + ".json"), "utf8"));
  for (vector of file.vectors) {
    vectors++;
    try {
      check();
    } catch (cause) {
      wrong.push(`${vector.id}: cannot be checked: ${cause}`);
    }
  }
}
for (const line of wrong) console.error(line);
console.log(`${vectors} vectors, ${checked} values recomputed`);
process.exitCode = wrong.length ? 1 : 0;
