"""Swagger UI as a person uses it: by what stands on its buttons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Locator, Page

LAST_OPERATION = "callbacks-post_callback"


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """What the page shows of an answer."""

    status: str
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


class SwaggerPage:
    """The page ``/docs``; operations go by ``<tag>-<operation id>``."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address

    async def open(self) -> None:
        await self._page.goto(f"{self._address}/docs")
        await self._operation(LAST_OPERATION).wait_for()

    async def reload(self) -> None:
        await self._page.reload()
        await self._operation(LAST_OPERATION).wait_for()

    async def operation_count(self) -> int:
        return await self._page.locator(".opblock").count()

    async def authorize(self, token: str) -> None:
        await self._page.get_by_role("button", name="Authorize", exact=True).click()
        dialog = self._page.locator(".dialog-ux")
        # The second way is a browser's cookie, which no page can set.
        bearer = dialog.locator(".auth-container").first
        await bearer.get_by_role("textbox").fill(token)
        await bearer.get_by_role("button", name="Apply credentials").click()
        await bearer.get_by_role("button", name="Remove authorization").wait_for()
        await bearer.get_by_role("button", name="Close").click()

    async def execute(
        self,
        operation: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> ShownAnswer:
        """Try an operation out, with the suggested body unless one is given."""
        block = self._operation(operation)
        await block.locator(".opblock-summary-control").click()
        for name, value in (parameters or {}).items():
            await block.locator(f'[data-param-name="{name}"]').get_by_role("textbox").fill(value)
        if body is not None:
            await block.locator(".body-param").get_by_role("textbox").fill(body)
        await block.get_by_role("button", name="Execute").click()
        shown = self._answer(operation)
        return ShownAnswer(
            status=(await shown.locator(".response-col_status").inner_text()).strip(),
            body=await shown.locator(".highlight-code code").first.inner_text(),
        )

    async def download(self, operation: str) -> str:
        """Save the answer that is shown, and return what was saved."""
        async with self._page.expect_download() as downloading:
            await self._answer(operation).get_by_text("Download").click()
        download = await downloading.value
        return (await download.path()).read_text()

    def _operation(self, name: str) -> Locator:
        return self._page.locator(f"#operations-{name}")

    def _answer(self, operation: str) -> Locator:
        return self._operation(operation).locator(".live-responses-table .response")
