"""Checks a signature verifier with Countersign's vectors: copy this file and
verify.json into your repository, fill in verify() below, and run

    python3 -m unittest -v test_inngest_signature

COUNTERSIGN_VECTORS names the directory of verify.json; without it, it is beside this
file or in ../../data. COUNTERSIGN_STRICT=1 makes a SHOULD fail the test, too.
"""

import base64
import json
import os
import pathlib
import unittest
from unittest import mock


# ---- your verifier: begin
def verify(*, method, target, headers, body, primary, fallback, now):
    """Returns True where the request is accepted. To return False or to raise an
    Exception is to refuse. body is the bytes as received; headers is a list of
    (name, value), in which a repeated header occurs repeatedly; primary and fallback
    are the values of the two environment variables, or None; now is in unix seconds.
    time.time() gives the same time during the call.
    """
    raise NotFilledIn
# ---- your verifier: end


class NotFilledIn(BaseException):
    """Not an Exception, so that it is not taken for a refusal."""


HERE = pathlib.Path(__file__).resolve().parent
PLACES = [HERE, HERE.parent.parent / "data"]
FOLDER = pathlib.Path(os.environ.get("COUNTERSIGN_VECTORS") or next((p for p in PLACES if (p / "verify.json").exists()), HERE))
STRICT = os.environ.get("COUNTERSIGN_STRICT") == "1"


def accepts(vector):
    body = base64.b64decode(vector["bodyBase64"]) if "bodyBase64" in vector else vector.get("body", "").encode()
    with mock.patch("time.time", lambda: float(vector["now"])):
        try:
            return verify(
                method=vector["method"], target=vector["target"], headers=[(h["name"], h["value"]) for h in vector["headers"]],
                body=body, primary=vector["keys"]["primary"], fallback=vector["keys"]["fallback"], now=vector["now"],
            ) is True
        except Exception:
            return False


def describe(vector, got, flags):
    by = f", by {vector['by']}" if "by" in vector else ""
    bug = next((flags[f]["bug"] for f in vector["flags"] if "bug" in flags.get(f, {})), None)
    likely = f"; likely: {bug}" if bug else ""
    return f"{vector['level']} {vector['id']} ({vector['clause']}{by}): want {vector['result']}, got {got}: {vector['comment']}{likely}"


class Vectors(unittest.TestCase):
    def test_the_verifier_agrees_with_the_vectors(self):
        file = json.loads((FOLDER / "verify.json").read_text(encoding="utf-8"))
        self.assertEqual(len(file["vectors"]), file["count"], "verify.json is incomplete")
        try:
            accepted = {vector["id"]: accepts(vector) for vector in file["vectors"]}
        except NotFilledIn:
            self.fail("fill in verify() in this file: call your verifier there")
        scored = [vector for vector in file["vectors"] if vector["result"] != "unspecified"]
        violations, warnings, uncounted = [], [], []
        for vector in scored:
            got = "accept" if accepted[vector["id"]] else "refuse"
            if got != vector["result"]:
                (violations if vector["level"] == "MUST" or STRICT else warnings).append(describe(vector, got, file["flags"]))
            elif "control" in vector and not accepted[vector["control"]]:
                uncounted.append(vector["id"])  # a refusal shows nothing where the control is refused, too
        agree = len(scored) - len(violations) - len(warnings) - len(uncounted)
        for line in warnings:
            print(line)
        if uncounted:
            print(f"not counted, because their control is refused: {', '.join(uncounted)}")
        print(f"agrees with {agree} of {len(scored)} vectors; {len(warnings)} SHOULD differ; "
              f"{len(uncounted)} not counted; {file['count'] - len(scored)} unspecified")
        self.assertFalse(violations, "{} vectors differ:\n{}".format(len(violations), "\n".join(violations)))
        self.assertGreater(agree, 0, "no vector counts")


if __name__ == "__main__":
    unittest.main()
