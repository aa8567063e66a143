"""What the engine raises: contradictions that only a defect or a stale snapshot explains."""

from flowyard.errors import PermanentError, RetryableError


class IllegalTransitionError(PermanentError):
    """Raised when a decision would give a node or instance a status that may not follow."""

    code = "illegal_transition"

    def __init__(self, *, subject: str, before: str, after: str) -> None:
        super().__init__(
            f"Expected {subject} to leave {before} as allowed, but {after} may not follow"
        )
        self.subject = subject
        self.before = before
        self.after = after


class BrokenInvariantError(PermanentError):
    """Raised when an instance has no token left, or has more than its graph allows."""

    code = "broken_invariant"


class UnknownAttemptError(RetryableError):
    """Raised for a fact about an attempt or step that the snapshot is too old to know."""

    code = "unknown_attempt"

    def __init__(self, *, node_id: str, number: int, step: int) -> None:
        super().__init__(
            f"Expected to know step {step} of attempt {number} of node {node_id},"
            " but the snapshot is older"
        )
        self.node_id = node_id
        self.number = number
        self.step = step
