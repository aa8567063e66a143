"""Maps: one activity or subflow per item of a list.

Theory of operation: each item is a node of its own, ``deploy:3``, that runs on the map's
behalf. The map keeps counts of them among its variables, changed by what each decision has
changed of its items: so following an item costs the same however many there are, and whoever
loads the instance goes on from the counts. Items begin in order. A map that has failed is
walked through once more when it is retried, past the items that need not run again.
"""

from collections.abc import Mapping

from msgspec.structs import asdict, replace

from flowyard.engine.attempts import QUEUED_CHECK, begin, fail_attempt, open_attempt
from flowyard.engine.draft import Draft
from flowyard.engine.ending import REVIEW_CHECK, expression_failure, give_up, succeed
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.expressions import ExpressionError, render
from flowyard.engine.graph import (
    MAX_MAP_ITEMS,
    SATELLITE_SEPARATOR,
    JsonValue,
    MapSpec,
    Node,
)
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.map_progress import (
    UNDONE,
    Progress,
    items_failed,
    outputs_of,
    tolerated_of,
)
from flowyard.engine.mocking import play_map
from flowyard.engine.rendering import rendered, size_of
from flowyard.engine.snapshot import Failure, NodeMark, NodeState, WaitReason

MAX_OUTPUT_BYTES = 1024 * 1024
"""Largest outputs of a map, as JSON: a hundred bytes for each of as many items as there may be.

All of it stands in the memory of whoever drives the instance.
"""


def enter_map(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    """Begin the items of a map, and return where the token goes if all have ended already."""
    played = play_map(draft, node, state)
    if played is not None:
        return played
    try:
        items = render(_spec(node).items, draft.scope(state))
    except ExpressionError as error:
        return fail_attempt(draft, node, state, expression_failure(error, "the items"))
    if not isinstance(items, list):
        return fail_attempt(
            draft,
            node,
            state,
            Failure(code="not_a_list", message="Expected a list of items, but it is none"),
        )
    if len(items) > MAX_MAP_ITEMS:
        return fail_attempt(
            draft,
            node,
            state,
            Failure(
                code="too_many_items",
                message=f"Expected at most {MAX_MAP_ITEMS} items, but there are {len(items)}",
            ),
        )
    # What an earlier visit has left of its items counts no more.
    draft.take_touched(node.node_id)
    _wait(draft, state, items, Progress())
    return _go_on(draft, node)


def follow_items(draft: Draft) -> tuple[str, ...]:
    """Bring on the maps whose items have changed with this decision.

    Returns
    -------
    tuple
        Where tokens go.
    """
    targets: list[str] = []
    for node_id in draft.touched_owners:
        node, state = draft.graph.nodes.get(node_id), draft.find(node_id)
        if node is None or node.map is None or state is None:
            continue
        if state.reason is WaitReason.ITEMS:
            targets += _go_on(draft, node)
        elif state.status is NodeStatus.FAILED and _has_items(state):
            targets += _take_up(draft, node, state)
        else:
            draft.take_touched(node_id)
    return tuple(targets)


def retry_items(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    """Take a failed map up again: run what has failed or not begun; return where its token goes.

    Parameters
    ----------
    state
        Failed.
    """
    if not _has_items(state):
        return enter_map(draft, node, _put_ready(draft, state))
    progress = _progress(draft, node, state)
    again = replace(progress, next=0, left=progress.undone)
    _wait(draft, _put_ready(draft, state), _items(state), again)
    return _go_on(draft, node)


def _spec(node: Node) -> MapSpec:
    if node.map is None:
        raise BrokenInvariantError(f"Expected a map at node {node.node_id}")
    return node.map


def _items(state: NodeState) -> list[JsonValue]:
    inputs = None if state.attempt is None else state.attempt.inputs
    items = None if inputs is None else inputs.get("items")
    if not isinstance(items, list):
        raise BrokenInvariantError(f"Expected the items of map {state.node_id}")
    return items


def _has_items(state: NodeState) -> bool:
    return state.attempt is not None and state.attempt.inputs is not None


def _item_id(node: Node, index: int) -> str:
    return f"{node.node_id}{SATELLITE_SEPARATOR}{index}"


def _put_ready(draft: Draft, state: NodeState) -> NodeState:
    ready = replace(
        state,
        status=NodeStatus.READY,
        reason=WaitReason.QUEUED,
        check_at=draft.at + QUEUED_CHECK,
        failure=None,
        mark=None,
        ended_at=None,
    )
    draft.put(ready)
    return ready


def _wait(draft: Draft, state: NodeState, items: list[JsonValue], progress: Progress) -> None:
    """Open an attempt of a map that is ready, and let it wait for its items."""
    attempt = open_attempt(draft, state, {"items": items})
    attempt = replace(attempt, status=NodeStatus.WAITING, started_at=draft.at)
    draft.change_attempt(state.node_id, attempt)
    draft.put(
        replace(
            state,
            status=NodeStatus.WAITING,
            reason=WaitReason.ITEMS,
            check_at=draft.at + REVIEW_CHECK,
            attempt=attempt,
            variables=asdict(progress),
        )
    )


def _progress(draft: Draft, node: Node, state: NodeState) -> Progress:
    """Return how far a map has come, with what has changed of its items since."""
    progress = Progress.of(state)
    _take_in(draft, node, progress)
    return progress


def _take_in(draft: Draft, node: Node, progress: Progress) -> Mapping[str, NodeState | None]:
    touched = draft.take_touched(node.node_id)
    for item_id, before in touched.items():
        role = item_id.rpartition(SATELLITE_SEPARATOR)[2]
        after = draft.find(item_id)
        if role.isdecimal() and after is not None:
            progress.note(int(role), before, after)
    return touched


def _take_up(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    """Have a failed map wait again for items that a person has retried or passed over."""
    progress = Progress.of(state)
    touched = _take_in(draft, node, progress)
    is_resolved = any(
        before is not None and before.status is NodeStatus.FAILED and _is_done(draft, item_id)
        for item_id, before in touched.items()
    )
    if not progress.open and not (is_resolved and not _is_over(node, state, progress)):
        draft.put(replace(state, variables=asdict(progress)))
        return ()
    _wait(draft, _put_ready(draft, state), _items(state), progress)
    return _go_on(draft, node)


def _is_done(draft: Draft, item_id: str) -> bool:
    state = draft.find(item_id)
    return state is not None and state.status in (NodeStatus.SUCCEEDED, NodeStatus.SKIPPED)


def _is_over(node: Node, state: NodeState, progress: Progress) -> bool:
    """Tell whether more items have failed than are tolerated."""
    tolerated = tolerated_of(_spec(node), len(_items(state)))
    return progress.undone - progress.left > tolerated


def _go_on(draft: Draft, node: Node) -> tuple[str, ...]:
    """Begin the items that there is room for; end the map when none is under way."""
    state = draft.find(node.node_id)
    if state is None:
        raise BrokenInvariantError(f"Expected map {node.node_id} to wait for its items")
    count = len(_items(state))
    progress = _progress(draft, node, state)
    while (
        progress.next < count
        and progress.open < _spec(node).concurrency
        and not _is_over(node, state, progress)
    ):
        _look_at(draft, node, state, progress)
    state = replace(state, variables=asdict(progress))
    draft.put(state)
    return () if progress.open else _end(draft, node, state, progress)


def _look_at(draft: Draft, node: Node, state: NodeState, progress: Progress) -> None:
    """Begin the next item, unless it need not run again."""
    item_id = _item_id(node, progress.next)
    before = draft.find(item_id)
    is_again = before is not None and progress.next < progress.begun
    if before is None or not is_again or before.status in UNDONE:
        _begin_item(draft, item_id, state, before, is_again=is_again)
        _take_in(draft, node, progress)
    progress.pass_by(_found(draft, item_id))


def _begin_item(
    draft: Draft, item_id: str, state: NodeState, before: NodeState | None, *, is_again: bool
) -> None:
    item = draft.graph.find(item_id)
    work = None if item is None else item.activity or item.subflow
    if item is None or work is None:
        raise BrokenInvariantError(f"Expected {item_id} to run something")
    entered = NodeState(
        node_id=item_id,
        status=NodeStatus.READY,
        visits=state.visits,
        reason=WaitReason.QUEUED,
        check_at=draft.at + QUEUED_CHECK,
        attempt=None if before is None else before.attempt,
        outputs={} if before is None else before.outputs,
        reached_at=draft.at,
    )
    draft.put(entered)
    # Those of an item that was cancelled are not loaded by whoever takes the instance over.
    is_repeated = is_again and before is not None and before.status is NodeStatus.FAILED
    known = entered.attempt.inputs if is_repeated and entered.attempt is not None else None
    verbatim = frozenset[str]() if item.activity is None else item.activity.verbatim
    inputs = rendered(draft, entered, work.inputs, verbatim) if known is None else known
    if isinstance(inputs, Failure):
        fail_attempt(draft, item, entered, inputs)
    else:
        begin(draft, item, entered, inputs)


def _found(draft: Draft, node_id: str) -> NodeState:
    state = draft.find(node_id)
    if state is None:
        raise BrokenInvariantError(f"Expected node {node_id} to be reached")
    return state


def _end(draft: Draft, node: Node, state: NodeState, progress: Progress) -> tuple[str, ...]:
    """End a map none of whose items is under way."""
    items = [
        draft.find(_item_id(node, index)) if index < progress.begun else None
        for index in range(len(_items(state)))
    ]
    outputs = outputs_of(items)
    size = size_of(outputs)
    if size > MAX_OUTPUT_BYTES:
        failure = Failure(
            code="outputs_too_large",
            message=f"Expected results of at most {MAX_OUTPUT_BYTES} bytes, but they take {size}",
        )
        return _fail(draft, node, state, failure, {})
    if _is_over(node, state, progress):
        return _fail(
            draft,
            node,
            state,
            items_failed(items, int(tolerated_of(_spec(node), len(items)))),
            outputs,
        )
    _tolerate(draft, node, progress)
    closed = _close(draft, state, NodeStatus.SUCCEEDED, outputs, None)
    return succeed(draft, replace(closed, variables={}), outputs)


def _close(
    draft: Draft,
    state: NodeState,
    status: NodeStatus,
    outputs: Mapping[str, JsonValue],
    failure: Failure | None,
) -> NodeState:
    """Close a map's attempt; return its state with what is kept of that in memory."""
    if state.attempt is None:
        raise BrokenInvariantError(f"Expected an attempt of map {state.node_id}")
    closed = replace(
        state.attempt, status=status, outputs=outputs, failure=failure, closed_at=draft.at
    )
    draft.change_attempt(state.node_id, closed)
    inputs = None if failure is None else closed.inputs
    return replace(state, attempt=replace(closed, inputs=inputs, outputs=None))


def _fail(
    draft: Draft,
    node: Node,
    state: NodeState,
    failure: Failure,
    outputs: Mapping[str, JsonValue],
) -> tuple[str, ...]:
    closed = _close(draft, state, NodeStatus.FAILED, outputs, failure)
    # Policies have been asked for each item.
    targets = give_up(
        draft, node, replace(closed, outputs=outputs), failure, outputs=outputs, may_retry=False
    )
    if node.options.ignores_failure:
        _tolerate(draft, node, Progress.of(state))
    return targets


def _tolerate(draft: Draft, node: Node, progress: Progress) -> None:
    """Let the failed items of a map that has ended well count as succeeded."""
    if not progress.undone:
        return
    for index in range(progress.begun):
        state = draft.find(_item_id(node, index))
        if state is not None and state.status is NodeStatus.FAILED:
            draft.put(
                replace(
                    state,
                    status=NodeStatus.SUCCEEDED,
                    mark=NodeMark.IGNORED,
                    reason=None,
                    check_at=None,
                )
            )
