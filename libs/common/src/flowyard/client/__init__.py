"""A client of Flowyard's HTTP API, blocking and awaiting; docs/client.md shows it at work.

``Flowyard`` and ``AsyncFlowyard`` have every operation of the API as a method, in
groups: ``flowyard.instances.pause(...)``. Arguments and answers are typed, refusals
are errors (:class:`ProblemError`), and what fails for a moment is tried again.

Operations and models are made from the OpenAPI document by ``make client``; the rest
of ``aio`` is written by hand, and ``sync`` is made out of it. This room knows the API
alone: nothing else of Flowyard but errors, ids, settings and the clock, and it is
installed by the extra ``client``.
"""

from flowyard.client.aio.client import AsyncFlowyard
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.errors import (
    BadRequestError,
    ClientError,
    ConflictError,
    Fault,
    ForbiddenError,
    GoneError,
    InvalidError,
    NoServerError,
    NotFoundError,
    PreconditionError,
    Problem,
    ProblemError,
    ServerFaultError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
)
from flowyard.client.events import ServerEvent
from flowyard.client.model import Json, Page
from flowyard.client.retrying import NO_RETRIES, Retries
from flowyard.client.run import Run, RunCancelledError, RunError, RunFailedError, RunTimeoutError
from flowyard.client.sync.client import Flowyard
from flowyard.client.sync.pages import Pages

__all__ = [
    "NO_RETRIES",
    "AsyncFlowyard",
    "AsyncPages",
    "BadRequestError",
    "ClientError",
    "ConflictError",
    "Fault",
    "Flowyard",
    "ForbiddenError",
    "GoneError",
    "InvalidError",
    "Json",
    "NoServerError",
    "NotFoundError",
    "Page",
    "Pages",
    "PreconditionError",
    "Problem",
    "ProblemError",
    "Retries",
    "Run",
    "RunCancelledError",
    "RunError",
    "RunFailedError",
    "RunTimeoutError",
    "ServerEvent",
    "ServerFaultError",
    "TooManyRequestsError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnreachableError",
]
