"""Documents that are wrong, each with what has to be told about it."""

from tests.unit.document.documents import NODE_A, flow

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
        flow("  - {id: a, subflow: other@newest}"),
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
        flow(NODE_A) + "inputs: {x: words}\n",
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
