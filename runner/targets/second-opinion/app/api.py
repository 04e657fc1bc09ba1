"""Requests to Inngest (SPEC 4.1.4)."""

import http.client
from urllib.parse import quote, urlsplit

import canonical

SDK = "second-opinion:v1.0.0"
TIMEOUT = 10  # seconds that a response may take
MAX_RESPONSE = 64 << 20  # bytes


class Failed(Exception):
    """Inngest did not do what was asked. The text is fit for anyone to see."""


class API:
    """Inngest's API and event API, as one app sees them."""

    def __init__(self, settings):
        self._settings = settings

    def register(self, payload, deploy_id, server_kind):
        """Register the app (SPEC 4.3.2). Return whether that changed anything."""
        query = "?deployId=" + quote(deploy_id, safe="") if deploy_id else ""
        expected = {"X-Inngest-Expected-Server-Kind": server_kind} if server_kind else {}
        answer = _object(self._call("POST", self._settings.api, "/fn/register" + query, payload, expected))
        return answer.get("modified") is True

    def events_of(self, run):
        """Read the events of a run (SPEC 4.4.2)."""
        events = _json(self._call("GET", self._settings.api, f"/v0/runs/{quote(run, safe='')}/batch"))
        if not isinstance(events, list) or not events:
            raise Failed("the API sent no events")
        return events

    def steps_of(self, run):
        """Read the results of a run's steps (SPEC 4.4.2)."""
        return _object(self._call("GET", self._settings.api, f"/v0/runs/{quote(run, safe='')}/actions"))

    def checkpoint(self, run, payload):
        """Save the results of steps (SPEC 10.3.1)."""
        self._call("POST", self._settings.api, f"/v1/checkpoint/{quote(run, safe='')}/async", payload)

    def send(self, events):
        """Send events."""
        key = self._settings.event_key or ("NO_EVENT_KEY_SET" if self._settings.dev else None)
        if key is None:
            raise Failed("there is no event key")
        self._call("POST", self._settings.events, "/e/" + quote(key, safe=""), events)

    def _call(self, method, origin, path, payload=None, extra=None):
        """Send a request, with the fallback key too if the first one is refused.

        Nothing but a refusal makes the fallback key known: no other status, no
        connection that fails, and no redirect, which is not followed.
        """
        bearers = [key.bearer() for key in self._settings.keys()]
        if bearers and bearers[0] is None:
            raise Failed("the signing key is not hexadecimal")
        bearers = list(dict.fromkeys(filter(None, bearers))) or [None]
        for bearer in bearers:
            status, body = _exchange(method, origin, path, self._headers(bearer, extra), payload)
            if status not in (401, 403):
                break
        if not 200 <= status < 300:
            raise Failed(f"the API answered {status}")
        return body

    def _headers(self, bearer, extra):
        headers = {"X-Inngest-Sdk": SDK, "X-Inngest-Req-Version": "2", "User-Agent": SDK, **(extra or {})}
        if self._settings.env:
            headers["X-Inngest-Env"] = self._settings.env
        if bearer:
            headers["Authorization"] = "Bearer " + bearer
        return headers


def _exchange(method, origin, path, headers, payload):
    """Send one request. Return the status and the body of its response."""
    address = urlsplit(origin)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    body = None
    if payload is not None:
        body = canonical.write(payload)
        headers = {**headers, "Content-Type": "application/json"}
    try:
        connection = kind(address.hostname, address.port, timeout=TIMEOUT)
        try:
            connection.request(method, address.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(MAX_RESPONSE)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise Failed("the API cannot be reached") from error


def _json(body):
    try:
        return canonical.read(body.decode("utf-8", "replace"))
    except canonical.NotJSON as error:
        raise Failed("the API sent something that is not JSON") from error


def _object(body):
    value = _json(body)
    if not isinstance(value, dict):
        raise Failed("the API sent something that is not an object")
    return value
