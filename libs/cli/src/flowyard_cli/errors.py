"""What the command line raises, and the exit status that each error leads to."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flowyard.errors import FlowyardError, PermanentError, RetryableError

EXIT_FAILED = 1
"""The command was understood but did not succeed, or an instance failed."""

EXIT_USAGE = 2
"""The command has to be given differently."""

_REFUSED_BY_STATUS = frozenset({409, 412, 429})
"""The request was well formed; the present state of things stands against it."""


class UsageError(PermanentError):
    """Raised when the command cannot be carried out as it was given."""

    code = "usage"


class NoServerError(PermanentError):
    """Raised when nothing says which server to talk to, or with which token."""

    code = "no_server"


class ServerUnreachableError(RetryableError):
    """Raised when the server does not answer."""

    code = "server_unreachable"


class MissingExtraError(PermanentError):
    """Raised when a command needs packages that are not installed."""

    code = "missing_extra"

    def __init__(self, command: str, extra: str, module: str) -> None:
        super().__init__(
            f"'flowyard {command}' needs the extra '{extra}' ({module} is not installed):"
            f" pip install 'flowyard[{extra}]'"
        )
        self.extra = extra
        self.module = module


@contextmanager
def needing(command: str, extra: str) -> Iterator[None]:
    """Turn the lack of a package within the block into the name of the extra that brings it.

    Raises
    ------
    MissingExtraError
        Raised if an import in the block fails.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(command, extra, error.name or "a package") from error


class PortTakenError(PermanentError):
    """Raised when another process listens where a service is to listen."""

    code = "port_taken"

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken by another process: choose another one with --port")
        self.port = port


class FolderInUseError(PermanentError):
    """Raised when another process works on the same data folder."""

    code = "folder_in_use"


class BenchFailedError(FlowyardError):
    """Raised when what the bench started does not stand there as succeeded afterwards."""

    code = "bench_failed"


class RetirementFailedError(RetryableError):
    """Raised when some ended instances could not be moved out; what was said tells why."""

    code = "retirement_failed"

    def __init__(self, batches: int) -> None:
        super().__init__(
            f"Expected everything to be moved out, but {batches} batches stay as they were:"
            " the log says why"
        )


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request."""

    place: str
    message: str


class RefusedError(PermanentError):
    """Raised when the server refuses a request, with what its problem document says."""

    code = "refused"

    def __init__(
        self,
        *,
        status: int,
        reason: str,
        detail: str,
        request_id: str | None = None,
        fields: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        """The stable code of the problem document."""
        self.detail = detail
        self.request_id = request_id
        self.fields = tuple(fields)

    def describe(self) -> str:
        """Return the refusal in words, one line per field that is wrong."""
        known = f", request {self.request_id}" if self.request_id else ""
        lines = [f"{self.detail} ({self.reason}{known})"]
        lines += [f"  {field.place}: {field.message}" for field in self.fields]
        return "\n".join(lines)


def describe(error: FlowyardError) -> str:
    """Return what a person should read about an error."""
    return error.describe() if isinstance(error, RefusedError) else str(error)


def exit_status(error: FlowyardError) -> int:
    """Return 2 where the command has to be given differently, else 1."""
    if isinstance(error, RefusedError):
        is_theirs = error.status in _REFUSED_BY_STATUS or error.status >= 500  # noqa: PLR2004
        return EXIT_FAILED if is_theirs else EXIT_USAGE
    return EXIT_USAGE if isinstance(error, PermanentError) else EXIT_FAILED
