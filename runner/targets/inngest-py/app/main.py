"""The inngest-py target: one small app that runs with every inngest from 0.3.0 on.

What it must do is the table in ../README.md. Between the socket and the SDK stand
only a framework that the SDK has an adapter for, and a server that the framework's
users deploy: how a release fails is part of what is judged.
"""

import os

from functions import VERSION, client, functions

HOST = "127.0.0.1"
PATH = "/api/inngest"


def serve_fastapi(port):
    import fastapi
    import inngest.fast_api
    import uvicorn

    app = fastapi.FastAPI()
    inngest.fast_api.serve(app, client, functions)
    uvicorn.run(app, host=HOST, port=port, log_level="warning")


def serve_flask(port):
    import flask
    import inngest.flask
    import waitress

    app = flask.Flask("countersign")
    inngest.flask.serve(app, client, functions)
    waitress.serve(app, host=HOST, port=port)


def serve_django(port):
    import django
    import inngest.django
    import waitress
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    settings.configure(
        ALLOWED_HOSTS=["*"],  # a request with a foreign Host is the SDK's to judge
        MIDDLEWARE=[  # of those in a new project, the ones that need no database
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        ROOT_URLCONF="urls",
        SECRET_KEY=os.urandom(32).hex(),
    )
    django.setup()
    waitress.serve(get_wsgi_application(), host=HOST, port=port)


def serve_tornado(port):
    import asyncio

    import inngest.tornado
    import tornado.web

    async def run():
        app = tornado.web.Application()
        inngest.tornado.serve(app, client, functions)
        app.listen(port, HOST)
        await asyncio.Event().wait()

    asyncio.run(run())


HANDLERS = {
    "fastapi": serve_fastapi,
    "flask": serve_flask,
    "django": serve_django,
    "tornado": serve_tornado,
}


def main():
    port = int(os.environ.get("PORT", "3000"))
    handler = os.environ.get("COUNTERSIGN_HANDLER") or "fastapi"
    if handler not in HANDLERS:
        raise SystemExit(f"COUNTERSIGN_HANDLER: want one of {', '.join(HANDLERS)}, got {handler!r}")
    print(f"inngest {VERSION}, handler {handler}, at http://{HOST}:{port}{PATH}", flush=True)
    HANDLERS[handler](port)


if __name__ == "__main__":
    main()
