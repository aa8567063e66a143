"""Every cell of the tables of operations: allowed and applied, or rejected.

Instances and nodes are brought into each status by events alone.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from flowyard.engine.events import (
    CancelInstance,
    ChooseBranches,
    Command,
    DecideApproval,
    ForceFail,
    ForceSucceed,
    PauseInstance,
    PauseNode,
    ResetTimer,
    RestartSubflow,
    ResumeInstance,
    ResumeNode,
    RetryNode,
    SetPriority,
    SetVariables,
    SkipNode,
    StartInstance,
    StepStarted,
)
from flowyard.engine.graph import Graph, InputSpec, VariableType
from flowyard.engine.inlining import expand
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.operations import (
    COPYING,
    INSTANCE_OPERATIONS,
    NODE_CONDITIONS,
    NODE_OPERATIONS,
    NODE_OPERATIONS_NEED,
    Situation,
    allowed_on_node,
    refusal_on_node,
)
from flowyard.engine.snapshot import WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    chain,
    choice,
    graph,
    inline,
    optioned,
    split_join,
    subflow,
)

Scene = tuple[Driver, str]
"""An instance, and the node that is operated on."""

LATER = timedelta(seconds=30)
UNUSED = InputSpec(name="spare", type=VariableType.STRING, is_required=False, default="")


def begun(flow: Graph) -> Driver:
    driver = Driver(flow)
    driver.start()
    return driver


def created() -> Driver:
    return Driver(chain(3, inputs=(UNUSED,)))


def running() -> Driver:
    return begun(chain(3, inputs=(UNUSED,)))


def paused() -> Driver:
    driver = running()
    driver.send(PauseInstance(at=driver.tick()))
    return driver


def failed() -> Driver:
    driver = running()
    driver.fail("a1")
    return driver


def succeeded() -> Driver:
    driver = running()
    for node_id in ("a1", "a2", "a3"):
        driver.succeed(node_id)
    return driver


def cancelled() -> Driver:
    driver = running()
    driver.send(CancelInstance(at=driver.tick()))
    return driver


INSTANCES: Mapping[InstanceStatus, Callable[[], Driver]] = {
    InstanceStatus.CREATED: created,
    InstanceStatus.RUNNING: running,
    InstanceStatus.PAUSED: paused,
    InstanceStatus.FAILED: failed,
    InstanceStatus.SUCCEEDED: succeeded,
    InstanceStatus.CANCELLED: cancelled,
}


def instance_command(verb: str, driver: Driver) -> Command:
    at = driver.tick()
    commands: dict[str, Command] = {
        "start": StartInstance(at=at),
        "pause": PauseInstance(at=at),
        "resume": ResumeInstance(at=at),
        "cancel": CancelInstance(at=at),
        "set-variables": SetVariables(at=at, values={"spare": "x"}),
        "set-priority": SetPriority(at=at, priority=7),
    }
    return commands[verb]


@pytest.mark.parametrize("status", InstanceStatus)
@pytest.mark.parametrize("verb", [verb for verb in INSTANCE_OPERATIONS if verb not in COPYING])
def test_an_instance_takes_exactly_what_its_status_allows(
    verb: str, status: InstanceStatus
) -> None:
    driver = INSTANCES[status]()
    assert driver.instance_status() is status

    decision = driver.send(instance_command(verb, driver))

    if status in INSTANCE_OPERATIONS[verb]:
        assert decision.rejection is None
        assert decision.changes
    else:
        assert decision.rejection is not None
        assert decision.rejection.code == "forbidden_operation"
        assert decision.changes == ()


def node_pending() -> Scene:
    return running(), "a2"


def node_ready() -> Scene:
    return running(), "a1"


def node_running() -> Scene:
    driver = running()
    driver.send(StepStarted(key=driver.key("a1"), at=driver.tick()))
    return driver, "a1"


def node_waiting() -> Scene:
    driver = running()
    driver.wait("a1")
    return driver, "a1"


def node_succeeded() -> Scene:
    driver = running()
    driver.succeed("a1")
    return driver, "a1"


def node_failed() -> Scene:
    return failed(), "a1"


def node_skipped() -> Scene:
    driver = failed()
    driver.send(SkipNode(node_id="a1", at=driver.tick()))
    return driver, "a1"


def node_cancelled() -> Scene:
    """Two nodes of an inline subflow have been reached when it is begun once more."""
    flow = expand(graph("start deploy end", inline("deploy")), {"deploy": chain(2)})
    driver = begun(flow)
    driver.succeed("deploy.a1")
    driver.fail("deploy.a2")
    driver.send(RestartSubflow(node_id="deploy", at=driver.tick()))
    return driver, "deploy.a2"


NODES: Mapping[NodeStatus, Callable[[], Scene]] = {
    NodeStatus.PENDING: node_pending,
    NodeStatus.READY: node_ready,
    NodeStatus.RUNNING: node_running,
    NodeStatus.WAITING: node_waiting,
    NodeStatus.SUCCEEDED: node_succeeded,
    NodeStatus.FAILED: node_failed,
    NodeStatus.SKIPPED: node_skipped,
    NodeStatus.CANCELLED: node_cancelled,
}


def with_a_stop(scene: Callable[[], Scene]) -> Callable[[], Scene]:
    def build() -> Scene:
        driver, node_id = scene()
        driver.send(PauseNode(node_id=node_id, at=driver.tick()))
        return driver, node_id

    return build


def in_front() -> Scene:
    """Bring a token in front of a node of a paused instance."""
    driver = paused()
    driver.succeed("a1")
    return driver, "a2"


def stopped() -> Scene:
    driver = running()
    driver.send(PauseNode(node_id="a2", at=driver.tick()))
    driver.succeed("a1")
    return driver, "a2"


def converging() -> Scene:
    driver = begun(split_join())
    driver.succeed("b1-1")
    return driver, "join"


def undecided() -> Scene:
    return begun(choice(("False",), default=False)), "choose"


def with_a_child() -> Scene:
    return begun(graph("start sub end", subflow("sub"))), "sub"


def with_a_failed_child() -> Scene:
    driver, node_id = with_a_child()
    driver.send(ForceFail(node_id=node_id, at=driver.tick()))
    return driver, node_id


def asking() -> Scene:
    driver = running()
    driver.wait("a1", WaitReason.APPROVAL, None)
    return driver, "a1"


SPECIAL: Mapping[tuple[str, NodeStatus], Callable[[], Scene]] = {
    ("pause", NodeStatus.READY): in_front,
    ("pause", NodeStatus.WAITING): converging,
    ("resume", NodeStatus.PENDING): with_a_stop(node_pending),
    ("resume", NodeStatus.READY): stopped,
    ("resume", NodeStatus.WAITING): with_a_stop(converging),
    ("resume", NodeStatus.SUCCEEDED): with_a_stop(node_succeeded),
    ("resume", NodeStatus.SKIPPED): with_a_stop(node_skipped),
    ("resume", NodeStatus.CANCELLED): with_a_stop(node_cancelled),
    ("choose", NodeStatus.FAILED): undecided,
    ("restart", NodeStatus.WAITING): with_a_child,
    ("restart", NodeStatus.FAILED): with_a_failed_child,
    ("approve", NodeStatus.WAITING): asking,
    ("reject", NodeStatus.WAITING): asking,
}
"""Nodes that an operation needs to be of a kind, or to stand still for a reason."""


def node_command(verb: str, node_id: str, driver: Driver) -> Command:
    at = driver.tick()
    commands: dict[str, Command] = {
        "retry": RetryNode(node_id=node_id, at=at),
        "skip": SkipNode(node_id=node_id, at=at),
        "force-fail": ForceFail(node_id=node_id, at=at),
        "force-succeed": ForceSucceed(node_id=node_id, at=at, outputs={}),
        "pause": PauseNode(node_id=node_id, at=at),
        "resume": ResumeNode(node_id=node_id, at=at),
        "choose": ChooseBranches(node_id=node_id, at=at, targets=("b1",)),
        "reset-timer": ResetTimer(node_id=node_id, at=at, after=LATER),
        "restart": RestartSubflow(node_id=node_id, at=at),
        "approve": DecideApproval(node_id=node_id, at=at, approved=True, comment="", actor="ann"),
        "reject": DecideApproval(node_id=node_id, at=at, approved=False, comment="", actor="ann"),
    }
    return commands[verb]


@pytest.mark.parametrize("status", NodeStatus)
@pytest.mark.parametrize("verb", NODE_OPERATIONS)
def test_a_node_takes_exactly_what_its_status_allows(verb: str, status: NodeStatus) -> None:
    driver, node_id = SPECIAL.get((verb, status), NODES[status])()
    assert driver.status(node_id) is status

    decision = driver.send(node_command(verb, node_id, driver))

    if status in NODE_OPERATIONS[verb]:
        assert decision.rejection is None
        assert decision.changes
    else:
        assert decision.rejection is not None
        assert decision.rejection.code == "forbidden_operation"
        assert decision.changes == ()


@pytest.mark.parametrize("status", InstanceStatus)
@pytest.mark.parametrize("verb", NODE_OPERATIONS)
def test_a_node_takes_nothing_that_the_status_of_its_instance_does_not_allow(
    verb: str, status: InstanceStatus
) -> None:
    driver = INSTANCES[status]()
    is_allowed = status in NODE_CONDITIONS[verb].instances

    decision = driver.send(node_command(verb, "a3", driver))

    if not is_allowed:
        assert decision.rejection is not None
        assert f"in an instance that is {status}" in decision.rejection.message
    elif verb == "pause":
        assert decision.rejection is None


@pytest.mark.parametrize(("verb", "code"), [("retry", "not_retryable"), ("skip", "not_skippable")])
def test_a_nodes_options_may_forbid_an_operation(verb: str, code: str) -> None:
    node = optioned(activity("a1"), is_retryable=False, is_skippable=False)
    driver = begun(graph("start a1 end", node))
    driver.fail("a1")

    decision = driver.send(node_command(verb, "a1", driver))

    assert decision.rejection is not None
    assert decision.rejection.code == code


def test_the_tables_name_the_same_operations() -> None:
    assert set(NODE_CONDITIONS) == set(NODE_OPERATIONS)


def test_what_is_allowed_is_what_is_not_refused() -> None:
    for instance in InstanceStatus:
        for status in NodeStatus:
            for reason in (None, *WaitReason):
                standing = Situation(
                    instance=instance, node=activity("a"), status=status, reason=reason
                )
                allowed = allowed_on_node(standing)
                refused = {
                    verb for verb in NODE_OPERATIONS if refusal_on_node(verb, standing) is not None
                }
                assert refused == set(NODE_OPERATIONS) - set(allowed)


def test_nodes_of_an_instance_that_has_ended_allow_nothing() -> None:
    for instance in set(InstanceStatus) - NODE_OPERATIONS_NEED - {InstanceStatus.CREATED}:
        for status in NodeStatus:
            standing = Situation(instance=instance, node=activity("a"), status=status)
            assert allowed_on_node(standing) == ()


def test_a_node_that_the_graph_does_not_have_is_unknown() -> None:
    driver = running()

    for verb in NODE_OPERATIONS:
        decision = driver.send(node_command(verb, "elsewhere", driver))
        assert decision.rejection is not None
        assert decision.rejection.code == "unknown_node"
