"""The ledger: what was accepted, what has become of it, and what happened outside, compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.chaos.books import FINAL, AttemptRow, Books, InstanceRow, NodeRow
from tests.chaos.load import Accepted
from tests.chaos.oracle import LIMIT, UNKNOWN, Expectation
from tests.chaos.outside import Call

CLOCK_SECONDS = 0.02
"""How much earlier than it lasts a wait may seem to have ended: the owner's view of Postgres'
clock is as old as a round trip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Both sides of a run's books.

    Parameters
    ----------
    accepted
        What the API has said yes to.
    cancelled
        Instances whose cancellation was applied.
    calls
        What the world outside has seen.
    """

    books: Books
    accepted: Sequence[Accepted]
    cancelled: frozenset[str]
    calls: Sequence[Call]

    def findings(self) -> list[str]:
        """Return everything that does not add up; an empty list is what is wanted."""
        return [
            *self._of_acceptance(),
            *self._of_instances(),
            *self._of_nodes(),
            *self._of_attempts(),
            *self._of_effects(),
            *self._of_orders(),
            *self._of_concurrency(),
            *self.books.leftovers,
        ]

    @property
    def unknown(self) -> list[AttemptRow]:
        """The attempts whose outcome nobody knows."""
        return [one for one in self.books.attempts if one.code == UNKNOWN]

    def _of_acceptance(self) -> Iterator[str]:
        """Everything accepted is there, once, and nothing else is."""
        stored = {one.instance_id for one in self.books.instances}
        accepted = {one.instance_id for one in self.accepted}
        yield from (f"accepted, but not stored: {one}" for one in accepted - stored)
        tags = Counter(one.tag for one in self.books.instances if one.parent_id is None)
        yield from (f"stored {count} times: {tag}" for tag, count in tags.items() if count > 1)
        for one in self.books.instances:
            if one.parent_id is None and one.instance_id not in accepted:
                yield f"stored, but not accepted: {one}"

    def _of_instances(self) -> Iterator[str]:
        yield from (f"has not ended: {one}" for one in self.books.instances if not _is_final(one))
        found = {one.instance_id: one for one in self.books.instances}
        for accepted in self.accepted:
            one = found.get(accepted.instance_id)
            if one is not None:
                yield from _of_instance(one, accepted, is_cancelled=self._is_cancelled(accepted))

    def _is_cancelled(self, accepted: Accepted) -> bool:
        return accepted.instance_id in self.cancelled

    def _of_nodes(self) -> Iterator[str]:
        for one in self.books.nodes:
            if one.times:
                yield f"still waits: {one}"
        found = _by_instance(self.books.nodes)
        for accepted in self.accepted:
            nodes = {one.node_id: one for one in found.get(accepted.instance_id, [])}
            yield from _of_nodes(accepted, nodes)

    def _of_attempts(self) -> Iterator[str]:
        expects = {one.instance_id: one.drawn.expects for one in self.accepted}
        parents = {one.instance_id: one.parent_id for one in self.books.instances}
        runs: dict[tuple[str, str], list[AttemptRow]] = defaultdict(list)
        for one in self.books.attempts:
            runs[one.instance_id, one.node_id].append(one)
        nodes = {(one.instance_id, one.node_id): one for one in self.books.nodes}
        for place, attempts in runs.items():
            instance_id = parents.get(place[0]) or place[0]
            allowed = {UNKNOWN} | expects.get(instance_id, Expectation()).codes
            yield from _of_run(attempts, allowed, nodes.get(place))

    def _of_effects(self) -> Iterator[str]:
        """At most one effect per attempt, and exactly one where it succeeded."""
        attempts = {one.attempt_id: one for one in self.books.attempts}
        harmless = {
            (one.drawn.tag, name) for one in self.accepted for name in one.drawn.expects.often
        }
        counts = Counter(call.attempt for call in self.calls)
        for call in self.calls:
            if call.attempt not in attempts:
                yield f"an effect of an attempt that does not exist: {call}"
        for call in {one.attempt: one for one in self.calls}.values():
            if counts[call.attempt] > 1 and (call.tag, call.name) not in harmless:
                yield f"{counts[call.attempt]} effects of {attempts.get(call.attempt)}: {call}"
        for one in self.books.attempts:
            if one.status == "succeeded" and _acts(one) and counts[one.attempt_id] == 0:
                yield f"succeeded without an effect: {one}"
        seen = Counter((call.tag, call.name) for call in self.calls)
        for accepted in self.accepted:
            for name in (*accepted.drawn.expects.once, *accepted.drawn.expects.often):
                if not seen[accepted.drawn.tag, name]:
                    yield f"no effect {name} of {accepted}"

    def _of_orders(self) -> Iterator[str]:
        first: dict[tuple[str, str], float] = {}
        for call in self.calls:
            first.setdefault((call.tag, call.name), call.begun_at)
        for accepted in self.accepted:
            tag = accepted.drawn.tag
            times = [first.get((tag, name), 0.0) for name in accepted.drawn.expects.order]
            if times != sorted(times):
                yield f"in another order than {accepted.drawn.expects.order}: {accepted}"

    def _of_concurrency(self) -> Iterator[str]:
        keyed = [one for one in self.calls if one.name == "keyed"]
        most = most_open(keyed)
        if most > LIMIT:
            yield f"{most} effects of one concurrency key at once, but {LIMIT} are allowed"


def most_open(calls: Iterable[Call]) -> int:
    """Return how many of these calls were open at once, at most."""
    changes = [
        change
        for one in calls
        for change in ((one.begun_at, 1), (one.ended_at or one.begun_at, -1))
    ]
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most


def _is_final(one: InstanceRow) -> bool:
    return one.status in FINAL


def _of_instance(one: InstanceRow, accepted: Accepted, *, is_cancelled: bool) -> Iterator[str]:
    expects = accepted.drawn.expects
    allowed = expects.statuses
    if "succeeded" in allowed and "cancelled" in allowed:
        allowed = frozenset({"cancelled" if is_cancelled else "succeeded"})
    if one.status not in allowed:
        yield f"expected {sorted(allowed)}: {one}"
    if expects.outputs is not None and one.outputs != expects.outputs:
        yield f"expected the outputs {expects.outputs}: {one}"


def _of_nodes(accepted: Accepted, nodes: dict[str, NodeRow]) -> Iterator[str]:
    expects = accepted.drawn.expects
    for node_id, status in (expects.nodes or {}).items():
        node = nodes.get(node_id)
        if node is None:
            yield f"the node {node_id} was never reached: {accepted}"
            continue
        if node.status != status:
            yield f"expected {node_id} to be {status}: {node}"
        visits = expects.visits.get(node_id, 1)
        if node.visits != visits:
            yield f"expected {visits} visits of {node_id}: {node}"


def _of_run(
    attempts: Sequence[AttemptRow], allowed: set[str], node: NodeRow | None
) -> Iterator[str]:
    """Check the attempts of one node: closed, in a row, and at the end one success per visit."""
    for one in attempts:
        yield from _of_attempt(one, allowed)
    if [one.number for one in attempts] != list(range(1, len(attempts) + 1)):
        yield f"expected attempts without a gap: {attempts}"
    if node is None:
        yield f"attempts without a node: {attempts}"
        return
    visits = Counter(one.visit for one in attempts if one.status == "succeeded")
    if any(count > 1 for count in visits.values()):
        yield f"succeeded more than once in one visit: {attempts}"
    if node.status == "succeeded" and attempts[-1].status != "succeeded":
        yield f"succeeded, but its last attempt has not: {node} {attempts[-1]}"
    if node.number != attempts[-1].number:
        yield f"its last attempt is another one: {node} {attempts[-1]}"


def _of_attempt(one: AttemptRow, allowed: set[str]) -> Iterator[str]:
    if not one.is_closed:
        yield f"an open attempt: {one}"
    if one.is_stopping:
        yield f"a cancellation that nobody has confirmed: {one}"
    if one.keeps_state:
        yield f"a closed attempt that still keeps its state: {one}"
    if one.code is not None and one.code not in allowed:
        yield f"failed with {one.code}: {one}"
    seconds = one.inputs.get("seconds")
    if one.status == "succeeded" and seconds and _lasted(one) < seconds - CLOCK_SECONDS:
        yield f"waited for {_lasted(one)} s instead of {seconds} s: {one}"


def _lasted(one: AttemptRow) -> float:
    if one.opened_at is None or one.closed_at is None:
        return 0.0
    return (one.closed_at - one.opened_at).total_seconds()


def _acts(one: AttemptRow) -> bool:
    """Tell whether an attempt's plugin acts on the world outside."""
    return one.inputs.get("method") == "POST"


def _by_instance(nodes: Iterable[NodeRow]) -> dict[str, list[NodeRow]]:
    found: dict[str, list[NodeRow]] = defaultdict(list)
    for one in nodes:
        found[one.instance_id].append(one)
    return found
