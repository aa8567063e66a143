"""What clients get of the log of an attempt."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from flowyard_api.models.shapes import View

Level = Literal["debug", "info", "warning", "error"]
"""How much a line matters, the least first."""


class LogLineView(View):
    """One line that a plugin has logged."""

    sequence: int = Field(
        description="Counted from 1 over all steps of the attempt.", examples=[12]
    )
    at: datetime
    level: Level = Field(examples=["info"])
    text: str = Field(
        description="Without secrets; may hold several lines.", examples=["Uploaded 3 of 8 files"]
    )


class LogPageView(View):
    """A part of an attempt's log."""

    lines: list[LogLineView]
    next_after: int = Field(description="Pass it as `after` to go on.", examples=[12])
    is_complete: bool = Field(
        description="True when the attempt has ended and nothing follows.", examples=[False]
    )
