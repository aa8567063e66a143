"""A preview shows what a node would be given, with what is known so far."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace

import pytest

from flowyard.engine.graph import (
    Activity,
    Graph,
    InputSpec,
    JsonValue,
    MapSpec,
    Node,
    NodeKind,
    Subflow,
    SubflowMode,
    Variables,
)
from flowyard.engine.preview import NOT_KNOWN_YET, PreviewProblem, preview, preview_all
from flowyard.engine.snapshot import Snapshot
from flowyard.engine.usage import used_by
from flowyard.testing.driving import Driver, snapshot_of
from flowyard.testing.graphs import activity, edge, exclusive, graph, subflow


def values(snapshot: Snapshot, node_id: str) -> Mapping[str, JsonValue]:
    return {one.name: one.value for one in preview(snapshot, node_id).inputs if one.problem is None}


def problem(snapshot: Snapshot, node_id: str) -> PreviewProblem:
    (found,) = [one.problem for one in preview(snapshot, node_id).inputs if one.problem]
    return found


def flow(text: JsonValue) -> Graph:
    one = graph(
        "start a b end",
        activity("a", exports={"image": "made"}),
        activity("b", {"fixed": "${version}", "x": text}),
        inputs=(InputSpec(name="version", is_required=False, default="1.0"),),
        computed={"tag": "v${version}"},
    )
    return replace(one, lazy={"late": "${image}:${tag}", "early": "${tag}!"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${tag}", "v1.0"),
        ("${early}", "v1.0!"),
        ("${loop}", 1),
        ("${secrets.TOKEN}", {"$secret": "TOKEN"}),
        ("${instance.name}", "test"),
    ],
)
def test_what_is_known_before_the_start_is_shown(text: str, value: JsonValue) -> None:
    snapshot = snapshot_of(flow(text))

    assert values(snapshot, "b") == {"fixed": "1.0", "x": value}


def test_given_inputs_are_used_before_the_start() -> None:
    snapshot = snapshot_of(flow("${tag}"), {"version": "2.0"})

    assert values(snapshot, "b") == {"fixed": "2.0", "x": "v2.0"}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("${image}", ("image",)),
        ("${nodes.a.made}", ("nodes.a",)),
        ('${nodes["a"]["made"] + image}', ("image", "nodes.a")),
        ("${late}", ("image",)),
        ("${[late, image]}", ("image",)),
    ],
)
@pytest.mark.parametrize("is_started", [False, True])
def test_what_nodes_have_still_to_yield_is_named(
    text: str, missing: tuple[str, ...], *, is_started: bool
) -> None:
    driver = Driver(flow(text))
    if is_started:
        driver.start()

    found = problem(driver.snapshot, "b")

    assert found.code == NOT_KNOWN_YET
    assert found.missing == missing
    assert values(driver.snapshot, "b") == {"fixed": "1.0"}


def test_what_a_node_has_yielded_is_known() -> None:
    driver = Driver(flow("${late} ${nodes.a.made}"))
    driver.start()
    driver.succeed("a", {"made": "app"})

    assert values(driver.snapshot, "b")["x"] == "app:v1.0 app"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${nothing}", "Expected a known name"),
        ("${version + 1}", "Expected"),
        ("${instance.nme}", "perhaps 'name' is meant"),
    ],
)
def test_a_mistake_is_told_with_expression_position_and_names(text: str, reason: str) -> None:
    found = problem(snapshot_of(flow(text)), "b")

    assert found.code == "expression_failed"
    assert reason in found.message
    assert f"${{{found.expression}}}" == text
    assert {"version", "tag", "late", "instance"} <= set(found.known_names)
    assert found.missing == ()


def test_a_preview_changes_nothing() -> None:
    driver = Driver(flow("${late}"))
    before = copy(driver.snapshot)

    preview(driver.snapshot, "b")

    assert driver.snapshot == before
    assert driver.snapshot.variables == {}


def test_the_next_visit_of_a_loop_is_shown_and_a_failed_one_again() -> None:
    driver = Driver(
        graph(
            "start a check",
            activity("a", {"turn": "${loop}"}),
            exclusive("check"),
            edge("check", "a", "loop < 9"),
            edge("check", "end", default=True),
        )
    )
    driver.start()
    assert values(driver.snapshot, "a") == {"turn": 2}

    driver.fail("a")

    assert values(driver.snapshot, "a") == {"turn": 1}


def test_a_verbatim_input_is_shown_as_it_is() -> None:
    node = Node(
        node_id="a",
        kind=NodeKind.ACTIVITY,
        activity=Activity(
            plugin="shell",
            version="1.0",
            inputs={"script": "echo ${HOME}", "x": "${1 + 1}"},
            verbatim=frozenset({"script"}),
        ),
    )

    assert values(snapshot_of(graph("start a end", node)), "a") == {
        "script": "echo ${HOME}",
        "x": 2,
    }


def test_the_inputs_of_a_subflow_are_shown() -> None:
    one = graph("start a end", subflow("a", inputs={"x": "${1 + 1}"}))

    assert values(snapshot_of(one), "a") == {"x": 2}


def test_a_gateway_has_no_inputs() -> None:
    assert preview(snapshot_of(flow("x")), "start").inputs == ()


def test_an_unknown_node_is_refused() -> None:
    with pytest.raises(LookupError):
        preview(snapshot_of(flow("x")), "nothing")


def test_inputs_that_do_not_fit_leave_the_others_known() -> None:
    one = replace(
        flow("${tag}"),
        inputs=(
            InputSpec(name="version", is_required=False, default="1.0"),
            InputSpec(name="needed"),
        ),
    )

    assert values(snapshot_of(one), "b") == {"fixed": "1.0", "x": "v1.0"}


def test_all_nodes_with_inputs_are_shown_at_once() -> None:
    found = list(preview_all(snapshot_of(flow("${tag}"))))

    assert [one.node_id for one in found] == ["b"]
    assert found == [preview(snapshot_of(flow("${tag}")), "b")]


def test_an_input_that_was_not_given_is_not_known_yet() -> None:
    one = graph(
        "start b end", activity("b", {"x": "${needed}"}), inputs=(InputSpec(name="needed"),)
    )

    assert problem(snapshot_of(one), "b").missing == ("needed",)


def within(text: str) -> Graph:
    """Return a flow with an inline subflow of one node, as publication makes it."""
    one = graph(
        "start sub end",
        replace(
            subflow("sub", inputs={"version": "2.0"}),
            subflow=Subflow(
                template="child", version=1, mode=SubflowMode.INLINE, inputs={"version": "2.0"}
            ),
        ),
    )
    inner = {
        "sub.start": Node(node_id="sub.start", kind=NodeKind.START),
        "sub.build": activity("sub.build", {"x": text}),
        "sub.end": Node(node_id="sub.end", kind=NodeKind.END),
    }
    return replace(
        one,
        nodes={**one.nodes, **inner},
        edges=(
            *one.edges,
            edge("sub.start", "sub.build"),
            edge("sub.build", "sub.end"),
        ),
        scopes={
            "sub": Variables(
                inputs=(InputSpec(name="version"),),
                computed={"tag": "v${version}"},
                lazy={"late": "${tag}!"},
                outputs={"tag": "${tag}"},
            )
        },
    )


def test_a_node_of_an_inline_subflow_sees_the_variables_of_that() -> None:
    driver = Driver(within("${late} ${version}"))
    assert problem(driver.snapshot, "sub.build").missing == ("tag", "version")

    driver.start()

    assert values(driver.snapshot, "sub.build") == {"x": "v2.0! 2.0"}
    assert used_by(driver.snapshot, "version", "sub") == ("sub.start", "sub.build")
    assert used_by(driver.snapshot, "tag", "sub") == ("sub.build",)
    assert used_by(driver.snapshot, "version") == ()


def mapped() -> Driver:
    hosts: list[JsonValue] = ["web-1", "web-2"]
    node = replace(
        activity("deploy", {"host": "${item}", "first": "${index == 0}"}),
        kind=NodeKind.MAP,
        map=MapSpec(items="${hosts}"),
    )
    return Driver(graph("start deploy end", node, constants={"hosts": hosts}))


def test_a_map_shows_its_items() -> None:
    assert values(mapped().snapshot, "deploy") == {"items": ["web-1", "web-2"]}


def test_an_item_of_a_map_is_known_once_the_map_has_begun() -> None:
    driver = mapped()
    before = [one.problem for one in preview(driver.snapshot, "deploy:1").inputs]
    assert [one.missing for one in before if one is not None] == [("item",), ("index",)]

    driver.start()

    assert values(driver.snapshot, "deploy:1") == {"host": "web-2", "first": False}
