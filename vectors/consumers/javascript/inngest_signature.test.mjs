// Checks a signature verifier with Countersign's vectors: copy this file and
// verify.json into your repository, fill in verify() below, and run
//
//   node --test inngest_signature.test.mjs
//
// COUNTERSIGN_VECTORS names the directory of verify.json; without it, it is beside
// this file or in ../../data. COUNTERSIGN_STRICT=1 makes a SHOULD fail the test, too.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mock, test } from "node:test";
import { fileURLToPath } from "node:url";

// ---- your verifier: begin
// Returns true where the request is accepted. To return false or to throw is to
// refuse. body is a Buffer with the bytes as received; headers is an array of
// [name, value], in which a repeated header occurs repeatedly; primary and fallback
// are the values of the two environment variables, or null; now is in unix seconds.
// Date.now() and new Date() give the same time during the call.
async function verify({ method, target, headers, body, primary, fallback, now }) {
  throw new NotFilledIn();
}
// ---- your verifier: end

class NotFilledIn extends Error {
  message = "fill in verify() in this file: call your verifier there";
}

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.env.COUNTERSIGN_VECTORS ?? [here, join(here, "../../data")].find((d) => existsSync(join(d, "verify.json"))) ?? here;
const strict = process.env.COUNTERSIGN_STRICT === "1";

async function accepts(vector) {
  const request = {
    method: vector.method,
    target: vector.target,
    headers: vector.headers.map(({ name, value }) => [name, value]),
    body: "bodyBase64" in vector ? Buffer.from(vector.bodyBase64, "base64") : Buffer.from(vector.body ?? ""),
    ...vector.keys,
    now: vector.now,
  };
  mock.timers.enable({ apis: ["Date"], now: vector.now * 1000 });
  try {
    return (await verify(request)) === true;
  } catch (error) {
    if (error instanceof NotFilledIn) throw error;
    return false;
  } finally {
    mock.timers.reset();
  }
}

test("the verifier agrees with the vectors", async (t) => {
  const file = JSON.parse(readFileSync(join(folder, "verify.json"), "utf8"));
  assert.equal(file.vectors.length, file.count, "verify.json is incomplete");
  const accepted = new Map();
  for (const vector of file.vectors) accepted.set(vector.id, await accepts(vector));

  let scored = 0, agree = 0, unspecified = 0;
  const violations = [], warnings = [], uncounted = [];
  for (const vector of file.vectors) {
    if (vector.result === "unspecified") {
      unspecified++; // recorded, never scored
      continue;
    }
    scored++;
    const got = accepted.get(vector.id) ? "accept" : "refuse";
    const bug = vector.flags.map((flag) => file.flags[flag]?.bug).find(Boolean);
    if (got !== vector.result) {
      const by = vector.by ? `, by ${vector.by}` : "";
      const line = `${vector.level} ${vector.id} (${vector.clause}${by}): want ${vector.result}, got ${got}: ${vector.comment}${bug ? `; likely: ${bug}` : ""}`;
      (vector.level === "MUST" || strict ? violations : warnings).push(line);
    } else if (vector.control && !accepted.get(vector.control)) {
      uncounted.push(vector.id); // a refusal shows nothing where the control is refused, too
    } else {
      agree++;
    }
  }
  for (const line of warnings) t.diagnostic(line);
  if (uncounted.length > 0) t.diagnostic(`not counted, because their control is refused: ${uncounted.join(", ")}`);
  t.diagnostic(`agrees with ${agree} of ${scored} vectors; ${warnings.length} SHOULD differ; ${uncounted.length} not counted; ${unspecified} unspecified`);
  assert.equal(violations.length, 0, `${violations.length} vectors differ:\n${violations.join("\n")}`);
  assert.ok(agree > 0, "no vector counts");
});
