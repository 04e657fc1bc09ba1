"""The serve endpoint: what each request is answered (SPEC 4.3, 4.4, 4.5)."""

import sys
import traceback
from dataclasses import dataclass, field

import canonical
import sync
from api import API, SDK, Failed
from functions import APP, CHECKPOINTED, IDS, Functions, Planned, Run, StepFailed
from signature import Refused, sign, verify

PATH = "/api/inngest"


@dataclass
class Request:
    """A request, as it came. Names of headers are in lower case."""

    method: str
    path: str
    query: list  # of (name, value)
    headers: list  # of (name, value)
    body: bytes

    def parameter(self, name):
        return next((value for known, value in self.query if known == name), None)

    def header(self, name):
        return next(iter(self.all(name)), None)

    def all(self, name):
        return [value for known, value in self.headers if known == name]


@dataclass
class Response:
    status: int
    value: object  # serialised as JSON
    headers: dict = field(default_factory=dict)
    key: object = None  # signs the response; None leaves it unsigned

    def encode(self):
        """Return the headers and the body."""
        body = canonical.write(self.value)
        headers = {"Content-Type": "application/json", "X-Inngest-Sdk": SDK, "X-Inngest-Req-Version": "2", **self.headers}
        if self.key is not None:
            headers["X-Inngest-Signature"] = sign(self.key, body)
        return headers, body


class Endpoint:
    def __init__(self, settings):
        self._settings = settings
        self._api = API(settings)
        self._functions = Functions(self._api, settings.beacon)

    def handle(self, request):
        """Answer a request. Nothing but its path and method is read before it is authenticated."""
        if request.path != PATH:
            return _message(404, "there is nothing here")
        answer = {"GET": self._introspect, "POST": self._post, "PUT": self._sync}.get(request.method)
        if answer is None:
            return _message(405, "GET, POST and PUT are answered here")
        try:
            return answer(request)
        except Refused:
            return _message(500, "the request is not authentic")
        except Exception:  # a bug of this endpoint: logged, and not described to the caller
            traceback.print_exc(file=sys.stderr)
            return _message(500, "the endpoint failed")

    def _authenticate(self, request):
        """Return the key that signed a request; None where the mode needs no signature (SPEC 7)."""
        signatures, keys = request.all("x-inngest-signature"), self._settings.keys()
        if self._settings.dev and not (signatures and keys):
            return None
        return verify(signatures, request.body, keys)

    # --- introspection ---

    def _introspect(self, request):
        succeeded = None
        try:
            key = self._authenticate(request)
        except Refused:
            key, succeeded = None, False if request.all("x-inngest-signature") else None
        if key is None:
            return Response(200, sync.unprivileged(self._settings, succeeded))
        return Response(200, sync.privileged(self._settings), key=key)

    # --- sync ---

    def _sync(self, request):
        if request.header("x-inngest-sync-kind") == sync.IN_BAND:
            return self._sync_in_band(request)
        key = None
        if request.all("x-inngest-signature") or not self._settings.keys():
            key = self._authenticate(request)  # unsigned, anyone may start it (SPEC 4.3.1)
        payload = sync.registration(self._settings, sync.own_url(self._settings, request))
        try:
            modified = self._api.register(payload, request.parameter("deployId"), request.header("x-inngest-server-kind"))
        except Failed as failure:
            return Response(500, {"message": str(failure), "modified": False}, key=key)
        return Response(200, {"message": "Successfully synced.", "modified": modified}, key=key)

    def _sync_in_band(self, request):
        key = self._authenticate(request)
        url = (_object(request.body) or {}).get("url")
        if not isinstance(url, str) or not sync.is_url(url):
            return _message(400, "the body names no url", key)
        answer = sync.in_band(self._settings, sync.override(self._settings, url))
        return Response(200, answer, {"X-Inngest-Sync-Kind": sync.IN_BAND}, key)

    # --- calls ---

    def _post(self, request):
        key = self._authenticate(request)
        if request.parameter("probe") == "trust":
            return Response(200, {}, key=key)
        name = next((name for name in IDS if request.parameter("fnId") == f"{APP}-{name}"), None)
        if name is None:
            return _failure("UnknownFunction", "there is no such function", key)
        payload = _object(request.body)
        if payload is None:
            return _message(400, "the body is not a JSON object", key)
        try:
            run = self._prepare(payload, request.parameter("stepId"), name)
            return Response(200, self._functions.call(name, run), key=key)
        except Planned as planned:
            return Response(206, planned.operations, key=key)
        except StepFailed as failure:  # the server has tried it as often as it should
            return _failure(failure.name, failure.message, key, again=False)
        except Failed as failure:
            return _failure("InngestError", str(failure), key)

    def _prepare(self, payload, step_id, name):
        """Make the run for a call, with events and steps from the API if it has use_api (SPEC 4.4.2)."""
        context = payload.get("ctx")
        context = context if isinstance(context, dict) else {}
        event, steps, run = payload.get("event"), payload.get("steps"), context.get("run_id")
        if context.get("use_api") is True:
            if not isinstance(run, str):
                raise Failed("the call names no run")
            event, steps = self._api.events_of(run)[0], self._api.steps_of(run)
        return Run(
            event,
            steps if isinstance(steps, dict) else {},
            immediate=context.get("disable_immediate_execution") is not True,
            wanted=None if step_id in (None, "", "step") else step_id,
            save=self._checkpoint(context) if name in CHECKPOINTED else None,
        )

    def _checkpoint(self, context):
        """Return what saves steps of a run; None for a call that does not allow it (SPEC 10.3.1)."""
        names = {name: context.get(name) for name in ("run_id", "fn_id", "qi_id")}
        if not all(isinstance(value, str) and value for value in names.values()):
            return None

        def save(steps):
            try:
                self._api.checkpoint(names["run_id"], {**names, "steps": steps})
            except Failed:
                return False  # the response reports the steps instead (SPEC 10.4.3)
            return True

        return save


def _object(body):
    """Return the JSON object that a body holds, or None. Its strings may be no UTF-8."""
    try:
        value = canonical.read(body.decode("utf-8", "replace"))
    except canonical.NotJSON:
        return None
    return value if isinstance(value, dict) else None


def _message(status, text, key=None):
    return Response(status, {"message": text}, key=key)


def _failure(name, text, key, again=True):
    """A call that failed, and may be tried again or not (SPEC 4.4.3)."""
    status, no_retry = (500, "false") if again else (400, "true")
    return Response(status, {"name": name, "message": text}, {"X-Inngest-No-Retry": no_retry}, key)
