#!/usr/bin/env python3
"""Recomputes every vector with nothing but Python's standard library.

    python3 vectors/consumers/python/check.py [directory of the JSON files]

It shares no code with the generator of the vectors: keys, headers, canonical
forms, MACs, the window, modes and the requests to the API are computed from the
inputs alone and compared with the files. Exit code 1: a value differs. Exit
code 2: the files cannot be read.
"""

import collections
import hashlib
import hmac
import json
import pathlib
import sys
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from protocol import bearer, form_of, held, mac, messages_of, parse_header, parse_key, read  # noqa: E402

WINDOW, SKEW = 300, 60
checked = collections.Counter()
wrong = []
vector = None


def same(what, want, got):
    """Compares two values, and records a difference."""
    checked[what] += 1
    if want != got:
        wrong.append(f"{vector['id']}: {what}: the file has {want!r:.200}, Python computes {got!r:.200}")


def expected():
    """The expected result or, where that is unspecified, the reference's."""
    return vector["reference"] if vector["result"] == "unspecified" else vector["result"]


# ---- one function per file

def header():
    t, s, rule = parse_header(vector["values"])
    same("verdict", expected(), "refuse" if rule else "accept")
    same("header", (vector.get("t"), vector.get("s"), vector.get("rule")), (t, s, rule))


def key_hash():
    key, reason = parse_key(vector["key"])
    same("verdict", expected(), "accept" if key else "refuse")
    same("reason", vector.get("reason"), reason)
    if key:
        same("HMAC key", vector["hmacKey"], key[1])
        same("bearer", vector["bearer"], bearer(key))
        same("bearer", key[0] + vector["bearerHash"], bearer(key))


def canonical():
    form = form_of(read(vector, "body"))
    same("verdict", expected(), "refuse" if form is None else "accept")
    same("canonical form", vector.get("canonical"), form and form.decode())
    if form is not None:
        same("SHA-256", vector["sha256"], hashlib.sha256(form).hexdigest())


def sign():
    key, reason = parse_key(vector["key"])
    message = read(vector, "body")
    same("verdict", expected(), "refuse" if reason else "accept")
    same("reason", vector.get("reason"), reason)
    if reason:
        return
    if vector["what"] == "sync":
        message = form_of(message)
        same("canonical form", vector["canonical"].encode(), message)
    signed = message + str(vector["now"]).encode()
    same("signed bytes", read(vector, "signed"), signed)
    same("MAC", vector["mac"], mac(key[1], signed))
    same("header", vector["header"], f"t={vector['now']}&s={mac(key[1], signed)}")


def verify():
    body, keys = read(vector, "body"), held(vector["keys"])
    values = [f["value"] for f in vector["headers"] if f["name"].lower() == "x-inngest-signature"]
    form = form_of(body)
    same("canonical form", vector.get("canonical"), form and form.decode())
    check_sender()
    reason, which, steps = decide(values, body, keys)
    same("verdict", expected(), "refuse" if reason else "accept")
    same("reason", vector.get("reason"), reason)
    same("key", vector.get("key"), which)
    want = vector.get("verifier")
    same("steps", want is None, steps is None)
    if steps:
        same("window", (want["t"], want["age"]), (steps["t"], steps["age"]))
        same("messages", 1 + ("canonical" in want), len(steps["messages"]))
        for said, message in zip((want, want.get("canonical")), steps["messages"]):
            same("signed bytes", read(said, "signed"), message["signed"])
            for name in ("primary", "fallback"):
                same("MAC", said.get(name + "Mac"), message.get(name))


def decide(values, body, keys):
    """The reason for a refusal, the key that matched, and the intermediate values."""
    t, s, rule = parse_header(values)
    if rule:
        same("rule", vector.get("rule"), rule if values else None)
        return ("header" if values else "unsigned"), None, None
    steps = {"t": t, "age": vector["now"] - int(t), "messages": []}
    for message in messages_of(body):
        signed = message + t.encode()
        steps["messages"].append({"signed": signed, **{name: mac(key[1], signed) for name, key in keys.items()}})
    if not keys:
        return "no-key", None, steps
    if steps["age"] > WINDOW:
        return "expired", None, steps
    if steps["age"] < -SKEW:
        return "future", None, steps
    for message in steps["messages"]:
        for name in ("primary", "fallback"):
            if name in keys and hmac.compare_digest(message[name], s):
                return None, name, steps
    return "mismatch", None, steps


def check_sender():
    """Recomputes the signature as the sender made it, correctly or not."""
    sender = vector.get("sender")
    if sender is None:
        return
    signed = read(sender, "signed")
    algorithm = sender["algorithm"]
    if algorithm == "SHA-256":
        return same("MAC", sender["mac"], hashlib.sha256(signed).hexdigest())
    key = bytes.fromhex(sender["hmacKeyHex"]) if "hmacKeyHex" in sender else sender["hmacKey"].encode()
    same("MAC", sender["mac"], hmac.new(key, signed, algorithm.removeprefix("HMAC-").lower()).hexdigest())


def mode():
    env = vector["env"]
    dev = env.get("INNGEST_DEV", "").strip()
    url = urllib.parse.urlsplit(dev)
    name, api, events = "dev", "http://localhost:8288", "http://localhost:8288"
    if dev in ("", "0", "false"):
        name, api, events = "cloud", "https://api.inngest.com", "https://inn.gs"
    elif url.scheme in ("http", "https") and url.netloc:
        api = events = dev
    api = env.get("INNGEST_API_BASE_URL") or env.get("INNGEST_BASE_URL") or api
    events = env.get("INNGEST_EVENT_API_BASE_URL") or env.get("INNGEST_BASE_URL") or events
    same("mode", expected(), name)
    same("origin", vector["api"], api.rstrip("/"))
    same("origin", vector["events"], events.rstrip("/"))
    verified = "required" if name == "cloud" else "if-present"
    same("policy", vector["policy"], {
        "call": verified, "in-band sync": verified, "out-of-band sync": "if-present", "introspection": "advisory", "other method": "ignored",
    })


def bearer_fallback():
    bearers = [bearer(key) for key in held(vector["keys"]).values()] or [None]
    answers = {answer["bearer"]: answer["status"] for answer in vector["responses"]}
    sent, result, status = [], "refused", 0
    for token in bearers:
        sent.append({**vector["request"], "bearer": token, **({"env": vector["env"]} if "env" in vector else {})})
        status = answers[token]
        if status == 0:
            result = "failed"
            break
        if token is None or status not in (401, 403):
            result = "answered"
            break
    same("exchange", vector["sent"], sent)
    same("verdict", expected(), result)
    same("status", vector.get("status", 0), status if result == "answered" else 0)
    for attempt in sent:
        same("bearer", True, attempt["bearer"] is None or attempt["bearer"] in answers)


def real():
    body, keys = read(vector, "body"), held(vector["keys"])
    values = [f["value"] for f in vector["headers"] if f["name"] == "x-inngest-signature"]
    same("verdict", vector["result"], "accept" if values else "unsigned")
    if not values:
        return
    t, s, rule = parse_header(values)
    same("rule", None, rule)
    same("header", (vector["now"], vector["mac"]), (int(t), s))
    message = body if vector["covers"] == "body" else form_of(body)
    if vector["covers"] == "canonical":
        same("canonical form", vector["canonical"].encode(), message)
    same("MAC", s, mac(keys[vector["key"]][1], message + t.encode()))


FILES = {
    "header": header, "key-hash": key_hash, "canonical": canonical, "sign": sign, "verify": verify, "mode": mode,
    "bearer-fallback": bearer_fallback, "real": real,
}


def main(folder):
    global vector
    vectors = 0
    for name, check in FILES.items():
        text = (folder / f"{name}.json").read_text(encoding="utf-8")
        file = json.loads(text)
        if file["count"] != len(file["vectors"]) or file["file"] != name:
            raise ValueError(f"{name}.json does not match its own name or count")
        for vector in file["vectors"]:
            vectors += 1
            try:
                check()
            except (KeyError, TypeError, ValueError) as cause:
                wrong.append(f"{vector['id']}: cannot be checked: {cause!r}")
    for line in wrong:
        print(line, file=sys.stderr)
    parts = ", ".join(f"{count} {what}" for what, count in sorted(checked.items(), key=lambda c: -c[1]))
    print(f"{vectors} vectors, {sum(checked.values())} values recomputed: {parts}")
    if wrong:
        print(f"{len(wrong)} differ", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    try:
        sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent.parent / "data"))
    except (OSError, ValueError, KeyError) as cause:
        print(f"reading the vectors: {cause}", file=sys.stderr)
        sys.exit(2)
