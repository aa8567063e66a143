"""What an import has to say: nothing is changed or lost without a word."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from flowyard.errors import PermanentError

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a file down to a value."""

MAX_DIAGNOSTICS = 2000
"""More are counted, not kept: nobody reads them, and a damaged file must not fill memory."""


class InterchangeError(PermanentError):
    """Raised when a file is of no format that can be read, or too large."""

    code = "unreadable_import"


class Severity(StrEnum):
    """What a diagnostic means for the template."""

    ERROR = "error"
    """It cannot be published or would not do the same; a person has to change it."""
    WARNING = "warning"
    """It runs, but something that was written is lost."""
    NOTE = "note"
    """It means the same, but is written in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing that a person should know about an import."""

    severity: Severity
    code: str
    """Stable name of the cause."""
    reason: str
    """One sentence."""
    repair: str = ""
    """What to do about it; empty where nothing has to be done."""
    template: str = ""
    """Id of the flow in the file that it is about; empty for the file as a whole."""
    node_id: str | None = None
    """The node's id in the file, where it is about one."""
    path: Path = ()
    """Where in the file."""
    file: str = ""
    """Name of the file, where several are read."""


@dataclass(slots=True)
class Findings:
    """Collects diagnostics; what is said about a place is said by a copy that knows the place."""

    found: list[Diagnostic] = field(default_factory=list)
    template: str = ""
    node_id: str | None = None
    path: Path = ()
    file: str = ""

    def in_file(self, file: str) -> "Findings":
        """Return the same collection for one file as a whole."""
        return Findings(self.found, file=file)

    def about(self, *path: str | int, node_id: str | None = None) -> "Findings":
        """Return the same collection for a place below."""
        return replace(self, path=(*self.path, *path), node_id=node_id or self.node_id)

    def at(self, path: Path, node_id: str | None = None) -> "Findings":
        """Return the same collection for a place, wherever this one is."""
        return replace(self, path=path, node_id=node_id)

    def of(self, template: str, *path: str | int) -> "Findings":
        """Return the same collection for one flow, whose path begins the places below."""
        return replace(self, template=template, node_id=None, path=path)

    def error(self, code: str, reason: str, repair: str = "") -> None:
        """Say that a person has to change something."""
        self._add(Severity.ERROR, code, reason, repair)

    def warning(self, code: str, reason: str, repair: str = "") -> None:
        """Say that something is lost."""
        self._add(Severity.WARNING, code, reason, repair)

    def note(self, code: str, reason: str, repair: str = "") -> None:
        """Say that something is written in another way."""
        self._add(Severity.NOTE, code, reason, repair)

    def _add(self, severity: Severity, code: str, reason: str, repair: str) -> None:
        if len(self.found) < MAX_DIAGNOSTICS:
            self.found.append(
                Diagnostic(
                    severity=severity,
                    code=code,
                    reason=reason,
                    repair=repair,
                    template=self.template,
                    node_id=self.node_id,
                    path=self.path,
                    file=self.file,
                )
            )
