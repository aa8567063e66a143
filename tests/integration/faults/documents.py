"""Documents that cannot be published, each with what has to be told about it."""

from textwrap import dedent

HEAD = "flowyard: 1\nkey: bad\ntitle: A bad one\nnodes:\n"

Told = tuple[str, str | None, int, int]
"""Code, node, line and column."""


def nodes(text: str) -> str:
    """Return a document; the first line of its nodes is line 5."""
    return HEAD + dedent(text).lstrip("\n")


BAD_DOCUMENTS: dict[str, tuple[str, list[Told]]] = {
    "invalid YAML": (
        "flowyard: 1\nkey: [bad\nnodes: []\n",
        [("invalid_yaml", None, 3, 6)],
    ),
    "invalid JSON": (
        '{\n  "flowyard": 1,\n  "key": "bad",,\n  "nodes": []\n}\n',
        [("invalid_yaml", None, 3, 16)],
    ),
    "an unknown key of the document": (
        "flowyard: 1\nkey: bad\ntittle: A bad one\nnodes:\n- {id: a, plugin: noop@1.0}\n",
        [("unknown_key", None, 3, 1)],
    ),
    "an unknown key of a node": (
        nodes("- {id: a, plugin: noop@1.0, nxt: end}"),
        [("unknown_key", "a", 5, 29)],
    ),
    "a cycle outside of an exclusive gateway": (
        nodes(
            """
            - {id: a, plugin: noop@1.0}
            - {id: b, plugin: noop@1.0, next: a}
            """
        ),
        [("cycle_outside_exclusive", "b", 6, 3)],
    ),
    "an unbalanced parallel": (
        nodes(
            """
            - {id: fan, parallel: [a, b]}
            - {id: a, plugin: noop@1.0}
            - {id: join, converge: true, next: end}
            - {id: b, plugin: noop@1.0, next: end}
            """
        ),
        [("unbalanced_parallel", "fan", 5, 3)],
    ),
    "an unreachable node": (
        nodes(
            """
            - {id: a, plugin: noop@1.0, next: end}
            - {id: b, plugin: noop@1.0}
            """
        ),
        [("unreachable_node", "b", 6, 3)],
    ),
    "a node that leads nowhere": (
        nodes("- {id: a, plugin: noop@1.0, next: b}"),
        [("unknown_target", "a", 5, 35)],
    ),
    "a split that leads nowhere": (
        nodes("- {id: a, parallel: []}"),
        [("missing_key", "a", 5, 21)],
    ),
    "a jump into a parallel branch": (
        nodes(
            """
            - {id: fan, parallel: [a, choose]}
            - {id: a, plugin: noop@1.0, next: after}
            - id: choose
              exclusive: [{when: "true", next: after}, {default: true, next: a}]
            - {id: after, plugin: noop@1.0}
            """
        ),
        [("jump_into_branch", "a", 6, 3)],
    ),
    "a jump out of a parallel branch": (
        nodes(
            """
            - {id: fan, parallel: [a, choose]}
            - {id: a, plugin: noop@1.0, next: join}
            - id: choose
              exclusive: [{when: "true", next: join}, {default: true, next: end}]
            - {id: join, converge: true}
            """
        ),
        [("jump_out_of_branch", "choose", 7, 3)],
    ),
    "an unknown plugin": (
        nodes("- {id: a, plugin: noob@1.0}"),
        [("unknown_plugin", "a", 5, 19)],
    ),
    "an unknown version of a plugin": (
        nodes("- {id: a, plugin: noop@9.9}"),
        [("unknown_plugin_version", "a", 5, 19)],
    ),
    "a missing input of a plugin": (
        nodes("- {id: a, plugin: http_request@1.0}"),
        [("missing_input", "a", 5, 3)],
    ),
    "an input of a plugin of the wrong type": (
        nodes("- {id: a, plugin: probe@1.0, inputs: {text: x, hold: [1]}}"),
        [("invalid_input", "a", 5, 54)],
    ),
    "an expression that does not parse": (
        nodes(
            """
            - id: a
              plugin: probe@1.0
              inputs:
                text: "a ${1 +} b"
            """
        ),
        [("expression_syntax", "a", 8, 19)],
    ),
    "a condition that does not parse": (
        nodes(
            """
            - id: a
              exclusive:
                - {when: "${x ==}", next: end}
                - {default: true, next: end}
            """
        ),
        [("expression_syntax", "a", 7, 21)],
    ),
}
