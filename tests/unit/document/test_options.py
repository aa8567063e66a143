"""How nodes are run: options, maps, subflows and what else a definition says about them."""

import json

import pytest
from jsonschema import Draft202012Validator

from flowyard.document import (
    DOCUMENT_SCHEMA,
    read_document,
    to_yaml,
)
from flowyard.engine.graph import (
    Activity,
    Compensation,
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    MapSpec,
    NodeKind,
    NodeOptions,
    RetryPolicy,
    Subflow,
    SubflowMode,
)
from flowyard.storage.graph_codec import decode_graph, encode_graph
from tests.unit.document.option_mistakes import ALLOWED, BAD_OPTIONS, CONFLICTS
from tests.unit.document.optioned import codes, compiled, conforms, flow, problems

UNSEEN_BY_THE_SCHEMA = {
    "a run condition that does not parse",
    "an actor that does not parse",
    "a boolrule that does not parse",
    "an expression in a boolrule that does not parse",
    "something to render that is not given",
}


def test_every_option_reaches_the_graph() -> None:
    node = compiled(
        """
        plugin: noop@1.0, optional: true, retryable: false, skippable: false,
        retry: {times: 3, interval: 10, factor: 2, limit: 5m, jitter: 0.2, codes: [timeout]},
        deadline: {after: 10m, action: notify, notify: {plugin: call@1.0, inputs: {must_url: x}}},
        run_when: "${loop < 3}", run_as: "${instance.actor}", priority: 7,
        concurrency: {limit: 2, key: "db-${loop}"},
        rollback: {plugin: noop@2.0, queue: slow, timeout: 5, covers_failed: true}
        """.replace("\n", " ")
    ).nodes["a"]

    assert node.options == NodeOptions(
        is_optional=True,
        is_retryable=False,
        is_skippable=False,
        retry=RetryPolicy(
            times=3,
            interval_seconds=10,
            factor=2,
            limit_seconds=300,
            jitter=0.2,
            codes=("timeout",),
        ),
        deadline=Deadline(
            seconds=600,
            action=DeadlineAction.NOTIFY,
            notice=Activity(plugin="call", version="1.0", inputs={"must_url": "x"}),
        ),
        run_when="loop < 3",
        run_as="${instance.actor}",
        priority=7,
        concurrency=ConcurrencyKey(limit=2, key="db-${loop}"),
        compensation=Compensation(
            activity=Activity(plugin="noop", version="2.0", queue="slow", timeout_seconds=5),
            covers_failed=True,
        ),
    )


def test_short_forms_take_the_defaults() -> None:
    options = compiled("plugin: noop@1.0, retry: 3, deadline: 10m").nodes["a"].options

    assert options.retry == RetryPolicy(times=3, interval_seconds=5)
    assert options.deadline == Deadline(seconds=600)


@pytest.mark.parametrize(
    ("written", "subflow"),
    [
        ("subflow: other", Subflow(template="other")),
        ("subflow: other@3", Subflow(template="other", version=3)),
        ("subflow: other@latest", Subflow(template="other", is_latest=True)),
        ("subflow: tools/other@3", Subflow(template="tools/other", version=3)),
        (
            "subflow: other, mode: inline, schemes: [b, a]",
            Subflow(template="other", mode=SubflowMode.INLINE, schemes=("b", "a")),
        ),
    ],
)
def test_a_subflow_says_which_version_runs_where(written: str, subflow: Subflow) -> None:
    assert compiled(written).nodes["a"].subflow == subflow


def test_a_map_runs_a_plugin_or_a_subflow_per_item() -> None:
    head = "inputs: {hosts: list}\n"
    items = 'map: {items: "${hosts}", concurrency: 5, tolerate: 20%}'

    of_plugin = compiled(
        f"call: x, {items}".replace("call: x", 'plugin: call@1.0, inputs: {must_url: "${item}"}'),
        head=head,
    ).nodes["a"]
    of_subflow = compiled(f'subflow: other, inputs: {{n: "${{index}}"}}, {items}', head=head).nodes[
        "a"
    ]

    assert (of_plugin.kind, of_subflow.kind) == (NodeKind.MAP, NodeKind.MAP)
    assert of_plugin.map == MapSpec(items="${hosts}", concurrency=5, tolerated_percent=20)
    assert of_plugin.activity is not None
    assert of_subflow.subflow == Subflow(template="other", inputs={"n": "${index}"})


def test_the_item_is_known_in_the_body_of_a_map_only() -> None:
    outside = codes(flow('plugin: call@1.0, inputs: {must_url: "${item}"}'))
    over = codes(flow('plugin: noop@1.0, map: {items: "${item}"}'))
    condition = codes(flow('plugin: noop@1.0, map: {items: [1]}, run_when: "index < 3"'))

    assert outside == [("unknown_name", "inputs.must_url")]
    assert over == [("unknown_name", "map.items")]
    assert condition == [("unknown_name", "run_when")]


@pytest.mark.parametrize("name", ["item", "index", "results"])
def test_names_of_maps_are_reserved(name: str) -> None:
    (problem,) = problems(flow("plugin: noop@1.0", head=f"constants: {{{name}: 1}}\n"))

    assert problem.code == "reserved_name"


@pytest.mark.parametrize(
    ("option", "path"),
    [
        ('run_when: "nowhere == 1"', "run_when"),
        ('run_as: "${nowhere}"', "run_as"),
        ('concurrency: {limit: 1, key: "${nowhere}"}', "concurrency.key"),
        (
            'rollback: {plugin: call@1.0, inputs: {must_url: "${nowhere}"}}',
            "rollback.inputs.must_url",
        ),
        ('rollback: {subflow: other, inputs: {x: "${nowhere}"}}', "rollback.inputs.x"),
        (
            (
                "deadline: {after: 1, action: notify, notify: {plugin: call@1.0,"
                ' inputs: {must_url: "${nowhere}"}}}'
            ),
            "deadline.notify.inputs.must_url",
        ),
    ],
)
def test_names_in_options_are_checked(option: str, path: str) -> None:
    assert codes(flow(f"plugin: noop@1.0, {option}")) == [("unknown_name", path)]


def test_names_in_a_boolrule_are_checked() -> None:
    text = flow('exclusive: [{boolrule: "${nowhere} == 1", next: end}]')

    assert codes(text) == [("unknown_name", "exclusive.0.boolrule")]


def test_plugins_in_options_are_checked() -> None:
    notice = "deadline: {after: 1, action: notify, notify: {plugin: call@1.0}}"
    rollback = "rollback: {plugin: nothing@1.0}"

    assert codes(flow(f"plugin: noop@1.0, {notice}")) == [("missing_input", "deadline.notify")]
    assert codes(flow(f"plugin: noop@1.0, {rollback}")) == [("unknown_plugin", "rollback.plugin")]


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_a_bad_option_is_told_with_its_place(name: str) -> None:
    text, expected = BAD_OPTIONS[name]

    assert codes(flow(text)) == expected
    assert {problem.line for problem in problems(flow(text))} == {4}
    assert conforms(flow(text)) == (name in UNSEEN_BY_THE_SCHEMA)


@pytest.mark.parametrize("name", CONFLICTS)
def test_options_that_make_no_sense_together_are_refused_at_the_node(name: str) -> None:
    text, path = CONFLICTS[name]
    (problem,) = problems(flow(text))

    assert (problem.code, problem.node_id) == ("conflicting_options", "a")
    assert problem.path == ("nodes", 0, path)
    assert problem.line == 4
    assert ", but" in problem.message


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_merely_unusual_is_let_through(text: str) -> None:
    document = read_document(flow(text))

    assert conforms(flow(text))
    assert read_document(to_yaml(document.canonical())) == document
    assert read_document(json.dumps(document.canonical())) == document
    assert Draft202012Validator(DOCUMENT_SCHEMA).is_valid(document.canonical())
    assert decode_graph(encode_graph(compiled(text))) == compiled(text)


def test_what_has_its_default_is_not_written() -> None:
    document = read_document(
        flow(
            "plugin: noop@1.0, optional: false, retryable: true, ignore_failure: false,"
            " retry: {times: 2, interval: 5s, factor: 1, jitter: 0},"
            " deadline: {after: 60, action: fail}"
        )
    )

    assert document.canonical()["nodes"] == [
        {"id": "a", "plugin": "noop@1.0", "retry": 2, "deadline": 60}
    ]


def test_branches_may_speak_the_language_of_bk_sops() -> None:
    graph = compiled(
        'exclusive: [{boolrule: "${loop} > 1", next: end}, {default: true, next: end}],'
        " first_match: true"
    )

    edges = graph.outgoing["a"]
    assert [(edge.boolrule, edge.condition) for edge in edges] == [
        ("${loop} > 1", None),
        (None, None),
    ]
    assert graph.nodes["a"].takes_first


def test_automatic_outputs_can_be_exported() -> None:
    graph = compiled("plugin: noop@1.0, export: {ok: _result, round: _loop}")

    assert graph.nodes["a"].exports == {"ok": "_result", "round": "_loop"}
