"""The one tree of errors, cut by what the caller may do about them.

Every room adds its leaves beside the code that raises them. A leaf names its
cause in ``code``, a stable word that clients and tests may rely on; the facts
stand in attributes, the message is for people.
"""


class FlowyardError(Exception):
    """Root of everything that Flowyard raises on purpose."""

    code: str = "error"
    """Stable name of the cause, the same in problem documents and metrics."""


class PermanentError(FlowyardError):
    """Repeating the same call cannot help: something has to be changed first."""

    code = "permanent"


class RetryableError(FlowyardError):
    """The same call may succeed later."""

    code = "retryable"
