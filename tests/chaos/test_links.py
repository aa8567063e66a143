"""What the proxy between two processes does, and what it does not."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.chaos.links import Links

DELAY_SECONDS = 0.15


class Echo:
    """A server that sends back what it is sent."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with closing(connection):
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except ConnectionError:
                return

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def links() -> Iterator[Links]:
    with Links() as running, closing(Echo()) as echo:
        running.add("here>there", echo.port)
        yield running


def _connected(links: Links) -> socket.socket:
    port = links._links["here>there"].port
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    connection.settimeout(5)
    return connection


def _asked(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(data)
    got = b""
    while len(got) < len(data):
        got += connection.recv(65536)
    return got


def test_a_link_hands_everything_on(links: Links) -> None:
    much = bytes(range(256)) * 20_000
    with closing(_connected(links)) as connection:
        reader = threading.Thread(target=connection.sendall, args=(much,))
        reader.start()
        got = b""
        while len(got) < len(much):
            got += connection.recv(65536)
        reader.join()

    assert got == much


def test_an_end_reaches_the_other_side(links: Links) -> None:
    with closing(_connected(links)) as connection:
        _asked(connection, b"hello")
        connection.shutdown(socket.SHUT_WR)

        assert connection.recv(100) == b""


def test_a_cut_resets_what_is_connected_and_what_connects(links: Links) -> None:
    with closing(_connected(links)) as connection:
        _asked(connection, b"hello")

        links.cut("here>there")

        with pytest.raises(ConnectionResetError):
            connection.recv(100)
        with pytest.raises(ConnectionError), closing(_connected(links)) as another:
            _asked(another, b"hello")
    links.heal("here>there")
    with closing(_connected(links)) as connection:
        assert _asked(connection, b"hello") == b"hello"


def test_what_is_sent_into_silence_arrives_afterwards(links: Links) -> None:
    with closing(_connected(links)) as connection:
        _asked(connection, b"before")
        links.silence("here>there")
        connection.sendall(b"meanwhile")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(100)

        links.heal("here>there")

        connection.settimeout(5)
        assert connection.recv(100) == b"meanwhile"


def test_a_delay_keeps_the_order(links: Links) -> None:
    with closing(_connected(links)) as connection:
        _asked(connection, b"before")
        links.delay("here>there", DELAY_SECONDS)
        began = time.monotonic()

        assert _asked(connection, b"one") == b"one"

        # Once on the way there, once on the way back.
        assert time.monotonic() - began >= 2 * DELAY_SECONDS
        connection.sendall(b"two")
        links.heal("here>there")
        connection.sendall(b"three")
        got = b""
        while len(got) < len(b"twothree"):
            got += connection.recv(100)
        assert got == b"twothree"
