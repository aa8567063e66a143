"""What goes wrong with a branch condition in bamboo's language."""

from flowyard.errors import PermanentError


class BoolRuleError(PermanentError):
    """Raised when a condition cannot be read, rendered or compared.

    Parameters
    ----------
    condition
        The text that was read, with its ``${...}`` rendered where that was done.
    position
        Where in it, in characters from 0; None where it is about no single place.
    reason
        One sentence.
    """

    code = "condition_failed"

    def __init__(self, *, condition: str, position: int | None, reason: str) -> None:
        where = "" if position is None else f"at position {position} of "
        super().__init__(f"{reason} ({where}the condition {condition!r})")
        self.condition = condition
        self.position = position
        self.reason = reason
