"""The canonical form of JSON (RFC 8785), with Python's standard library."""

import json
import math
import re
import sys

sys.setrecursionlimit(20_000)


class NoForm(ValueError):
    """The bytes have no canonical form."""


def canonicalise(body, depth):
    try:
        text = body.decode("utf-8", "strict")
        value = json.loads(
            text, object_pairs_hook=_members, parse_int=_double, parse_float=_double, parse_constant=_constant
        )
        return _write(value, depth).encode("utf-8", "strict")
    except (ValueError, RecursionError) as cause:  # UnicodeError is a ValueError, and so is json's
        raise NoForm(str(cause)) from cause


def _members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NoForm("a duplicate name")
    return members


def _double(digits):
    number = float(digits)
    if math.isinf(number):
        raise NoForm("a number overflows a double")
    return number


def _constant(name):
    raise NoForm(f"{name} is not JSON")


def _write(value, depth):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return _text(value)
    if depth == 0:
        raise NoForm("nested too deeply")
    if isinstance(value, list):
        return "[" + ",".join(_write(item, depth - 1) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "strict"))
    return "{" + ",".join(_text(name) + ":" + _write(value[name], depth - 1) for name in names) + "}"


_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def _text(text):
    text.encode("utf-8", "strict")  # refuses lone surrogates
    escaped = re.sub(r'[\x00-\x1f"\\]', lambda c: _SHORT.get(c.group(), f"\\u{ord(c.group()):04x}"), text)
    return f'"{escaped}"'


def _number(number):
    """The ECMAScript format of a double: its shortest digits."""
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = f"{abs(number)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    point = len(whole) + int(exponent or 0)  # the position of the decimal point in the digits
    digits = whole + fraction
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = f"e{point - 1:+d}"
    return sign + digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + power
