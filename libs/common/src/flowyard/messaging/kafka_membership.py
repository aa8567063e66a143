"""Who a consumer is among those that share a topic."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Membership:
    """Which member of a group, in which of its generations."""

    member_id: str
    """Given by the group's coordinator.

    Another one once the member was expelled or the cluster was rebuilt.
    """
    generation: int

    def follows(self, earlier: "Membership") -> bool:
        """Tell whether nobody else can have held anything in between."""
        return self.member_id == earlier.member_id and self.generation == earlier.generation + 1
