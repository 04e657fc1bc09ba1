"""The second-opinion target: a serve endpoint of the standard library alone.

../README.md describes what it does and why it is here.
"""

import os

from endpoint import PATH, Endpoint
from server import Server
from settings import Settings


def main():
    port = int(os.environ["PORT"])
    with Server(port, Endpoint(Settings(os.environ))) as server:
        print(f"second-opinion at http://127.0.0.1:{port}{PATH}", flush=True)
        server.serve_forever()


main()
