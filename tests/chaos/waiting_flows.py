"""Flows that wait, for a time, a person or each other, and those that people break off."""

import random

from tests.chaos.oracle import Drawn, Expectation, Kind, call, document

TIMERS = document(
    "timers",
    """\
nodes:
  - id: fan
    parallel: [short, late]
  - id: short
    plugin: sleep@1.0
    inputs: {seconds: "${seconds}"}
    next: join
  - id: late
    plugin: approval@1.0
    inputs: {message: Nobody answers}
    deadline: {after: 2s, action: skip}
    next: join
  - id: join
    converge: true
"""
    + call("after"),
    "  seconds: {type: number}\n",
)


def _timers(chance: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="timers",
        tag=tag,
        inputs={"seconds": round(chance.uniform(0.2, 6.0), 2)},
        expects=Expectation(
            nodes={"short": "succeeded", "late": "skipped", "after": "succeeded"},
            once=["after"],
            codes=frozenset({"deadline"}),
        ),
    )


CALLBACK = document(
    "callback",
    """\
nodes:
  - id: ask
    plugin: http_request@1.0
    inputs:
      method: POST
      url: "${witness}/calls-back"
      json: {tag: "${tag}", name: ask, after: "${after}"}
      callback: true
    retry: {times: 200, interval: 200ms, codes: [outcome_unknown]}
outputs: {tag: "${nodes.ask.body.tag}"}
""",
    "  after: {type: number}\n",
)


def _callback(chance: random.Random, tag: str) -> Drawn:
    after = chance.choice([0, 0, 0.01, 0.5, 3, 8])
    return Drawn(
        kind="callback",
        tag=tag,
        inputs={"after": after},
        expects=Expectation(outputs={"tag": tag}, nodes={"ask": "succeeded"}, once=["ask"]),
    )


APPROVAL = document(
    "approved",
    "nodes:\n"
    + call("before")
    + """\
  - id: ask
    plugin: approval@1.0
    inputs: {message: "${tag}", on_reject: continue}
"""
    + call("after")
    + 'outputs: {approved: "${nodes.ask.approved}", comment: "${nodes.ask.comment}"}\n',
)


def _approval(chance: random.Random, tag: str) -> Drawn:
    deed = chance.choice(["approve", "reject"])
    return Drawn(
        kind="approved",
        tag=tag,
        inputs={},
        deed=deed,
        deed_after=chance.uniform(0.0, 4.0),
        expects=Expectation(
            outputs={"approved": deed == "approve", "comment": tag},
            nodes=dict.fromkeys(["before", "ask", "after"], "succeeded"),
            once=["before", "after"],
        ),
    )


CHILD = document(
    "child",
    "nodes:\n"
    + call("work", said=', who: "${who}"')
    + 'outputs: {who: "${nodes.work.body.said.who}"}\n',
    "  who: {type: string}\n",
)

PARENT = document(
    "parent",
    """\
nodes:
  - id: fan
    parallel: [apart, inner]
  - id: apart
    subflow: child
    inputs: {witness: "${witness}", tag: "${tag}", who: apart}
    next: join
  - id: inner
    subflow: child
    mode: inline
    inputs: {witness: "${witness}", tag: "${tag}", who: inner}
    next: join
  - id: join
    converge: true
outputs: {apart: "${nodes.apart.who}", inner: "${nodes.inner.who}"}
""",
)


def _parent(_: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="parent",
        tag=tag,
        inputs={},
        expects=Expectation(
            outputs={"apart": "apart", "inner": "inner"},
            nodes={"apart": "succeeded", "inner": "succeeded", "inner.work": "succeeded"},
            once=["work"],
        ),
    )


PAUSED = document(
    "paused",
    """\
nodes:
  - id: one
    plugin: sleep@1.0
    inputs: {seconds: 1}
"""
    + call("two")
    + """\
  - id: three
    plugin: sleep@1.0
    inputs: {seconds: 1}
"""
    + call("four"),
)

FOUR = ["one", "two", "three", "four"]


def _paused(chance: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="paused",
        tag=tag,
        inputs={},
        deed="pause",
        deed_after=chance.uniform(0.0, 3.0),
        expects=Expectation(nodes=dict.fromkeys(FOUR, "succeeded"), once=["two", "four"]),
    )


CANCELLED = PAUSED.replace("key: paused", "key: cancelled")


def _cancelled(chance: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="cancelled",
        tag=tag,
        inputs={},
        deed="cancel",
        deed_after=chance.uniform(0.0, 3.0),
        expects=Expectation(statuses=frozenset({"succeeded", "cancelled"})),
    )


def _undoes(node_id: str) -> str:
    return call(
        node_id,
        more=f"""\
    rollback:
      plugin: http_request@1.0
      inputs:
        method: POST
        url: "${{witness}}/act"
        json: {{tag: "${{tag}}", name: undo-{node_id}}}
        idempotent: true
""",
    )


UNDONE = document(
    "undone",
    "on_failure: rollback\nnodes:\n"
    + _undoes("a")
    + _undoes("b")
    + "  - id: broken\n    plugin: fail@1.0\n",
)


def _undone(_: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="undone",
        tag=tag,
        inputs={},
        expects=Expectation(
            statuses=frozenset({"cancelled"}),
            nodes={
                "a": "succeeded",
                "b": "succeeded",
                "broken": "cancelled",
                "a:rollback": "succeeded",
                "b:rollback": "succeeded",
            },
            once=["a", "b"],
            often=["undo-a", "undo-b"],
            codes=frozenset({"failed_on_purpose"}),
            order=["a", "b", "undo-b", "undo-a"],
        ),
    )


KINDS = (
    Kind(key="timers", source=TIMERS, draw=_timers),
    Kind(key="callback", source=CALLBACK, draw=_callback),
    Kind(key="approved", source=APPROVAL, draw=_approval),
    Kind(key="parent", source=PARENT, draw=_parent),
    Kind(key="paused", source=PAUSED, draw=_paused),
    Kind(key="cancelled", source=CANCELLED, draw=_cancelled),
    Kind(key="undone", source=UNDONE, draw=_undone),
)
