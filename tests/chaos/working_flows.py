"""Flows that work: chains, loops, fan-outs, retries, polls, maps, a concurrency key."""

import random

from tests.chaos.oracle import LIMIT, RETRY, UNKNOWN, Drawn, Expectation, Kind, call, document

ITEMS = 12
"""Of a map, at most."""
CHAIN_IDS = [f"n{number}" for number in range(8)]

CHAIN = document(
    "chain",
    "nodes:\n"
    + "".join(
        f"  - id: {one}\n    plugin: noop@1.0\n    {RETRY}\n"
        if number % 2
        else f"  - id: {one}\n    plugin: noop_idempotent@1.0\n"
        for number, one in enumerate(CHAIN_IDS)
    )
    + """\
  - id: sum
    plugin: assign@1.0
    inputs: {values: {twice: "${count * 2}"}}
outputs: {twice: "${nodes.sum.twice}", tag: "${tag}"}
""",
    "  count: {type: integer}\n",
)


def _chain(chance: random.Random, tag: str) -> Drawn:
    count = chance.randrange(1000)
    return Drawn(
        kind="chain",
        tag=tag,
        inputs={"count": count},
        expects=Expectation(
            outputs={"twice": 2 * count, "tag": tag},
            nodes=dict.fromkeys([*CHAIN_IDS, "sum"], "succeeded"),
        ),
    )


LOOP = document(
    "loop",
    """\
nodes:
  - id: work
    plugin: noop@1.0
    export: {round: _loop}
    retry: {times: 200, interval: 200ms, codes: [outcome_unknown]}
  - id: again
    exclusive:
      - {when: "round < rounds", next: work}
      - {default: true, next: done}
  - id: done
    plugin: assign@1.0
    inputs: {values: {rounds: "${round}"}}
outputs: {rounds: "${nodes.done.rounds}"}
""",
    "  rounds: {type: integer}\n",
)


def _loop(chance: random.Random, tag: str) -> Drawn:
    rounds = chance.randrange(2, 6)
    return Drawn(
        kind="loop",
        tag=tag,
        inputs={"rounds": rounds},
        expects=Expectation(
            outputs={"rounds": rounds},
            nodes={"work": "succeeded", "done": "succeeded"},
            visits={"work": rounds, "again": rounds},
        ),
    )


BRANCHES = [f"b{number}" for number in range(5)]

FAN = document(
    "fan",
    "nodes:\n"
    + call("first")
    + "  - id: fan\n    parallel: ["
    + ", ".join(BRANCHES)
    + "]\n"
    + "".join(call(one, more="    next: join\n") for one in BRANCHES)
    + "  - id: join\n    converge: true\n"
    + call("last")
    + 'outputs: {said: "${nodes.last.body.said.tag}"}\n',
)


def _fan(_: random.Random, tag: str) -> Drawn:
    names = ["first", *BRANCHES, "last"]
    return Drawn(
        kind="fan",
        tag=tag,
        inputs={},
        expects=Expectation(
            outputs={"said": tag},
            nodes=dict.fromkeys(names, "succeeded"),
            once=names,
            order=["first", "b0", "last"],
        ),
    )


FLAKY = document(
    "flaky",
    "nodes:\n"
    + call("poke", "flaky", said=', fails: "${fails}"').replace(
        f"[{UNKNOWN}]", f"[{UNKNOWN}, http_status]"
    )
    + 'outputs: {tag: "${nodes.poke.body.said.tag}"}\n',
    "  fails: {type: integer}\n",
)


def _flaky(chance: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="flaky",
        tag=tag,
        inputs={"fails": chance.randrange(4)},
        expects=Expectation(
            outputs={"tag": tag},
            nodes={"poke": "succeeded"},
            once=["poke"],
            codes=frozenset({"http_status"}),
        ),
    )


POLLED = document(
    "polled",
    """\
nodes:
  - id: job
    plugin: http_request@1.0
    inputs:
      method: POST
      url: "${witness}/jobs"
      json: {tag: "${tag}", name: job}
      poll: {url: "${witness}/jobs/{/id}", interval: 0.4, until: {pointer: /done, equals: true}}
    retry: {times: 200, interval: 200ms, codes: [outcome_unknown]}
outputs: {tag: "${nodes.job.body.tag}"}
""",
)


def _polled(_: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="polled",
        tag=tag,
        inputs={},
        expects=Expectation(outputs={"tag": tag}, nodes={"job": "succeeded"}, once=["job"]),
    )


MAP = document(
    "mapped",
    """\
nodes:
  - id: each
    plugin: http_request@1.0
    map: {items: "${items}", concurrency: 4}
    inputs:
      method: POST
      url: "${witness}/act"
      json: {tag: "${tag}", name: each, item: "${item}"}
      idempotent: true
outputs: {items: "${[one.body.said.item for one in nodes.each.results]}"}
""",
    "  items: {type: list}\n",
)


def _mapped(chance: random.Random, tag: str) -> Drawn:
    items = [chance.randrange(1000) for _ in range(chance.randrange(1, ITEMS))]
    ids = ["each", *(f"each:{number}" for number in range(len(items)))]
    return Drawn(
        kind="mapped",
        tag=tag,
        inputs={"items": items},
        expects=Expectation(
            outputs={"items": items}, nodes=dict.fromkeys(ids, "succeeded"), often=["each"]
        ),
    )


KEYED = document(
    "keyed",
    "nodes:\n" + call("keyed", more=f"    concurrency: {{limit: {LIMIT}, key: chaos}}\n"),
)


def _keyed(_: random.Random, tag: str) -> Drawn:
    return Drawn(
        kind="keyed",
        tag=tag,
        inputs={},
        expects=Expectation(nodes={"keyed": "succeeded"}, once=["keyed"]),
    )


KINDS = (
    Kind(key="chain", source=CHAIN, draw=_chain),
    Kind(key="loop", source=LOOP, draw=_loop),
    Kind(key="fan", source=FAN, draw=_fan),
    Kind(key="flaky", source=FLAKY, draw=_flaky),
    Kind(key="polled", source=POLLED, draw=_polled),
    Kind(key="mapped", source=MAP, draw=_mapped),
    Kind(key="keyed", source=KEYED, draw=_keyed),
)
