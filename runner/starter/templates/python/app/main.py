"""The app that is judged: three functions, served by the SDK on 127.0.0.1:$PORT.

It adds nothing to the SDK and hides nothing that the SDK raises.
"""

import asyncio
import http.client
import os
import urllib.parse

# EDIT: your package, and a framework that it serves with.
import inngest
import inngest.tornado
import tornado.web


def in_code():
    """What is given in code. A variable that is not set is not passed at all."""
    options = {}
    if (key := os.environ.get("COUNTERSIGN_CODE_SIGNING_KEY")) is not None:
        options["signing_key"] = key
    if (dev := os.environ.get("COUNTERSIGN_CODE_DEV")) is not None:
        options["is_production"] = dev != "1"
    return options


# EDIT: your client. Everything else it reads from INNGEST_* by itself.
client = inngest.Inngest(app_id="countersign", **in_code())


def beacon(nonce):
    """Reports that a function runs, before it does anything else.

    Each report has a connection of its own, and its failure changes nothing.
    """
    if not (address := os.environ.get("COUNTERSIGN_BEACON")):
        return
    at = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(at.netloc, timeout=2)
    try:
        connection.request("POST", f"{at.path}/{urllib.parse.quote(nonce or '-', safe='')}")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def define(name, run):
    """Makes a function: its id, without retries, and what it does with a nonce."""
    trigger = inngest.TriggerEvent(event=f"countersign/{name}")

    @client.create_function(fn_id=name, trigger=trigger, retries=0)
    def function(ctx):
        nonce = ctx.event.data.get("nonce")
        beacon(nonce)
        return {"nonce": run(nonce, ctx.step)}

    return function


def send(nonce, _step):
    client.send_sync(inngest.Event(name="countersign/sent", data={"nonce": nonce}))
    return nonce


functions = [
    define("echo", lambda nonce, _step: nonce),
    define("step", lambda nonce, step: step.run("work", lambda: nonce)),
    define("send", send),
]


async def main():
    # EDIT: your handler, at /api/inngest.
    app = tornado.web.Application()
    inngest.tornado.serve(app, client, functions)
    app.listen(int(os.environ["PORT"]), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
