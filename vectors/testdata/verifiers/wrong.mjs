// A verifier of the body as received and of its canonical form.
import { createHmac, timingSafeEqual } from "node:crypto";

async function verify({ headers, body, primary, fallback, now }) {
  const values = headers.filter(([name]) => name.toLowerCase() === "x-inngest-signature").map(([, value]) => value);
  const match = values.length === 1 && /^(?:t=(0|[1-9][0-9]{0,11})&s=([0-9a-f]{64})|s=([0-9a-f]{64})&t=(0|[1-9][0-9]{0,11}))$/.exec(values[0]);
  if (!match) return false;
  const t = match[1] ?? match[4], s = Buffer.from(match[2] ?? match[3], "hex");
  const age = now - Number(t);
  if (age < -60) return false; // wrong: a signature is valid forever
  const keys = [primary, fallback].map((key) => (key ?? "").trim().replace(/^signkey-\w+-/, "")).filter((key) => /^([0-9A-Fa-f]{2})+$/.test(key));
  return keys.some((key) => messages(body).some((message) => timingSafeEqual(createHmac("sha256", key).update(message).update(t).digest(), s)));
}

function messages(body) {
  try {
    return [body, canonical(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body)))];
  } catch {
    return [body];
  }
}

function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return "{" + Object.keys(value).sort().map((name) => JSON.stringify(name) + ":" + canonical(value[name])).join(",") + "}";
}
