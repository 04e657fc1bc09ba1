"""Signing keys, and the signatures that are made with them (SPEC 4.1.1, 4.1.3, 4.1.4)."""

import binascii
import hashlib
import hmac
import re
import time

import canonical

WINDOW = 5 * 60  # seconds that a signature is good for, before and after its time
MAX_CANONICAL = 1 << 20  # bytes; reading JSON takes many times its size, and anyone may send some

PREFIX = re.compile(r"signkey-[A-Za-z0-9_]+-")
TIME = re.compile(r"0|[1-9][0-9]{0,14}")
MAC = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """A request is not authentic."""


class Key:
    """One signing key."""

    def __init__(self, text):
        prefix = PREFIX.match(text)
        self._text = text
        self._prefix = prefix.group() if prefix else ""
        self._secret = text[len(self._prefix) :]

    @staticmethod
    def read(text):
        """Return the key that a text holds; None for no text, white space, or a prefix alone."""
        key = Key((text or "").strip())
        return key if key._secret else None

    def __eq__(self, other):
        return isinstance(other, Key) and self._text == other._text

    def mac(self, message, at):
        """Return the MAC of a message and a time, which is a text of decimal digits."""
        return hmac.new(_bytes(self._secret), message + at.encode(), hashlib.sha256).hexdigest()

    def bearer(self):
        """Return the token for Inngest's API, or None if the key is not hexadecimal.

        It is the hash of the bytes that the hexadecimal digits stand for.
        """
        try:
            secret = binascii.unhexlify(self._secret)
        except ValueError:
            return None
        return self._prefix + hashlib.sha256(secret).hexdigest()

    def fingerprint(self):
        """Return the hash that an introspection names, which is no bearer."""
        return hashlib.sha256(_bytes(self._text)).hexdigest()


def _bytes(text):
    """Return the bytes of a text of the environment, which may be no UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def sign(key, message):
    """Return the value of X-Inngest-Signature for a message that is sent now."""
    at = str(int(time.time()))
    return f"t={at}&s={key.mac(message, at)}"


def verify(values, body, keys):
    """Return the key that signed a body. Refused if none of the keys did.

    values are those of the request's X-Inngest-Signature headers.
    """
    at, mac = _parse(values)
    if not keys:
        raise Refused("there is no signing key")
    if abs(time.time() - int(at)) > WINDOW:
        raise Refused("the time is not within five minutes")
    for message in _messages(body):
        for key in keys:
            if hmac.compare_digest(key.mac(message, at), mac):
                return key
    raise Refused("the signature is not one of ours")


def _messages(body):
    """Yield what may have been signed: the bytes that came, then their canonical form.

    Only sync requests come in another form than the one that is signed.
    """
    yield body
    if len(body) > MAX_CANONICAL:
        return
    try:
        form = canonical.canonical(body)
    except canonical.NotJSON:
        return
    if form != body:
        yield form


def _parse(values):
    """Return t and s of the only signature header.

    It is a query string: the order means nothing, and other parameters are not
    ours. Both must be there once and be written in the one way they are written.
    """
    if len(values) != 1:
        raise Refused("there is not exactly one signature")
    found = {"t": [], "s": []}
    for parameter in values[0].split("&"):
        name, _, value = parameter.partition("=")
        found.get(name, []).append(value)
    if len(found["t"]) != 1 or len(found["s"]) != 1:
        raise Refused("t and s are not there exactly once")
    at, mac = found["t"][0], found["s"][0]
    if not TIME.fullmatch(at) or not MAC.fullmatch(mac):
        raise Refused("t or s is malformed")
    return at, mac
