"""An app with inngest from PyPI: python app.py fastapi|flask PORT. The signing key and the mode come from the environment."""

import sys

import inngest

framework, port = sys.argv[1], int(sys.argv[2])
client = inngest.Inngest(app_id="app")
trigger = inngest.TriggerEvent(event="app/hello")

if framework == "fastapi":
    import fastapi
    import inngest.fast_api
    import uvicorn

    @client.create_function(fn_id="hello", trigger=trigger)
    async def hello(ctx):
        return "hello"

    app = fastapi.FastAPI()
    inngest.fast_api.serve(app, client, [hello])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
else:
    import flask
    import inngest.flask

    @client.create_function(fn_id="hello", trigger=trigger)
    def hello(ctx):
        return "hello"

    app = flask.Flask("app")
    inngest.flask.serve(app, client, [hello])
    app.run(host="127.0.0.1", port=port)
