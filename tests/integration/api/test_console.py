"""The console's files and pages, of a bundle that the test writes."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from flowyard_api.console.files import read_bundle
from flowyard_api.console.routes import console_routes
from tests.support.api import Api

PAGE = '<script src="/assets/index-1.js" nonce="{{ nonce }}"></script><meta nonce="{{ nonce }}">'
SCRIPT = b"console.log(1);" * 200
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def _write_bundle(folder: Path) -> Path:
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(PAGE)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / ".stamp").write_text("digest")
    (folder / "assets" / "index-1.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "index-1.js.br").write_bytes(b"brotli")
    return folder


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=console_routes(read_bundle(_write_bundle(tmp_path))))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://flowyard") as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/projects/shop/instances",
        "/instances/1",
        "/instances/1/approvals/deploy.ask",
        "/projects/shop/plugins/noop/1.0",
    ],
)
async def test_every_address_of_the_console_answers_with_its_page(
    console: httpx.AsyncClient, path: str
) -> None:
    answer = await console.get(path, headers=HTML)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "/assets/index-1.js" in answer.text


async def test_each_answer_has_a_nonce_of_its_own_and_a_policy_that_names_it(
    console: httpx.AsyncClient,
) -> None:
    answers = [await console.get("/", headers=HTML) for _ in range(2)]

    nonces = [re.findall(r'nonce="([^"]+)"', answer.text) for answer in answers]
    for (one, other), answer in zip(nonces, answers, strict=True):
        policy = answer.headers["content-security-policy"]
        assert one == other
        assert len(one) >= 22
        assert f"style-src 'self' 'nonce-{one}'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", SCRIPT),
        ("br;q=0, gzip;q=0.5", "gzip", SCRIPT),
        ("identity", None, SCRIPT),
        ("", None, SCRIPT),
    ],
)
async def test_an_asset_is_kept_for_a_year_in_the_best_coding(
    console: httpx.AsyncClient, accepted: str, coding: str | None, body: bytes
) -> None:
    request = console.build_request(
        "GET", "/assets/index-1.js", headers={"Accept-Encoding": accepted}
    )
    answer = await console.send(request, stream=True)
    raw = b"".join([part async for part in answer.aiter_raw()])

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert (gzip.decompress(raw) if coding == "gzip" else raw) == body


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/assets/index-1.js.br", "/.stamp", "/index.html", "/favicon.ico"]
)
async def test_a_file_that_is_none_is_not_there(console: httpx.AsyncClient, path: str) -> None:
    assert (await console.get(path, headers=HTML)).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/docs/nothing", "/metrics/nothing"])
async def test_what_is_no_page_stays_a_problem_document_whoever_asks(api: Api, path: str) -> None:
    answer = await api.client.get(path, headers=HTML)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_program_that_asks_for_what_is_not_there_is_told_so(api: Api, method: str) -> None:
    answer = await api.client.request(method, "/nothing", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_without_a_bundle_the_page_says_how_to_build_it() -> None:
    app = Starlette(routes=console_routes(None))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://flowyard") as client:
        answer = await client.get("/projects/shop", headers=HTML)

    assert answer.status_code == 200
    assert "make console" in answer.text
    assert 'href="/docs"' in answer.text
