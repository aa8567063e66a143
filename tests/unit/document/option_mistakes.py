"""Options that are wrong, each with what has to be told about it."""

BAD_OPTIONS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "retry without times": ("plugin: noop@1.0, retry: {interval: 1}", [("missing_key", "retry")]),
    "no retries": ("plugin: noop@1.0, retry: 0", [("invalid_value", "retry")]),
    "no times": ("plugin: noop@1.0, retry: {times: 0}", [("invalid_value", "retry.times")]),
    "too many retries": ("plugin: noop@1.0, retry: 1001", [("invalid_value", "retry")]),
    "a negative pause": (
        "plugin: noop@1.0, retry: {times: 1, interval: -1}",
        [("invalid_value", "retry.interval")],
    ),
    "a pause of days": (
        "plugin: noop@1.0, retry: {times: 1, interval: 90000}",
        [("invalid_value", "retry.interval")],
    ),
    "a factor that shrinks": (
        "plugin: noop@1.0, retry: {times: 1, factor: 0.5}",
        [("invalid_value", "retry.factor")],
    ),
    "jitter of more than all": (
        "plugin: noop@1.0, retry: {times: 1, jitter: 1.5}",
        [("invalid_value", "retry.jitter")],
    ),
    "codes that are none": (
        "plugin: noop@1.0, retry: {times: 1, codes: [Not a code, 5]}",
        [("invalid_value", "retry.codes.0"), ("wrong_type", "retry.codes.1")],
    ),
    "no codes": (
        "plugin: noop@1.0, retry: {times: 1, codes: []}",
        [("invalid_value", "retry.codes")],
    ),
    "a retry that is text": ("plugin: noop@1.0, retry: often", [("wrong_type", "retry")]),
    "a deadline of nothing": ("plugin: noop@1.0, deadline: 0", [("invalid_value", "deadline")]),
    "a deadline without an end": (
        "plugin: noop@1.0, deadline: {action: skip}",
        [("missing_key", "deadline")],
    ),
    "an unknown action": (
        "plugin: noop@1.0, deadline: {after: 1m, action: stop}",
        [("invalid_value", "deadline.action")],
    ),
    "nobody to notify": (
        "plugin: noop@1.0, deadline: {after: 1m, action: notify}",
        [("missing_key", "deadline")],
    ),
    "a notice that is never sent": (
        "plugin: noop@1.0, deadline: {after: 1m, notify: {plugin: noop@1.0}}",
        [("conflicting_options", "deadline.notify")],
    ),
    "a notice without a plugin": (
        "plugin: noop@1.0, deadline: {after: 1m, action: notify, notify: {}}",
        [("missing_key", "deadline.notify")],
    ),
    "a run condition that does not parse": (
        'plugin: noop@1.0, run_when: "1 +"',
        [("expression_syntax", "run_when")],
    ),
    "nobody to act as": ('plugin: noop@1.0, run_as: " "', [("invalid_value", "run_as")]),
    "an actor that does not parse": (
        'plugin: noop@1.0, run_as: "${1 +}"',
        [("expression_syntax", "run_as")],
    ),
    "too high a priority": ("plugin: noop@1.0, priority: 10", [("invalid_value", "priority")]),
    "a negative priority": ("plugin: noop@1.0, priority: -1", [("invalid_value", "priority")]),
    "a concurrency key without a limit": (
        "plugin: noop@1.0, concurrency: {key: a}",
        [("missing_key", "concurrency")],
    ),
    "a concurrency of nothing": (
        "plugin: noop@1.0, concurrency: {key: a, limit: 0}",
        [("invalid_value", "concurrency.limit")],
    ),
    "an empty concurrency key": (
        'plugin: noop@1.0, concurrency: {key: "", limit: 1}',
        [("invalid_value", "concurrency.key")],
    ),
    "a rollback that does nothing": (
        "plugin: noop@1.0, rollback: {inputs: {}}",
        [("node_kind", "rollback")],
    ),
    "a rollback by two": (
        "plugin: noop@1.0, rollback: {plugin: noop@1.0, subflow: other}",
        [("node_kind", "rollback")],
    ),
    "a rollback with the keys of another": (
        "plugin: noop@1.0, rollback: {subflow: other, timeout: 5}",
        [("unknown_key", "rollback.timeout")],
    ),
    "a rollback inline": (
        "plugin: noop@1.0, rollback: {subflow: other, mode: inline}",
        [("unknown_key", "rollback.mode")],
    ),
    "a flag that is text": ('plugin: noop@1.0, optional: "yes"', [("wrong_type", "optional")]),
    "an unknown mode": ("subflow: other, mode: outside", [("invalid_value", "mode")]),
    "a bad scheme": ("subflow: other, schemes: [a b]", [("invalid_value", "schemes.0")]),
    "a map without items": ("plugin: noop@1.0, map: {}", [("missing_key", "map")]),
    "a map over text": (
        "plugin: noop@1.0, map: {items: hosts}",
        [("invalid_value", "map.items")],
    ),
    "a map over a mapping": ("plugin: noop@1.0, map: {items: {}}", [("wrong_type", "map.items")]),
    "a map at no pace": (
        "plugin: noop@1.0, map: {items: [], concurrency: 0}",
        [("invalid_value", "map.concurrency")],
    ),
    "tolerance of more than all": (
        'plugin: noop@1.0, map: {items: [], tolerate: "101%"}',
        [("invalid_value", "map.tolerate")],
    ),
    "tolerance without a unit": (
        'plugin: noop@1.0, map: {items: [], tolerate: "20"}',
        [("invalid_value", "map.tolerate")],
    ),
    "negative tolerance": (
        "plugin: noop@1.0, map: {items: [], tolerate: -1}",
        [("invalid_value", "map.tolerate")],
    ),
    "an option of a gateway": (
        "exclusive: [{default: true, next: end}], retry: 1",
        [("unknown_key", "retry")],
    ),
    "a map of a gateway": ("parallel: [end], map: {items: []}", [("unknown_key", "map")]),
    "the first match of a parallel gateway": (
        "parallel: [end], first_match: true",
        [("unknown_key", "first_match")],
    ),
    "two conditions of one branch": (
        'exclusive: [{when: "1", boolrule: "1 == 1", next: end}]',
        [("unexpected_condition", "exclusive.0")],
    ),
    "a boolrule that does not parse": (
        'exclusive: [{boolrule: "1 =", next: end}]',
        [("boolrule_syntax", "exclusive.0.boolrule")],
    ),
    "an expression in a boolrule that does not parse": (
        'exclusive: [{boolrule: "${1 +} == 1", next: end}]',
        [("expression_syntax", "exclusive.0.boolrule")],
    ),
    "a boolrule of a default branch": (
        'exclusive: [{default: true, boolrule: "1 == 1", next: end}]',
        [("unexpected_condition", "exclusive.0")],
    ),
    "something to render that is not given": (
        "plugin: noop@1.0, render: [script]",
        [("unknown_input", "render.0")],
    ),
}
"""What a node says, and the codes and paths of what is wrong with it."""

CONFLICTS: dict[str, tuple[str, str]] = {
    "`retryable: false` with `ignore_failure`": (
        "plugin: noop@1.0, ignore_failure: true, retryable: false",
        "retryable",
    ),
    "`skippable: false` with `ignore_failure`": (
        "plugin: noop@1.0, ignore_failure: true, skippable: false",
        "skippable",
    ),
    "`deadline` with action `skip` and `ignore_failure`": (
        "plugin: noop@1.0, ignore_failure: true, deadline: {after: 1m, action: skip}",
        "deadline",
    ),
    "`deadline` with action `skip` and `skippable: false`": (
        "plugin: noop@1.0, skippable: false, deadline: {after: 1m, action: skip}",
        "deadline",
    ),
    "`timeout` no shorter than a `deadline` that ends the attempt": (
        "plugin: noop@1.0, timeout: 5m, deadline: 1m",
        "timeout",
    ),
    "`retry` of the code `deadline` without a `deadline` that fails": (
        "plugin: noop@1.0, retry: {times: 1, codes: [deadline]}",
        "retry",
    ),
    "`limit` of a `retry` without a `factor`": (
        "plugin: noop@1.0, retry: {times: 2, limit: 1m}",
        "retry",
    ),
    "`limit` of a `retry` below its `interval`": (
        "plugin: noop@1.0, retry: {times: 2, interval: 2m, limit: 1m, factor: 2}",
        "retry",
    ),
    "`deadline` with action `notify` of a `map`": (
        (
            "plugin: noop@1.0, map: {items: []},"
            " deadline: {after: 1m, action: notify, notify: {plugin: noop@1.0}}"
        ),
        "deadline",
    ),
    "`mode: inline` of a `map`": ("subflow: other, map: {items: []}, mode: inline", "mode"),
    "`mode: inline` with `@latest`": ("subflow: other@latest, mode: inline", "mode"),
    "`run_as` of a `subflow`": ("subflow: other, run_as: somebody", "run_as"),
    "`priority` of a `subflow`": ("subflow: other, priority: 3", "priority"),
}
"""By their words in docs/definition.md: options that make no sense together, and where that is."""

ALLOWED = (
    "plugin: noop@1.0, ignore_failure: true, retry: 2, deadline: 1m",
    "plugin: noop@1.0, retryable: false, retry: 2",
    "plugin: noop@1.0, retry: {times: 2, codes: [deadline]}, deadline: 1m",
    (
        "plugin: noop@1.0, timeout: 5m,"
        " deadline: {after: 1m, action: notify, notify: {plugin: noop@1.0}}"
    ),
    "plugin: noop@1.0, deadline: 30",
    "plugin: noop@1.0, optional: true, run_when: loop < 3",
    "plugin: noop@1.0, map: {items: [1]}, ignore_failure: true, optional: true, retry: 1",
    "plugin: noop@1.0, map: {items: [1]}, concurrency: {limit: 1, key: '${item}'}, deadline: 1m",
    "subflow: other@latest, map: {items: [1]}, schemes: [quick]",
    "subflow: other@3, mode: inline, deadline: 1h, ignore_failure: true",
    "subflow: p/other@3, mode: inline, schemes: [quick]",
    "plugin: noop@1.0, rollback: {subflow: other@latest, covers_failed: true, inputs: {a: 1}}",
)
"""What is unusual, but has a meaning."""
