"""What a document says, and what is told to the person who wrote it wrong."""

import json
from textwrap import dedent

import pytest

from flowyard.document import DocumentError, read_document
from flowyard.engine.graph import InputSpec, NodeKind, VariableType

RELEASE = """\
flowyard: 1
key: release
title: Release a service
inputs:
  version: {type: string, default: "1.4.2", pattern: '^\\d+\\.\\d+\\.\\d+$'}
  count: integer
constants: {base: "http://127.0.0.1:9000"}
computed: {image: "registry/app:${version}"}
nodes:
  - id: prepare
    name: Prepare
    plugin: http_request@1.0
    inputs: {url: "${base}/prepare", json: {version: "${version}"}}
    export: {bundle: body}
    queue: slow
    timeout: 1.5m
    secret_outputs: [token]
  - id: choose
    exclusive:
      - {when: "${version} == '1'", next: fan}
      - {when: "${count > 3}", next: end, name: enough}
      - {default: true, next: child}
    loop_limit: 50
  - id: fan
    parallel: [a, {next: b, name: the second}]
  - {id: a, plugin: noop@1.0, next: join}
  - {id: b, plugin: noop@1.0}
  - {id: join, converge: true}
  - {id: child, subflow: other@3, inputs: {x: 1}}
outputs: {image: "${image}"}
"""


def problems(text: str) -> list[tuple[str, str | None, int | None, int | None]]:
    with pytest.raises(DocumentError) as caught:
        read_document(text)
    return [(one.code, one.node_id, one.line, one.column) for one in caught.value.problems]


def flow(*lines: str) -> str:
    """Return a document with the given lines of nodes; the first stands on line 4."""
    return "\n".join(["flowyard: 1", "key: k", "nodes:", *lines]) + "\n"


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


NODE_A = "  - {id: a, plugin: noop@1.0}"

BAD_SYNTAX = {
    "an open bracket": ("flowyard: 1\nkey: [a\nnodes: []\n", ("invalid_yaml", 3, 6)),
    "a tab": ("flowyard: 1\n\tkey: a\n", ("invalid_yaml", 2, 1)),
    "a wrong indent": ("flowyard: 1\n  key: a\n", ("invalid_yaml", 2, 6)),
    "a control character": ("flowyard: 1\nkey: a\x07\n", ("invalid_yaml", 2, 7)),
    "a NUL": ('flowyard: 1\nkey: "a\\0"\n', ("invalid_yaml", 2, 6)),
    "a tag": ("flowyard: 1\nkey: !!python/name:os.system x\n", ("invalid_yaml", 2, 6)),
    "a tag on a mapping": ("a: !x {}\n", ("invalid_yaml", 1, 4)),
    "a second document": ("flowyard: 1\n---\nkey: a\n", ("invalid_yaml", 2, 1)),
    "an unknown alias": ("flowyard: 1\nkey: *a\n", ("invalid_yaml", 2, 6)),
    "an alias of itself": ("a: &a [*a]\n", ("invalid_yaml", 1, 8)),
    "an alias as a key": ("a: &a b\n*a : 1\n", ("invalid_yaml", 2, 1)),
    "a key that is a list": ("? [a]\n: 1\n", ("invalid_yaml", 1, 3)),
    "JSON with a comma too many": ('{"flowyard": 1,, "key": "a"}\n', ("invalid_yaml", 1, 16)),
    "too deep": ("[" * 60 + "]" * 60, ("document_too_large", 1, 51)),
    "much too deep": ("[" * 100_000, ("document_too_large", 1, 51)),
    "too long": ("# " + "x" * 1024 * 1024, ("document_too_large", 1, 1)),
    "a bomb of aliases": (
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
            for level in range(1, 10)
        ),
        ("document_too_large", 6, 10),
    ),
    "a tower of aliases": (
        "a0: &a0 [x]\n"
        + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 100)),
        ("document_too_large", 50, 12),
    ),
}


@pytest.mark.parametrize("name", BAD_SYNTAX)
def test_what_is_no_yaml_is_told_with_its_place(name: str) -> None:
    text, (code, line, column) = BAD_SYNTAX[name]

    assert problems(text) == [(code, None, line, column)]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text", "null"])
def test_a_document_is_a_mapping(text: str) -> None:
    assert [problem[0] for problem in problems(text)] == ["wrong_type"]


def test_required_keys_are_missed() -> None:
    with pytest.raises(DocumentError) as caught:
        read_document("title: x\n")

    assert [problem.code for problem in caught.value.problems] == ["missing_key"] * 3


def test_an_error_shows_the_first_problem_and_counts_the_rest() -> None:
    with pytest.raises(DocumentError, match=r"^1:1: .* \[missing_key\] \(and 2 more\)$"):
        read_document("title: x\n")


BAD_DOCUMENTS = {
    "another format": (
        "flowyard: 2\nkey: k\nnodes:\n" + NODE_A,
        [("unsupported_format", None, 1, 11)],
    ),
    "an unknown key": (
        "flowyard: 1\nkey: k\ntittle: x\nnodes:\n" + NODE_A,
        [("unknown_key", None, 3, 1)],
    ),
    "a key that is there twice": (
        "flowyard: 1\nkey: k\nkey: l\nnodes:\n" + NODE_A,
        [("duplicate_key", None, 3, 1)],
    ),
    "a bad template key": (
        "flowyard: 1\nkey: a b\nnodes:\n" + NODE_A,
        [("invalid_value", None, 2, 6)],
    ),
    "a number for text": (
        "flowyard: 1\nkey: k\ntitle: 12\nnodes:\n" + NODE_A,
        [("wrong_type", None, 3, 8)],
    ),
    "no nodes": ("flowyard: 1\nkey: k\nnodes: []\n", [("missing_key", None, 3, 8)]),
    "nodes as a mapping": (
        "flowyard: 1\nkey: k\nnodes: {a: 1}\n",
        [("wrong_type", None, 3, 8)],
    ),
    "an empty node": (flow("  - {}"), [("missing_key", None, 4, 5)]),
    "a node that is text": (flow("  - a"), [("wrong_type", None, 4, 5)]),
    "a node without an id": (flow("  - plugin: noop@1.0"), [("missing_key", None, 4, 5)]),
    "a bad id": (flow("  - {id: a b, plugin: noop@1.0}"), [("invalid_value", None, 4, 10)]),
    "a number as an id": (flow("  - {id: 1, plugin: noop@1.0}"), [("wrong_type", None, 4, 10)]),
    "a node of no kind": (flow("  - {id: a}"), [("node_kind", "a", 4, 5)]),
    "a node of two kinds": (
        flow("  - {id: a, plugin: noop@1.0, converge: true}"),
        [("node_kind", "a", 4, 5)],
    ),
    "an id that is there twice": (
        flow(NODE_A, "  - id: a", "    plugin: noop@1.0"),
        [("duplicate_node", "a", 5, 9)],
    ),
    "an id that is implied": (
        flow("  - {id: end, plugin: noop@1.0}"),
        [("duplicate_node", "end", 4, 10)],
    ),
    "a key of another kind of node": (
        flow("  - {id: a, converge: true, timeout: 3}"),
        [("unknown_key", "a", 4, 29)],
    ),
    "an unknown next node": (
        flow("  - {id: a, plugin: noop@1.0, next: b}"),
        [("unknown_target", "a", 4, 37)],
    ),
    "start as the next node": (
        flow("  - {id: a, plugin: noop@1.0, next: start}"),
        [("unknown_target", "a", 4, 37)],
    ),
    "an unknown target of a branch": (
        flow(
            "  - id: a",
            "    exclusive:",
            "      - {when: 'true', next: b}",
            "      - default: true",
        ),
        [("unknown_target", "a", 6, 30), ("missing_key", "a", 7, 9)],
    ),
    "an unknown parallel target": (
        flow("  - {id: a, parallel: [end, b]}"),
        [("unknown_target", "a", 4, 29)],
    ),
    "no branches": (flow("  - {id: a, parallel: []}"), [("missing_key", "a", 4, 23)]),
    "a branch without a condition": (
        flow("  - id: a", "    exclusive:", "      - next: end"),
        [("missing_condition", "a", 6, 9)],
    ),
    "a default with a condition": (
        flow("  - id: a", "    exclusive:", "      - {when: '1', default: true, next: end}"),
        [("unexpected_condition", "a", 6, 9)],
    ),
    "two defaults": (
        flow(
            "  - id: a",
            "    exclusive:",
            "      - {default: true, next: end}",
            "      - {default: true, next: end}",
        ),
        [("several_defaults", "a", 7, 9)],
    ),
    "a converge that is none": (
        flow("  - {id: a, converge: false}"),
        [("invalid_value", "a", 4, 23)],
    ),
    "a plugin without a version": (
        flow("  - {id: a, plugin: noop}"),
        [("invalid_value", "a", 4, 21)],
    ),
    "a subflow with a bad version": (
        flow("  - {id: a, subflow: other@latest}"),
        [("invalid_value", "a", 4, 22)],
    ),
    "a bad length of time": (
        flow("  - {id: a, plugin: noop@1.0, timeout: soon}"),
        [("invalid_value", "a", 4, 40)],
    ),
    "no time at all": (
        flow("  - {id: a, plugin: noop@1.0, timeout: 0}"),
        [("invalid_value", "a", 4, 40)],
    ),
    "a loop limit of nothing": (
        flow("  - id: a", "    exclusive: [{default: true, next: end}]", "    loop_limit: 0"),
        [("invalid_value", "a", 6, 17)],
    ),
    "a bad queue": (
        flow("  - {id: a, plugin: noop@1.0, queue: A B}"),
        [("invalid_value", "a", 4, 38)],
    ),
    "inputs as a list": (
        flow("  - {id: a, plugin: noop@1.0, inputs: [1]}"),
        [("wrong_type", "a", 4, 39)],
    ),
    "an exported name that is none": (
        flow("  - {id: a, plugin: noop@1.0, export: {a b: body}}"),
        [("invalid_value", "a", 4, 40)],
    ),
    "a reserved key": (
        flow("  - id: a", "    plugin: noop@1.0", "    inputs: {x: {$secret: y}}"),
        [("reserved_key", None, 6, 18)],
    ),
    "an expression that does not parse": (
        flow("  - id: a", "    plugin: noop@1.0", "    inputs:", '      x: "a ${1 +} b"'),
        [("expression_syntax", "a", 7, 18)],
    ),
    "an expression without an end": (
        flow("  - id: a", "    plugin: noop@1.0", "    inputs: {x: [1, '${a']}"),
        [("expression_syntax", "a", 6, 25)],
    ),
    "an expression in a block": (
        flow("  - id: a", "    plugin: noop@1.0", "    inputs:", "      x: |", "        ${1 +}"),
        [("expression_syntax", "a", 7, 10)],
    ),
    "a condition that does not parse": (
        flow("  - id: a", "    exclusive:", "      - {when: x ==, next: end}"),
        [("expression_syntax", "a", 6, 20)],
    ),
    "a condition with braces that does not parse": (
        flow("  - id: a", "    exclusive:", '      - {when: "${x ==} and y", next: end}'),
        [("expression_syntax", "a", 6, 23)],
    ),
    "a condition with braces that mean themselves": (
        flow("  - id: a", "    exclusive:", "      - {when: '$${${x} == 1', next: end}"),
        [("expression_syntax", "a", 6, 16)],
    ),
    "a bad computed value": (
        flow(NODE_A) + "computed: {x: '${lambda: 1}'}\n",
        [("expression_syntax", None, 5, 18)],
    ),
    "a bad output": (
        flow(NODE_A) + "outputs:\n  x: ${open('x')}\n",
        [("expression_syntax", None, 6, 8)],
    ),
    "an unknown type": (
        flow(NODE_A) + "inputs: {x: text}\n",
        [("invalid_value", None, 5, 13)],
    ),
    "an unknown key of an input": (
        flow(NODE_A) + "inputs:\n  x: {typ: string}\n",
        [("unknown_key", None, 6, 7)],
    ),
    "a default of the wrong type": (
        flow(NODE_A) + "inputs:\n  x: {type: integer, default: many}\n",
        [("invalid_default", None, 6, 31)],
    ),
    "a default that is no choice": (
        flow(NODE_A) + "inputs:\n  x: {choices: [a, b], default: c}\n",
        [("invalid_default", None, 6, 33)],
    ),
    "a bad regular expression": (
        flow(NODE_A) + "inputs:\n  x: {pattern: '('}\n",
        [("invalid_value", None, 6, 16)],
    ),
    "a bad name of a variable": (
        flow(NODE_A) + "constants: {a-b: 1}\n",
        [("invalid_value", None, 5, 13)],
    ),
    "a keyword as a name": (
        flow(NODE_A) + "constants: {class: 1}\n",
        [("invalid_value", None, 5, 13)],
    ),
    "a reserved name": (
        flow(NODE_A) + "constants: {nodes: 1}\n",
        [("reserved_name", None, 5, 13)],
    ),
    "one name for two variables": (
        flow(NODE_A) + "inputs: {x: string}\nconstants: {x: 1}\n",
        [("duplicate_variable", None, 6, 13)],
    ),
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_a_mistake_is_told_with_its_code_node_and_place(name: str) -> None:
    text, expected = BAD_DOCUMENTS[name]

    assert problems(text) == expected


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = dedent(
        """\
        flowyard: 1
        key: k
        nodes:
          - id: a
            plugin: noop
            nmae: x
            next: b
          - id: a
            converge: true
        output: {}
        """
    )

    assert problems(text) == [
        ("invalid_value", "a", 5, 13),
        ("unknown_key", "a", 6, 5),
        ("unknown_target", "a", 7, 11),
        ("duplicate_node", "a", 8, 9),
        ("unknown_key", None, 10, 1),
    ]


def test_the_nearest_known_word_is_suggested() -> None:
    with pytest.raises(DocumentError, match="did you mean title"):
        read_document("flowyard: 1\nkey: k\ntittle: x\nnodes:\n" + NODE_A)


def test_problems_know_their_path() -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(flow("  - {id: a, parallel: [end, b]}"))

    assert caught.value.problems[0].path == ("nodes", 0, "parallel", 1)
