import re

import httpx

from tests.support.api import Api


async def test_swagger_ui_is_served_by_us_under_a_strict_policy(api: Api) -> None:
    async with httpx.AsyncClient(base_url=api.service.url) as stranger:
        page = await stranger.get("/docs")
        assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        answers = {asset: await stranger.get(f"/{asset}") for asset in assets}

    policy = page.headers["content-security-policy"]
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert set(assets) == {
        "docs/favicon.png",
        "docs/swagger-ui.css",
        "docs/swagger-ui-bundle.js",
        "docs/init.js",
    }
    assert all(answer.status_code == 200 and answer.content for answer in answers.values())
    assert answers["docs/init.js"].headers["content-type"].startswith("text/javascript")


async def test_the_page_holds_no_inline_script_and_no_outside_address(api: Api) -> None:
    page = (await api.client.get("/docs")).text
    script = (await api.client.get("/docs/init.js")).text

    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\bon\w+=", page) == []
    assert "http" not in page + script


async def test_the_description_names_the_token_scheme_and_the_public_address(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()

    assert document["components"]["securitySchemes"]["Token"]["scheme"] == "bearer"
    assert "http://127.0.0.1:8080/api/v1/me" in document["info"]["description"]
