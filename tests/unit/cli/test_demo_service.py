import httpx
import pytest

from flowyard_cli.demo_service import STEPS, DemoService, WrongMomentError, demo_app


def released(service: DemoService, version: str) -> None:
    for step in STEPS:
        service.do(step, version if step in {"prepare", "verify"} else None)


def test_a_release_in_order_changes_the_version() -> None:
    service = DemoService()

    released(service, "2.0.0")

    assert service.version == "2.0.0"
    assert service.is_running
    assert not service.is_muted
    assert service.history == list(STEPS)


@pytest.mark.parametrize("step", ["prepare", "stop", "update"])
def test_a_step_out_of_order_is_refused(step: str) -> None:
    with pytest.raises(WrongMomentError):
        DemoService().do(step, None)


def test_the_wrong_version_is_not_verified() -> None:
    with pytest.raises(WrongMomentError, match=r"9\.9\.9"):
        DemoService().do("verify", "9.9.9")


def test_a_step_fails_as_often_as_it_was_told_to() -> None:
    service = DemoService()
    service.failures["mute"] = 1

    with pytest.raises(WrongMomentError):
        service.do("mute", None)
    service.do("mute", None)

    assert service.is_muted


def opened() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=demo_app()), base_url="http://demo.example"
    )


async def test_the_service_can_be_released_over_http() -> None:
    async with opened() as http:
        await http.post("/failures", json={"step": "start", "times": 1})
        for step in ("prepare", "mute", "stop", "update"):
            answer = await http.post(f"/{step}", json={"version": "2.0.0"})
            assert answer.is_success

        first, second = await http.post("/start"), await http.post("/start")
        verified = await http.get("/verify", params={"version": "2.0.0"})
        shown = await http.get("/")

    assert (first.status_code, second.status_code) == (503, 200)
    assert verified.json() == {"step": "verify", "version": "2.0.0", "prepared": None}
    assert shown.json()["is_muted"] is True


async def test_an_unknown_step_is_refused() -> None:
    async with opened() as http:
        assert (await http.post("/dance")).status_code == 503
        assert (await http.post("/failures", json={"step": "dance"})).status_code == 422
