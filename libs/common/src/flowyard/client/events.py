"""Server-sent events, read line by line."""

from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """One event of a stream."""

    event: str
    """What kind it is, as ``change``."""
    data: Any
    """What it says: JSON, decoded; the text itself where it is none."""
    id: str | None = None
    """Where a stream may be taken up again, as ``last_event_id``."""


@dataclass(slots=True)
class EventReader:
    """Puts lines together to events, as the HTML standard says (section 9.2.6)."""

    _kind: str = ""
    _data: list[str] = field(default_factory=list)
    _id: str | None = None

    def read(self, line: str) -> ServerEvent | None:
        """Take one line without its end; return the event that it completes, if any."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._kind = value
            case "data":
                self._data.append(value)
            case "id":
                self._id = value
            case _:  # a comment, or what a later standard adds
                pass
        return None

    def _complete(self) -> ServerEvent | None:
        kind, data = self._kind or "message", "\n".join(self._data)
        has_data = bool(self._data)
        self._kind, self._data = "", []
        return ServerEvent(event=kind, data=_decoded(data), id=self._id) if has_data else None


def _decoded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
