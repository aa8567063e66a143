"""A store that speaks as much of S3 as archives need, and refuses what is not signed rightly."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from typing_extensions import override

from flowyard.archive.bucket import BucketAccess
from flowyard.archive.signing import BucketKeys, signed_headers

KEYS = BucketKeys(region="eu-central-1", key_id="key", secret="of-tests")  # noqa: S106


class BucketStore(ThreadingHTTPServer):
    """Objects by their paths; answers 503 while it is out of order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.is_out_of_order = False

    @property
    def access(self) -> BucketAccess:
        return BucketAccess(endpoint=f"http://127.0.0.1:{self.server_port}", keys=KEYS)


class _Handler(BaseHTTPRequestHandler):
    server: BucketStore

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if hashlib.sha256(body).hexdigest() != self.headers["x-amz-content-sha256"]:
            self._answer(400, b"<Code>XAmzContentSHA256Mismatch</Code>")
        elif self._may_go_on():
            self.server.objects[self.path] = body
            self._answer(200, b"")

    def do_GET(self) -> None:
        if not self._may_go_on():
            return
        body = self.server.objects.get(self.path)
        asked = self.headers["Range"]
        if body is None:
            self._answer(404, b"<Code>NoSuchKey</Code>")
        elif asked is None:
            self._answer(200, body)
        else:
            first, last = asked.removeprefix("bytes=").split("-")
            self._answer(206, body[int(first) : int(last) + 1])

    def do_DELETE(self) -> None:
        if self._may_go_on():
            self.server.objects.pop(self.path, None)
            self._answer(204, b"")

    def _may_go_on(self) -> bool:
        if self.server.is_out_of_order:
            self._answer(503, b"<Code>SlowDown</Code>")
            return False
        at = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        names = ("host", "x-amz-content-sha256")
        signed = {name: self.headers[name] for name in names}
        expected = signed_headers(KEYS, self.command, self.path, signed, at)["authorization"]
        if self.headers["authorization"] != expected:
            self._answer(403, b"<Code>SignatureDoesNotMatch</Code>")
            return False
        return True

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def bucket_store() -> Iterator[BucketStore]:
    with BucketStore() as store:
        thread = Thread(target=store.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield store
        finally:
            store.shutdown()
            thread.join()
