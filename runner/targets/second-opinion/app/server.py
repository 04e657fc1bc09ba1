"""HTTP around the endpoint: reads whole requests, writes whole responses."""

import http.server
import re
import socketserver
from urllib.parse import parse_qsl, urlsplit

from endpoint import Request

MAX_BODY = 64 << 20  # bytes
MAX_LINE = 4096  # bytes of a chunk's first line, or of a trailer
LENGTH = re.compile(r"[0-9]{1,12}")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Unreadable(Exception):
    """A request that cannot be read. The connection ends with the response, if there is one."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves an endpoint on a port of the loopback interface."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, endpoint):
        self.endpoint = endpoint
        super().__init__(("127.0.0.1", port), Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave together
    timeout = 120  # seconds that a connection may be idle
    error_content_type = "application/json"  # of what http.server refuses by itself
    error_message_format = '{"message":"the request cannot be read"}'

    def __getattr__(self, name):
        """Handle every method alike; the endpoint refuses those that it does not support."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self):
        try:
            request = self._read()
        except Unreadable as fault:
            self.close_connection = True
            if fault.status:
                self.send_error(fault.status, str(fault))
            return
        response = self.server.endpoint.handle(request)
        headers, body = response.encode()
        self._write(response.status, headers, body)

    def _read(self):
        if self.headers.defects or any(CONTROL.search(value) for value in self.headers.values()):
            raise Unreadable(400, "Malformed headers")
        try:
            target = urlsplit(self.path)
        except ValueError as error:
            raise Unreadable(400, "Malformed target") from error
        return Request(
            self.command,
            target.path,
            parse_qsl(target.query, keep_blank_values=True, errors="replace"),
            [(name.lower(), value.strip()) for name, value in self.headers.items()],
            self._body(),
        )

    def _body(self):
        """Read the body in the one framing that the headers state (RFC 9112, 6)."""
        codings = self.headers.get_all("Transfer-Encoding", [])
        lengths = self.headers.get_all("Content-Length", [])
        if codings and (lengths or [coding.lower() for coding in codings] != ["chunked"]):
            raise Unreadable(400, "Ambiguous framing")
        if codings:
            return self._chunks()
        if not lengths:
            return b""
        if len(set(lengths)) != 1 or not LENGTH.fullmatch(lengths[0]):
            raise Unreadable(400, "Malformed Content-Length")
        if int(lengths[0]) > MAX_BODY:
            raise Unreadable(413, "Too large")
        return self._exactly(int(lengths[0]))

    def _chunks(self):
        parts, size = [], 0
        while True:
            line = CHUNK.fullmatch(self.rfile.readline(MAX_LINE))
            if line is None:
                raise Unreadable(400, "Malformed chunk")
            length = int(line.group(1), 16)
            if length == 0:
                break
            size += length
            if size > MAX_BODY:
                raise Unreadable(413, "Too large")
            parts.append(self._exactly(length))
            if self._exactly(2) != b"\r\n":
                raise Unreadable(400, "Malformed chunk")
        while self.rfile.readline(MAX_LINE) not in (b"\r\n", b""):
            pass  # trailers mean nothing here
        return b"".join(parts)

    def _exactly(self, length):
        data = self.rfile.read(length)
        if len(data) != length:
            raise Unreadable(None, "the sender went away")
        return data

    def _write(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self):
        return "second-opinion"

    def log_message(self, *arguments):
        """Log nothing: the runner reports the requests."""
