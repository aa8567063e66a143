"""What the client raises: an error per kind of refusal, and what becomes of runs.

Whatever the API refuses is a :class:`ProblemError` with the ``code`` of its
problem document, which stays the same from release to release; its class goes by
the status. What may be tried again later is a
:class:`~flowyard.errors.RetryableError`, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from flowyard.errors import FlowyardError, PermanentError, RetryableError


class ClientError(FlowyardError):
    """Root of everything that the client raises on purpose."""

    code = "client_error"


class NoServerError(ClientError, PermanentError):
    """Raised if neither an argument nor the environment names a server and a token."""

    code = "no_server"


class UnreachableError(ClientError, RetryableError):
    """Raised if the server does not answer, however often it is asked."""

    code = "unreachable"


class UnexpectedAnswerError(ClientError, PermanentError):
    """Raised for an answer that the API does not describe: of another server or release."""

    code = "unexpected_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at one place of a request or of a document."""

    loc: tuple[str | int, ...]
    """``body``, ``query``, ``path`` or ``header``, then the way down."""
    msg: str
    type: str
    """Stable name of the cause."""
    node_id: str | None = None
    line: int | None = None
    """Counted from 1."""
    column: int | None = None
    """Counted from 1."""

    @override
    def __str__(self) -> str:
        """Return it as one line for people."""
        place = ".".join(str(part) for part in self.loc)
        where = f" (line {self.line}, column {self.column})" if self.line else ""
        return f"{place}{where}: {self.msg}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem document (RFC 9457), or what can be told of an answer that is none."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str | None = None
    faults: tuple[Fault, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What else the document says, as ``present_status`` and ``allowed``."""
    retry_after: float | None = None
    """Seconds after which the server wants to be asked again."""


class ProblemError(ClientError):
    """Raised if the server refuses a request.

    Parameters
    ----------
    problem
        What it says.

    Attributes
    ----------
    status
        Of HTTP.
    code
        Stable name of the cause, as ``unknown_template``.
    title
        What the code means, the same for every occurrence.
    detail
        What happened this time, for people.
    faults
        What is wrong at which place of the request.
    facts
        What else the answer says, by name.
    request_id
        Names the request in the server's logs.
    retry_after
        Seconds after which it may be asked again, where it says so.
    """

    code = "problem"

    def __init__(self, problem: Problem) -> None:
        lines = [f"{problem.detail} ({problem.status} {problem.code})"]
        lines += [f"  {fault}" for fault in problem.faults]
        super().__init__("\n".join(lines))
        self.problem = problem
        self.code = problem.code
        self.status = problem.status
        self.title = problem.title
        self.detail = problem.detail
        self.faults: Sequence[Fault] = problem.faults
        self.facts = problem.facts
        self.request_id = problem.request_id
        self.retry_after = problem.retry_after


class BadRequestError(ProblemError, PermanentError):
    """400, 405, 413, 415 and all other requests that nobody understands."""


class UnauthenticatedError(ProblemError, PermanentError):
    """401: the token is missing or not valid."""


class ForbiddenError(ProblemError, PermanentError):
    """403: the token does not allow it."""


class NotFoundError(ProblemError, PermanentError):
    """404: it does not exist."""


class ConflictError(ProblemError, PermanentError):
    """409: it does not go with what is there, or with its present status."""


class GoneError(ProblemError, PermanentError):
    """410: it is over."""


class PreconditionError(ProblemError, PermanentError):
    """412 and 428: it has changed meanwhile, or nobody said what it was to be."""


class InvalidError(ProblemError, PermanentError):
    """422: inputs, a document or an argument are not valid; ``faults`` says where."""


class TooManyRequestsError(ProblemError, RetryableError):
    """429: too much waits already; ``retry_after`` says when to come again."""


class UnavailableError(ProblemError, RetryableError):
    """502, 503 and 504: it cannot be done now."""


class ServerFaultError(ProblemError, RetryableError):
    """500: something failed that should not have."""


ERRORS_BY_STATUS: Mapping[int, type[ProblemError]] = {
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    412: PreconditionError,
    422: InvalidError,
    428: PreconditionError,
    429: TooManyRequestsError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
}
"""What is raised for a status; those that are not named are the caller's fault, or the server's."""

_FIRST_FAULT_OF_SERVER = 500


def error_class(status: int) -> type[ProblemError]:
    """Return what is raised for a status of 400 or more."""
    other = ServerFaultError if status >= _FIRST_FAULT_OF_SERVER else BadRequestError
    return ERRORS_BY_STATUS.get(status, other)


def problem_error(problem: Problem) -> ProblemError:
    """Return the error that a problem becomes."""
    return error_class(problem.status)(problem)
