"""The answer to one request: lines as they become known, in as few chunks as possible."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

import orjson

from flowyard.contracts.records import StepRef

RefusalCode = Literal["stale", "unknown_plugin", "draining"]
"""Why a step was not run."""


def joined_line(ref: StepRef) -> bytes:
    """Return the line that says that a step runs already."""
    return orjson.dumps({"type": "joined", "ref": ref_object(ref)}) + b"\n"


def refused_line(ref: StepRef, code: RefusalCode) -> bytes:
    """Return the line that says that a step was not run."""
    return orjson.dumps({"type": "refused", "ref": ref_object(ref), "code": code}) + b"\n"


def finished_line(result: bytes | str) -> bytes:
    """Return the line that gives a step's result, from the result as JSON."""
    text = result.encode() if isinstance(result, str) else result
    return b'{"type":"finished","result":' + text + b"}\n"


def ref_object(ref: StepRef) -> dict[str, object]:
    """Return a reference as it stands in JSON; a tenth of the cost of the model's own dump."""
    return {
        "instance_id": ref.instance_id,
        "partition": ref.partition,
        "node_id": ref.node_id,
        "number": ref.number,
        "step": ref.step,
    }


class StepStream:
    """Collects the lines of one answer.

    Parameters
    ----------
    expected
        How many steps still need their last line.
    """

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._lines: list[bytes] = []
        self._wake = asyncio.Event()
        self.is_open = True
        """False once nobody reads any more."""

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing follows what has been given out."""
        return self._expected <= 0 and not self._lines

    def say(self, line: bytes) -> None:
        """Add a line that is not a step's last."""
        self._lines.append(line)
        self._wake.set()

    def finish(self, line: bytes) -> None:
        """Add a step's last line."""
        self._expected -= 1
        self.say(line)

    def cut(self) -> None:
        """End the answer without the lines that are still missing."""
        self._expected = 0
        self._wake.set()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield what is ready, until every step has had its last line."""
        try:
            while not self.is_complete:
                if not self._lines:
                    self._wake.clear()
                    await self._wake.wait()
                    # Whatever else is ready in this turn of the loop goes out together.
                    await asyncio.sleep(0)
                chunk = b"".join(self._lines)
                self._lines.clear()
                if chunk:
                    yield chunk
        finally:
            self.is_open = False
