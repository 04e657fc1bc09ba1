"""The client and the three functions, for every inngest from 0.3.0 on.

The functions are plain ones, not coroutines: all four adapters of the SDK run
those, in every version.
"""

import http.client
import importlib.metadata
import os
import urllib.parse

import inngest

BEACON_TIMEOUT = 2  # seconds: far longer than loopback needs, far shorter than a case waits

VERSION = importlib.metadata.version("inngest")


def since(*wanted):
    """Reports whether the SDK is at least of a version: since(0, 5)."""
    return tuple(map(int, VERSION.split(".")[:2])) >= wanted


def in_code():
    """What is passed to the client in code. There is no argument for a fallback key."""
    options = {}
    if (key := os.environ.get("COUNTERSIGN_CODE_SIGNING_KEY")) is not None:
        options["signing_key"] = key
    if (dev := os.environ.get("COUNTERSIGN_CODE_DEV")) is not None:
        options["is_production"] = dev not in ("1", "true")
    return options


client = inngest.Inngest(app_id="countersign", **in_code())


def beacon(nonce):
    """Reports to the runner that a function is running, before anything can hide it.

    Each report has a connection of its own, and its failure changes nothing.
    """
    if not (address := os.environ.get("COUNTERSIGN_BEACON")):
        return
    at = urllib.parse.urlsplit(address)
    name = nonce if isinstance(nonce, str) and nonce else "-"
    path = f"{at.path}/{urllib.parse.quote(well_formed(name), safe='')}"
    connection = http.client.HTTPConnection(at.netloc, timeout=BEACON_TIMEOUT)
    try:
        connection.request("POST", path, headers={"Cache-Control": "no-store"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def well_formed(text):
    """Replaces lone surrogates, which have no percent-encoding, by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def define(name, run):
    """Makes a function of run(nonce, step). Its step tools moved into the context in 0.5."""

    def begin(ctx, step):
        nonce = ctx.event.data.get("nonce")
        beacon(nonce)
        return {"nonce": run(nonce, step)}

    def handler_0_5(ctx):
        return begin(ctx, ctx.step)

    trigger = inngest.TriggerEvent(event=f"countersign/{name}")
    wrap = client.create_function(fn_id=name, trigger=trigger, retries=0)
    return wrap(handler_0_5 if since(0, 5) else begin)


def echo(nonce, _step):
    return nonce


def step(nonce, step):
    return step.run("work", lambda: nonce)


def send(nonce, _step):
    client.send_sync(inngest.Event(name="countersign/sent", data={"nonce": nonce}))
    return nonce


functions = [define("echo", echo), define("step", step), define("send", send)]
