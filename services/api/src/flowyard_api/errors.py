"""What goes wrong over HTTP: the one table from code to status, and the one body.

Every error that leaves the API is a problem document (RFC 9457) with a stable
``code``. A code that is not in :data:`PROBLEMS` is a defect and answers 500.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from flowyard.engine.graph import JsonValue
from flowyard.errors import PermanentError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """What one code means to a client."""

    status: int
    title: str
    """The same for every occurrence."""
    detail: str
    """An example of what one occurrence says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at one place of a request."""

    loc: tuple[str | int, ...]
    """Where: ``body``, ``query``, ``path`` or ``header``, then the way down."""
    msg: str
    type: str
    """Stable name of the cause."""
    node_id: str | None = None
    """Of a document: the node that it is about."""
    line: int | None = None
    """Of a document's text, counted from 1."""
    column: int | None = None
    """Of a document's text, counted from 1."""

    def as_json(self) -> dict[str, JsonValue]:
        """Return what is known of it, ready to be sent."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return {**known, "loc": list(self.loc)}


def _kind(status: int, title: str, detail: str) -> ProblemKind:
    return ProblemKind(status=status, title=title, detail=detail)


PROBLEMS: Mapping[str, ProblemKind] = {
    "archive_damaged": _kind(
        500,
        "The archive is damaged",
        "Expected a part of an archive, but it breaks off",
    ),
    "archive_unavailable": _kind(
        503, "The archive is unavailable", "The archive's folder failed: [Errno 5] I/O error"
    ),
    "attempt_closed": _kind(
        410, "The attempt has ended", "Expected an open attempt 1 of node wait, but it has ended"
    ),
    "body_too_large": _kind(
        413, "The body is too large", "Expected at most 1048576 bytes, but there are more"
    ),
    "broker_unavailable": _kind(
        503, "The broker is unavailable", "Expected the broker to be known, but it is not yet"
    ),
    "callback_refused": _kind(
        403,
        "The callback's token is not valid",
        "Expected the attempt's own token, but got another",
    ),
    "command_rejected": _kind(
        409,
        "The command was rejected",
        "Expected a node with one way on, but choose is exclusive: retry allowed",
    ),
    "conflict": _kind(409, "It exists already", "Expected no project named shop, but there is one"),
    "database_unavailable": _kind(
        503, "The database is unavailable", "Expected Postgres to answer, but it does not"
    ),
    "export_too_large": _kind(
        422,
        "The flow runs too many others to be exported",
        "Expected a flow that runs fewer than 200 others, but there are more",
    ),
    "forbidden_origin": _kind(
        403,
        "The request may come from a foreign page",
        "Expected header X-Flowyard-Console with what a browser's cookie signs, but there is none",
    ),
    "forbidden_operation": _kind(
        409,
        "The operation is not allowed in the present status",
        "Expected an instance that allows pause, but it is succeeded: nothing allowed",
    ),
    "idempotency_key_reused": _kind(
        422,
        "The idempotency key belongs to another request",
        "Expected the request that this key was first used for, but its content is another",
    ),
    "instance_archived": _kind(
        410,
        "The instance was archived",
        "Expected instance 0197c0de-0000-7000-8000-000000000001, but it was moved to archive"
        " shop/2026/11/0197c0de-0000-7000-8000-000000000002.jsonl.gz: it can be read, cloned and"
        " run again, and nothing else",
    ),
    "internal_error": _kind(500, "An internal error", "Something failed that should not have"),
    "invalid_cursor": _kind(
        422, "The cursor is not valid", "Expected a cursor from an earlier page, but it is none"
    ),
    "invalid_document": _kind(
        422, "The document is not valid", "Expected a valid document, but it has 1 problem"
    ),
    "invalid_exclusion": _kind(
        422,
        "What is to be left out does not fit the template",
        "Expected an optional node to leave out, but prepare always runs",
    ),
    "invalid_inputs": _kind(
        422, "The inputs do not fit the template", "Expected inputs as declared, but 1 is not"
    ),
    "invalid_mocks": _kind(
        422,
        "The canned results do not fit the graph",
        "Expected a node of the graph, but bild is none",
    ),
    "invalid_node_test": _kind(
        422,
        "The node cannot be run alone",
        "Expected an activity, a subflow or a map, but check is exclusive",
    ),
    "invalid_request": _kind(
        422, "The request is not valid", "Expected a valid request, but 1 field is not"
    ),
    "key_mismatch": _kind(
        422,
        "The document belongs to another template",
        "Expected a document with key release, but its key is rollback",
    ),
    "load_unknown": _kind(
        503,
        "Nobody tells what waits",
        "Expected a scheduler to have told what waits, but none has lately",
    ),
    "malformed_body": _kind(
        400, "The body cannot be read", "Expected JSON, but it breaks off at line 1 column 7"
    ),
    "method_not_allowed": _kind(
        405, "The method is not allowed here", "Expected GET, but the method is PATCH"
    ),
    "no_archive_place": _kind(
        409,
        "There is no place for archives",
        "Expected a place for archives, but FLOWYARD_API_ARCHIVE_URL is not set",
    ),
    "no_draft": _kind(
        409, "There is nothing to publish", "Expected template release to have a draft"
    ),
    "no_sealing_key": _kind(
        503,
        "Nobody could open a secret yet",
        "Expected a plugin gateway to have run here, but none has yet",
    ),
    "not_found": _kind(404, "It does not exist", "Expected project shop, but there is none"),
    "not_rerunnable": _kind(
        422,
        "A rerun cannot begin there",
        "Expected work or a gateway that branches, but join is converge",
    ),
    "not_retryable": _kind(
        409,
        "The node's options do not allow a retry",
        "Expected a node whose options allow retry, but those of pay do not: skip allowed",
    ),
    "not_skippable": _kind(
        409,
        "The node's options do not allow a skip",
        "Expected a node whose options allow skip, but those of pay do not: retry allowed",
    ),
    "overloaded": _kind(
        429,
        "Too much waits already",
        "Expected a new instance of project shop to begin within 1 s, but 400 stand in line before"
        " it, for about 4 s",
    ),
    "precondition_failed": _kind(
        412,
        "It has changed meanwhile",
        'Expected the draft to be at revision "3", but it is at "4"',
    ),
    "precondition_required": _kind(
        428,
        "If-Match is required",
        "Expected header If-Match with the draft's ETag, but there is none",
    ),
    "request_in_flight": _kind(
        409,
        "The first request with this key is still in flight",
        "Expected the first request with this key to be done, but it is not",
    ),
    "starting": _kind(
        503, "The service is starting", "Expected a started service, but it waits for the database"
    ),
    "template_deleted": _kind(
        409,
        "The template is deleted",
        "Expected a template that is not deleted, but release is: restore it first",
    ),
    "template_in_use": _kind(
        409,
        "The template is in use",
        "Expected template release to be used nowhere, but 1 template uses it",
    ),
    "too_many_commands": _kind(
        429,
        "Too many commands wait",
        "Expected fewer than 100 open commands of the instance, but there are 100",
    ),
    "too_many_variables": _kind(
        422,
        "The project's variables take too much room",
        "Expected variables of at most 65536 bytes together, but they take 70000",
    ),
    "too_many_webhooks": _kind(
        422,
        "The project has too many webhooks",
        "Expected fewer than 20 webhooks of the project, but there are as many",
    ),
    "too_many_streams": _kind(
        429, "Too many live views", "Expected fewer than 1000 live views, but there are 1000"
    ),
    "unauthenticated": _kind(
        401, "A bearer token is required", "Expected a valid bearer token, but there is none"
    ),
    "unknown_node": _kind(
        404, "The graph has no such node", "Expected a node of the graph, but check is none"
    ),
    "unknown_preset": _kind(
        422,
        "The template has no such preset",
        "Expected template release to have a preset night, but it has none",
    ),
    "unknown_template": _kind(
        422,
        "A template is unknown or not published",
        "Expected template other to have a published version, but it has none",
    ),
    "unsupported_media_type": _kind(
        415,
        "The body's media type is not understood",
        "Expected application/yaml or application/json, but got text/html",
    ),
    "webhook_disabled": _kind(
        409, "The webhook is disabled", "Expected an enabled webhook, but it is disabled: gone"
    ),
}
"""What each code means, keyed by code; a client may rely on code and status."""

RETRY_AFTER_SECONDS = 1
"""What 429 and 503 tell clients to wait; outages shorter than that are the common ones."""


class ApiError(PermanentError):
    """Root of what the API itself refuses.

    Parameters
    ----------
    message
        One sentence for people.
    errors
        What is wrong at which place of the request.
    facts
        Further members of the problem document.
    """

    def __init__(self, message: str, *, errors: Sequence[Fault] = (), **facts: JsonValue) -> None:
        super().__init__(message)
        self.errors = tuple(errors)
        self.facts = facts


class InvalidRequestError(ApiError):
    """Raised for a request that breaks a rule which no schema states."""

    code = "invalid_request"


class MalformedBodyError(ApiError):
    """Raised for a body that cannot be read."""

    code = "malformed_body"


class BodyTooLargeError(ApiError):
    """Raised for a body over its limit."""

    code = "body_too_large"


class NotStartedError(ApiError):
    """Raised while the service waits for what it needs."""

    code = "starting"


def problem(
    code: str,
    detail: str,
    *,
    request_id: str,
    errors: Sequence[Fault] = (),
    facts: Mapping[str, JsonValue] | None = None,
) -> tuple[int, dict[str, JsonValue]]:
    """Return status and body of a problem document.

    Parameters
    ----------
    code
        One of :data:`PROBLEMS`.
    detail
        What happened this time.
    request_id
        Names this occurrence in logs and traces.
    errors, facts
        As for :class:`ApiError`.
    """
    kind = PROBLEMS[code]
    body: dict[str, JsonValue] = {
        "type": f"urn:flowyard:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "instance": request_id,
        "errors": [fault.as_json() for fault in errors],
    }
    # A fact may not hide what every problem has: `status` of an instance is its own member.
    body.update({name: value for name, value in (facts or {}).items() if name not in body})
    return kind.status, body
