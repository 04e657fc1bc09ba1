"""JSON as RFC 8259 has it, and its canonical form as RFC 8785 has it.

Reading and writing need no recursion: the server signs bodies that are nested
thousands of levels deep, and they must not end the process.
"""

import re
from decimal import Decimal

SPACE = re.compile(r"[ \t\n\r]*")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
SPECIAL = re.compile(r'["\\\x00-\x1f]')  # what ends a run of plain characters in a string
HEX4 = re.compile(r"[0-9a-fA-F]{4}")
LONE = re.compile("[\ud800-\udfff]")  # in a Python string a surrogate is never half of a pair
LITERALS = {"true": True, "false": False, "null": None}
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
ESCAPED = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class NotJSON(ValueError):
    """A text is not JSON, or has no canonical form."""


def canonical(body):
    """Return the canonical form of some bytes. NotJSON where they have none."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJSON("not UTF-8") from error
    return write(read(text, strict=True))


def read(text, strict=False):
    """Parse a text. Every number is a double, as it is for RFC 8785.

    strict refuses what has no canonical form: a name twice, a surrogate that is
    not half of a pair, a number beyond the range of a double.
    """
    at = _skip(text, 0)
    enclosing = []  # the containers that are open, with the name of the member that is due
    while True:
        start = text[at : at + 1]
        if start in ("{", "["):
            value, at = ({} if start == "{" else []), _skip(text, at + 1)
            if text[at : at + 1] != ("}" if start == "{" else "]"):
                name = None
                if start == "{":
                    name, at = _name(text, at, strict)
                enclosing.append((value, name))
                continue
            at += 1
        else:
            value, at = _scalar(text, at, strict)
        while True:  # value is complete: add it to its container, which may be complete, too
            at = _skip(text, at)
            if not enclosing:
                if at != len(text):
                    raise NotJSON("something follows the value")
                return value
            container, name = enclosing.pop()
            _add(container, name, value, strict)
            following = text[at : at + 1]
            if following == ",":
                at = _skip(text, at + 1)
                if isinstance(container, dict):
                    name, at = _name(text, at, strict)
                enclosing.append((container, name))
                break
            if following != ("}" if isinstance(container, dict) else "]"):
                raise NotJSON("a container does not end")
            value, at = container, at + 1


def _skip(text, at):
    return SPACE.match(text, at).end()


def _add(container, name, value, strict):
    if isinstance(container, list):
        container.append(value)
        return
    if strict and name in container:
        raise NotJSON("a name twice")
    container[name] = value


def _name(text, at, strict):
    """Read a member's name and the colon. Return it and where the value begins."""
    if text[at : at + 1] != '"':
        raise NotJSON("a member without a name")
    name, at = _string(text, at, strict)
    at = _skip(text, at)
    if text[at : at + 1] != ":":
        raise NotJSON("a member without a value")
    return name, _skip(text, at + 1)


def _scalar(text, at, strict):
    if text[at : at + 1] == '"':
        return _string(text, at, strict)
    for literal, value in LITERALS.items():
        if text.startswith(literal, at):
            return value, at + len(literal)
    number = NUMBER.match(text, at)
    if number is None:
        raise NotJSON("no value where one is due")
    value = float(number.group())
    if strict and value in (float("inf"), float("-inf")):
        raise NotJSON("a number beyond a double")
    return value, number.end()


def _string(text, at, strict):
    parts, at = [], at + 1
    while True:
        special = SPECIAL.search(text, at)
        if special is None or special.group() < " ":
            raise NotJSON("a string does not end")
        parts.append(text[at : special.start()])
        if special.group() == '"':
            break
        part, at = _escape(text, special.end())
        parts.append(part)
    # An escaped pair of surrogates is one character: joined by going through UTF-16.
    value = "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if strict and LONE.search(value):
        raise NotJSON("a surrogate that is not half of a pair")
    return value, special.end()


def _escape(text, at):
    """Read what follows a backslash. Return what it stands for and where it ends."""
    kind = text[at : at + 1]
    if kind in ESCAPES:
        return ESCAPES[kind], at + 1
    digits = HEX4.match(text, at + 1)
    if kind != "u" or digits is None:
        raise NotJSON("an escape that there is not")
    return chr(int(digits.group(), 16)), digits.end()


def write(value):
    """Serialise a value in canonical form."""
    parts = []
    pending = [(None, value)]  # a text to be written as it is, or a value to be serialised
    while pending:
        text, item = pending.pop()
        if text is not None:
            parts.append(text)
        elif isinstance(item, dict):
            members = []
            for name in sorted(item, key=_code_units):
                members += [("," if members else "", None), (write_string(name) + ":", None), (None, item[name])]
            pending += [("}", None), *reversed(members), ("{", None)]
        elif isinstance(item, (list, tuple)):
            elements = []
            for element in item:
                elements += [("," if elements else "", None), (None, element)]
            pending += [("]", None), *reversed(elements), ("[", None)]
        else:
            parts.append(_write_scalar(item))
    return "".join(parts).encode("utf-8")


def _code_units(name):
    return name.encode("utf-16-be", "surrogatepass")


def _write_scalar(value):
    for literal, meaning in LITERALS.items():
        if value is meaning:
            return literal
    if isinstance(value, str):
        return write_string(value)
    return write_number(float(value))


def write_string(text):
    """Serialise a string; a lone surrogate, which has no UTF-8, as an escape."""
    return '"' + re.sub('["\\\\\x00-\x1f\ud800-\udfff]', _escaped, text) + '"'


def _escaped(match):
    character = match.group()
    return ESCAPED.get(character) or f"\\u{ord(character):04x}"


def write_number(number):
    """Serialise a double as ECMAScript's Number.prototype.toString does."""
    if number != number or number in (float("inf"), float("-inf")):
        return "null"
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    _, digits, exponent = Decimal(repr(abs(number))).as_tuple()  # repr: the shortest digits that give it back
    digits = "".join(map(str, digits))
    point = len(digits) + exponent  # where the point stands, from the first digit
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    fraction = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"
