"""How the endpoint describes itself: registrations and introspections (SPEC 4.3.2, 4.3.5, 4.5)."""

import hashlib
import re
from urllib.parse import urlencode, urlsplit, urlunsplit

from api import SDK
from functions import APP, CHECKPOINTED, IDS

IN_BAND = "in_band"
HOST = re.compile(r"[A-Za-z0-9._-]+(?::[0-9]+)?|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?")
LANGUAGE, VERSION, FRAMEWORK = "python", "1.0.0", "http.server"


def own_url(settings, request):
    """Return the URL of the endpoint, from the settings and else from the request."""
    host = request.header("host") or ""
    host = host if HOST.fullmatch(host) else "localhost"
    query = urlencode([(name, value) for name, value in request.query if name != "deployId"])
    return override(settings, urlunsplit(("http", host, request.path, query, "")))


def is_url(text):
    """Report whether a text is the URL of an endpoint."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc != ""


def override(settings, url):
    """Put the origin and the path that are set into a URL."""
    parts = urlsplit(url)
    if settings.serve_origin:
        origin = urlsplit(settings.serve_origin)
        parts = parts._replace(scheme=origin.scheme, netloc=origin.netloc)
    if settings.serve_path:
        parts = parts._replace(path=settings.serve_path)
    return urlunsplit(parts)


def registration(settings, url):
    """Return the payload of an out-of-band sync."""
    return {
        "appName": APP, "deployType": "ping", "framework": FRAMEWORK, "functions": functions(url),
        "sdk": SDK, "url": url, "v": "0.1",
    }


def in_band(settings, url):
    """Return the answer to an in-band sync."""
    return {
        "app_id": APP, "env": settings.env, "framework": FRAMEWORK, "functions": functions(url),
        "inspection": privileged(settings), "platform": None, "sdk_author": "countersign",
        "sdk_language": LANGUAGE, "sdk_version": VERSION, "url": url,
    }


def functions(url):
    """Return the functions with the addresses at which they are called."""
    return [_function(name, url) for name in IDS]


def _function(name, url):
    parts = urlsplit(url)
    query = urlencode({"fnId": f"{APP}-{name}", "stepId": "step"})
    address = urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))
    runtime = {"type": "http", "url": address}
    described = {
        "id": f"{APP}-{name}", "name": name, "triggers": [{"event": f"{APP}/{name}"}],
        "steps": {"step": {"id": "step", "name": "step", "runtime": runtime, "retries": {"attempts": 1}}},
    }
    if name in CHECKPOINTED:
        described["checkpoint"] = {"batch_steps": 0, "batch_interval": "0s", "max_runtime": "0s"}
    return described


def unprivileged(settings, succeeded):
    """Return what anyone may know. succeeded: False for a wrong signature, None for none."""
    return {
        "authentication_succeeded": succeeded,
        "capabilities": {"in_band_sync": "v1", "trust_probe": "v1"},
        "function_count": len(IDS),
        "has_event_key": settings.event_key is not None,
        "has_signing_key": settings.key is not None,
        "has_signing_key_fallback": settings.fallback is not None,
        "mode": "dev" if settings.dev else "cloud",
        "schema_version": "2024-05-24",
    }


def privileged(settings):
    """Return what an authentic introspection may know."""
    event_key = settings.event_key
    return {
        **unprivileged(settings, True),
        "api_origin": settings.api,
        "app_id": APP,
        "env": settings.env,
        "event_api_origin": settings.events,
        "event_key_hash": hashlib.sha256(event_key.encode("utf-8", "surrogateescape")).hexdigest() if event_key else None,
        "framework": FRAMEWORK,
        "sdk_language": LANGUAGE,
        "sdk_version": VERSION,
        "serve_origin": settings.serve_origin,
        "serve_path": settings.serve_path,
        "signing_key_fallback_hash": settings.fallback.fingerprint() if settings.fallback else None,
        "signing_key_hash": settings.key.fingerprint() if settings.key else None,
    }
