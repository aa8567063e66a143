"""The client of one near server, against a server that writes bytes as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from flowyard_worker.http_connection import (
    MAX_WAITING_BYTES,
    HttpBrokenError,
    HttpConnection,
    HttpConnections,
)

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


class Server:
    """Answers each request with the bytes of the next entry; None closes the connection."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0] or 0)
                self.requests.append(head + await reader.readexactly(length))
                answer = self.answers.pop(0)
                if answer is None:
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def connected(server: Server, path: str = "") -> AsyncIterator[HttpConnections]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, HttpConnections(f"http://127.0.0.1:{port}{path}") as connections:
        yield connections


async def exchange(
    connections: HttpConnections, see: Callable[[HttpConnection], None] = lambda _: None
) -> tuple[int, bytes]:
    connection = await connections.take()
    try:
        connection.send(connections.post("/steps", b"[1]"))
        status = await connection.status()
        see(connection)
        return status, b"".join([part async for part in connection.body()])
    finally:
        connections.give_back(connection)


async def test_a_request_arrives_as_a_whole_and_its_answer_comes_back() -> None:
    server = Server(HEAD + chunk(b"one ") + chunk(b"two") + END)

    async with connected(server, "/prefix") as connections:
        assert await exchange(connections) == (200, b"one two")

    [request] = server.requests
    assert request.startswith(b"POST /prefix/steps HTTP/1.1\r\nhost: 127.0.0.1:")
    assert request.endswith(b"\r\ncontent-length: 3\r\n\r\n[1]")


async def test_requests_one_after_the_other_share_a_connection() -> None:
    server = Server(*[HEAD + chunk(b"x") + END] * 3)

    async with connected(server) as connections:
        answers = [await exchange(connections) for _ in range(3)]

    assert answers == [(200, b"x")] * 3
    assert server.connections == 1


async def test_requests_side_by_side_have_connections_of_their_own() -> None:
    server = Server(*[HEAD + chunk(b"x") + END] * 3)

    async with connected(server) as connections:
        answers = await asyncio.gather(*[exchange(connections) for _ in range(3)])

    assert answers == [(200, b"x")] * 3
    assert server.connections == 3


async def test_an_answer_larger_than_what_may_wait_comes_whole() -> None:
    part = b"x" * (MAX_WAITING_BYTES // 2 + 1)
    server = Server(HEAD + chunk(part) * 5 + END, HEAD + END)

    async with connected(server) as connections:
        status, body = await exchange(connections)
        assert await exchange(connections) == (200, b"")

    assert (status, len(body)) == (200, 5 * len(part))
    assert server.connections == 1


async def test_a_connection_is_not_used_again_after_an_answer_that_nobody_read() -> None:
    server = Server(HEAD + chunk(b"old") + END, HEAD + chunk(b"new") + END)

    async with connected(server) as connections:
        unread = await connections.take()
        unread.send(connections.post("/steps", b"[]"))
        await unread.status()
        connections.give_back(unread)

        assert await exchange(connections) == (200, b"new")

    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [None, b"", HEAD + chunk(b"half")[:-3], b"SMTP ready\r\n", b"HTTP/1.1 2"],
    ids=["nothing", "silence", "half a chunk", "no HTTP", "half a head"],
)
async def test_an_answer_that_does_not_come_to_an_end_is_an_error(answer: bytes | None) -> None:
    server = Server(answer, HEAD + END)

    async with connected(server) as connections:
        with pytest.raises((HttpBrokenError, TimeoutError)):
            async with asyncio.timeout(0.2):
                await exchange(connections)

        assert (await exchange(connections))[0] == 200


async def test_a_server_that_asks_to_close_is_not_asked_again_on_that_connection() -> None:
    closing = b"HTTP/1.1 503 Away\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno"
    server = Server(closing, HEAD + END)

    async with connected(server) as connections:
        assert await exchange(connections) == (503, b"no")
        assert await exchange(connections) == (200, b"")

    assert server.connections == 2


async def test_a_server_that_is_not_there_is_an_error() -> None:
    async with connected(Server()) as connections:
        pass

    with pytest.raises(HttpBrokenError):
        await connections.take()
