"""What a document says."""

import json
from textwrap import dedent

import pytest

from flowyard.document import read_document
from flowyard.engine.graph import InputSpec, NodeKind, VariableType
from tests.unit.document.documents import RELEASE, flow


def test_nodes_follow_each_other_unless_they_say_otherwise() -> None:
    document = read_document(RELEASE)

    assert [(node.node_id, node.next_id) for node in document.nodes] == [
        ("prepare", "choose"),
        ("choose", None),
        ("fan", None),
        ("a", "join"),
        ("b", "join"),
        ("join", "child"),
        ("child", "end"),
    ]


def test_an_activity_has_everything_that_was_written() -> None:
    node = read_document(RELEASE).nodes[0]

    assert node.kind is NodeKind.ACTIVITY
    assert node.name == "Prepare"
    assert node.exports == {"bundle": "body"}
    assert node.activity is not None
    assert (node.activity.plugin, node.activity.version) == ("http_request", "1.0")
    assert node.activity.inputs == {"url": "${base}/prepare", "json": {"version": "${version}"}}
    assert node.activity.queue == "slow"
    assert node.activity.timeout_seconds == 90
    assert node.activity.secret_outputs == {"token"}


def test_conditions_lose_their_braces() -> None:
    branches = read_document(RELEASE).nodes[1].branches

    assert [(branch.condition, branch.target, branch.is_default) for branch in branches] == [
        ("(version) == '1'", "fan", False),
        ("count > 3", "end", False),
        (None, "child", True),
    ]
    assert branches[1].name == "enough"


def test_parallel_branches_may_have_names() -> None:
    branches = read_document(RELEASE).nodes[2].branches

    assert [(branch.target, branch.name) for branch in branches] == [("a", ""), ("b", "the second")]


def test_a_subflow_may_name_its_version() -> None:
    subflow = read_document(RELEASE).nodes[-1].subflow

    assert subflow is not None
    assert (subflow.template, subflow.version, subflow.inputs) == ("other", 3, {"x": 1})


def test_inputs_are_typed() -> None:
    assert read_document(RELEASE).inputs == (
        InputSpec(name="version", is_required=False, default="1.4.2", pattern=r"^\d+\.\d+\.\d+$"),
        InputSpec(name="count", type=VariableType.INTEGER),
    )


def test_json_says_the_same_as_yaml() -> None:
    document = read_document(RELEASE)

    assert read_document(json.dumps(document.canonical())) == document
    assert read_document(json.dumps(document.canonical(), indent="\t")) == document


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("2026-01-31", "2026-01-31"),
        ("12:30:45", "12:30:45"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("12e4567", "12e4567"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1" * 5000, "1" * 5000),
        (".inf", ".inf"),
        ("-9223372036854775808", -(2**63)),
        ("12", 12),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
    ],
)
def test_plain_text_is_read_as_a_person_means_it(written: str, expected: object) -> None:
    text = flow("  - {id: a, plugin: noop@1.0}") + f"constants: {{x: {written}}}\n"

    value = read_document(text).constants["x"]

    assert value == expected
    assert type(value) is type(expected)


def test_emoji_of_escaped_json_arrive_whole() -> None:
    text = json.dumps(
        {
            "flowyard": 1,
            "key": "k",
            "title": "😀 \\ud83d",
            "nodes": [{"id": "a", "plugin": "noop@1.0"}],
        }
    )

    assert read_document(text).title == "😀 \\ud83d"


def test_aliases_repeat_a_value() -> None:
    text = dedent(
        """\
        flowyard: 1
        key: k
        constants:
          one: &one {a: [1, 2]}
          two: *one
        nodes: [{id: a, plugin: noop@1.0}]
        """
    )

    assert read_document(text).constants["two"] == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("written", "seconds"), [("30", 30), ("30s", 30), ("5m", 300), ("1h", 3600), ("500ms", 0.5)]
)
def test_lengths_of_time_have_units(written: str, seconds: float) -> None:
    text = flow(f"  - {{id: a, plugin: noop@1.0, timeout: {written}}}")

    activity = read_document(text).nodes[0].activity

    assert activity is not None
    assert activity.timeout_seconds == seconds
