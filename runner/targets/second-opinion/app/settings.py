"""The configuration from the environment (SPEC 3, 4.2.1, 7)."""

from urllib.parse import urlsplit

from signature import Key

CLOUD_API, CLOUD_EVENTS, DEV_SERVER = "https://api.inngest.com", "https://inn.gs", "http://localhost:8288"


class Settings:
    """The settings of one process.

    dev is whether the endpoint is in development mode; no request can change it. key and fallback are signing keys or None.
    """

    def __init__(self, environment):
        get = environment.get
        self.key = Key.read(get("COUNTERSIGN_CODE_SIGNING_KEY", get("INNGEST_SIGNING_KEY")))
        self.fallback = Key.read(get("COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK", get("INNGEST_SIGNING_KEY_FALLBACK")))
        self.dev, server = _mode(get("INNGEST_DEV", ""))
        if "COUNTERSIGN_CODE_DEV" in environment:
            self.dev = environment["COUNTERSIGN_CODE_DEV"] in ("1", "true")
        base = get("INNGEST_BASE_URL")
        self.api = get("INNGEST_API_BASE_URL") or base or (server if self.dev else CLOUD_API)
        self.events = get("INNGEST_EVENT_API_BASE_URL") or base or (server if self.dev else CLOUD_EVENTS)
        self.event_key = get("INNGEST_EVENT_KEY") or None
        self.env = get("INNGEST_ENV") or None
        self.serve_origin = get("INNGEST_SERVE_ORIGIN") or None
        self.serve_path = get("INNGEST_SERVE_PATH") or None
        self.beacon = get("COUNTERSIGN_BEACON") or None

    def keys(self):
        """Return the signing keys that there are, the first one first."""
        return [key for key in (self.key, self.fallback) if key is not None]


def _mode(text):
    """Return whether INNGEST_DEV means development mode, and the dev server's origin.

    A text that is neither 1, true nor an origin leaves verification on.
    """
    if text in ("1", "true"):
        return True, DEV_SERVER
    origin = urlsplit(text) if "://" in text else None
    if origin and origin.scheme in ("http", "https") and origin.netloc:
        return True, text.rstrip("/")
    return False, DEV_SERVER
