"""The app: three functions, each of which reports to the beacon when it runs."""

import hashlib
import http.client
from urllib.parse import quote, urlsplit

APP = "countersign"
IDS = ("echo", "step", "send")  # each is triggered by the event countersign/<id>
CHECKPOINTED = ("step",)
BEACON_TIMEOUT = 2  # seconds


class Planned(Exception):
    """A function stopped at a step. operations is what the server has to know."""

    def __init__(self, operation):
        super().__init__()
        self.operations = [operation]


class StepFailed(Exception):
    """A step failed for good, in an earlier call (SPEC 5.2.2)."""

    def __init__(self, error):
        super().__init__()
        error = error if isinstance(error, dict) else {}
        self.name, self.message = error.get("name"), error.get("message")


class Run:
    """One execution of a function.

    immediate is whether a step may run at once; wanted is the hashed id of the
    step that the server wants to be run, or None; save stores a step's result
    and returns whether that worked, or is None where there is no such store.
    """

    def __init__(self, event, steps, immediate, wanted, save):
        self.event = event
        self._steps, self._immediate, self._wanted, self._save = steps, immediate, wanted, save

    def nonce(self):
        data = self.event.get("data") if isinstance(self.event, dict) else None
        return data.get("nonce") if isinstance(data, dict) else None

    def step(self, name, work):
        """Run a step, or give its result if it ran before (SPEC 5.2, 5.3.1)."""
        hashed = hashlib.sha1(name.encode()).hexdigest()
        known = self._steps.get(hashed)
        if isinstance(known, dict) and "data" in known:
            return known["data"]
        if isinstance(known, dict) and "error" in known:
            raise StepFailed(known["error"])
        if self._wanted is not None and self._wanted != hashed:
            raise Planned({"id": self._wanted, "op": "StepNotFound"})
        if self._wanted is None and not self._immediate:
            raise Planned({"id": hashed, "op": "StepPlanned", "name": name, "displayName": name})
        result = work()
        done = {"id": hashed, "op": "StepRun", "name": name, "displayName": name, "data": result}
        if self._wanted is None and self._save is not None and self._save([done]):
            return result
        raise Planned(done)


class Functions:
    """The functions of the app."""

    def __init__(self, api, beacon):
        self._api, self._beacon = api, beacon

    def call(self, name, run):
        """Run a function; it reports to the beacon before it does anything else."""
        self._report(run)
        return {"echo": self._echo, "step": self._step, "send": self._send}[name](run)

    def _echo(self, run):
        return {"nonce": run.nonce()}

    def _step(self, run):
        return {"nonce": run.step("work", run.nonce)}

    def _send(self, run):
        self._api.send([{"name": "countersign/sent", "data": {"nonce": run.nonce()}}])
        return {"nonce": run.nonce()}

    def _report(self, run):
        """Notify the beacon that a function runs. Its failure changes nothing."""
        if self._beacon is None:
            return
        nonce = run.nonce()
        text = nonce if isinstance(nonce, str) and nonce else "-"
        address = urlsplit(self._beacon)
        try:
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=BEACON_TIMEOUT)
            path = address.path + "/" + quote(text, safe="", errors="replace")
            connection.request("POST", path, headers={"Cache-Control": "no-store"})
            connection.getresponse().read()
            connection.close()
        except (OSError, http.client.HTTPException):
            pass
