"""Keys, the header and the message of the protocol."""

import base64
import hashlib
import hmac
import re

from canonical import NoForm, canonicalise

LAST_SECOND, DEPTH = 253402300799, 1000


def read(holder, name):
    """The bytes of a field, plain or base64; None where it is absent."""
    if name in holder:
        return holder[name].encode()
    if name + "Base64" in holder:
        return base64.b64decode(holder[name + "Base64"], validate=True)
    return None


def parse_key(text):
    """The prefix and secret of a key, or the reason why there is none."""
    text = text.strip(" \t\r\n")
    prefix = re.match(r"signkey-[A-Za-z0-9_]+-", text)
    prefix = prefix.group() if prefix else ""
    secret = text[len(prefix):]
    if secret == "":
        return None, "no-key"
    if not re.fullmatch(r"([0-9A-Fa-f]{2})+", secret):
        return None, "malformed"
    return (prefix, secret), None


def bearer(key):
    return key[0] + hashlib.sha256(bytes.fromhex(key[1])).hexdigest()


def mac(secret, message):
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def held(keys):
    """The usable ones of the two configured keys, by name."""
    found = {}
    for name in ("primary", "fallback"):
        key = parse_key(keys[name])[0] if keys[name] is not None else None
        if key:
            found[name] = key
    return found


# ---- the header

def parse_header(values):
    """t and s, or the rule that the header breaks."""
    if not values:
        return None, None, "the header is present"
    if len(values) > 1:
        return None, None, "the header appears once"
    if values[0] == "":
        return None, None, "the header is empty"
    found = {}
    for parameter in values[0].split("&"):
        name, _, text = parameter.partition("=")
        if name not in ("t", "s"):
            return None, None, "the only parameters are t and s"
        if name in found:
            return None, None, "t and s appear once each"
        found[name] = text
    t, s = found.get("t", ""), found.get("s", "")
    if t == "":
        return None, None, "t is present"
    if not re.fullmatch(r"0|[1-9][0-9]*", t):
        return None, None, "t is a decimal integer without sign or leading zero"
    if len(t) > 12 or int(t) > LAST_SECOND:
        return None, None, "t is a second before the year 10000"
    if s == "":
        return None, None, "s is present"
    if not re.fullmatch(r"[0-9a-f]{64}", s):
        return None, None, "s is exactly 64 lower-case hex digits"
    return t, s, None


# ---- messages

def form_of(body):
    """The canonical form of a body, or None."""
    try:
        return canonicalise(body, DEPTH)
    except NoForm:
        return None


def messages_of(body):
    """What a MAC may cover before t: the body and, if it has another one, its canonical form."""
    form = form_of(body)
    return [body] if form is None or form == body else [body, form]
