"""Random documents of the shapes that people write, with texts that YAML finds hard."""

from dataclasses import dataclass, field, replace
from itertools import count

from hypothesis import strategies as st

from flowyard.document import Branch, Document, DocumentNode
from flowyard.engine.graph import (
    Activity,
    Compensation,
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    InputSpec,
    JsonValue,
    MapSpec,
    NodeKind,
    NodeOptions,
    Option,
    RetryPolicy,
    Subflow,
    SubflowMode,
    VariableType,
)

TRICKY = (
    *("on", "yes", "null", "~", "true", "007", "1e5", "1.0", ".5", "0x1f", "2026-01-31", "12:30"),
    *("a: b", "a #b", "- a", "[a", "{a", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "?", ""),
    *(
        "two\nlines",
        "two\nlines\n",
        "two\nlines\n\n",
        "\n a\nb",
        "a \nb",
        "\ta\nb",
        "a\tb",
        "=",
        "<<",
    ),
    *(
        " a",
        "a ",
        "'",
        '"',
        "''",
        "\\n",
        "ü😀",
        "\u2028",
        "\x85",
        "\ufeff",
        "${x}",
        "$${x",
        "a${x}b",
    ),
)

TEXT = st.sampled_from(TRICKY) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0$"), max_size=20
)
VALUE: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT.filter(lambda key: not key.startswith("$")), inner, max_size=3)
    ),
    max_leaves=6,
)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,5}x", fullmatch=True)
VALUES = st.dictionaries(NAME.map(lambda name: f"v_{name}"), VALUE, max_size=3)
CONDITION = st.sampled_from(["true", "x == 1", "x['a: b'] > 2 and not y", "'#' in x"])
BOOLRULE = st.sampled_from(["1 == 1", "*", '"a: b" in ("a", "b") and 1 > 0', "'#' != \"${x}\""])
SECONDS = st.sampled_from([0.5, 1.0, 61.0, 3600.0])
SUBFLOW = (
    st.builds(
        Subflow,
        template=st.sampled_from(["other", "tools/other"]),
        schemes=st.lists(st.sampled_from(["quick", "1"]), max_size=2).map(tuple),
        inputs=VALUES,
    )
    | st.builds(
        Subflow,
        template=st.just("other"),
        version=st.integers(1, 99),
        mode=st.sampled_from(SubflowMode),
    )
    | st.just(Subflow(template="other", is_latest=True))
)
MAP = st.builds(
    MapSpec,
    items=st.lists(VALUE, max_size=3),
    concurrency=st.integers(1, 30),
    tolerated=st.integers(0, 3),
) | st.builds(MapSpec, items=st.just("${x}"), tolerated_percent=st.sampled_from([0.0, 20.0, 33.3]))
SOME_TEXT = TEXT.filter(lambda text: bool(text.strip()))
RETRY = st.builds(
    RetryPolicy,
    times=st.integers(1, 9),
    interval_seconds=st.sampled_from([0.0, 5.0, 7.5]),
    factor=st.sampled_from([2.0, 1.5]),
    limit_seconds=st.none() | st.just(60.0),
    jitter=st.sampled_from([0.0, 0.25, 1.0]),
    codes=st.sampled_from([(), ("timeout", "a_b")]),
)
DEADLINE = st.builds(Deadline, seconds=SECONDS) | st.builds(
    Deadline,
    seconds=SECONDS,
    action=st.just(DeadlineAction.NOTIFY),
    notice=st.builds(Activity, plugin=st.just("tell"), version=st.just("1"), inputs=VALUES),
)
COMPENSATION = st.builds(
    Compensation,
    activity=st.builds(Activity, plugin=st.just("undo"), version=st.just("1"), inputs=VALUES),
    covers_failed=st.booleans(),
) | st.builds(Compensation, subflow=st.builds(Subflow, template=st.just("undo"), inputs=VALUES))


def node_options(*, is_subflow: bool) -> st.SearchStrategy[NodeOptions]:
    """Draw options that go together."""
    never = st.none()
    deadline = DEADLINE if is_subflow else DEADLINE.filter(lambda one: one.seconds > 30)
    return st.builds(
        NodeOptions,
        is_optional=st.booleans(),
        is_retryable=st.booleans(),
        is_skippable=st.booleans(),
        retry=never | RETRY,
        deadline=never | deadline,
        run_when=never | CONDITION,
        run_as=never if is_subflow else never | SOME_TEXT,
        priority=never if is_subflow else never | st.integers(0, 9),
        concurrency=never | st.builds(ConcurrencyKey, limit=st.integers(1, 9), key=SOME_TEXT),
        compensation=never | COMPENSATION,
    )


@dataclass
class _Writer:
    """Nodes so far; a block is written knowing what follows it."""

    draw: st.DrawFn
    nodes: list[DocumentNode] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def add(self, kind: NodeKind, next_id: str | None = None) -> DocumentNode:
        """Reserve a place in the document for a node."""
        node = DocumentNode(
            node_id=f"{self.draw(st.sampled_from(['n', 'on-', '1-', '_']))}{next(self.numbers)}",
            kind=kind,
            name=self.draw(TEXT),
            next_id=next_id,
        )
        self.nodes.append(node)
        return node

    def put(self, node: DocumentNode) -> str:
        """Fill the place of a node, and return its id."""
        index = next(i for i, other in enumerate(self.nodes) if other.node_id == node.node_id)
        self.nodes[index] = node
        return node.node_id

    def sequence(self, depth: int, next_id: str) -> str:
        """Write blocks, and return where they begin."""
        for _ in range(self.draw(st.integers(1, 2))):
            next_id = self.block(depth, next_id)
        return next_id

    def block(self, depth: int, next_id: str) -> str:
        kinds = ["activity", "subflow", "map"]
        kind = self.draw(st.sampled_from(kinds if depth == 0 else [*kinds, "split", "choice"]))
        match kind:
            case "split":
                return self.split(depth, next_id)
            case "choice":
                return self.choice(depth, next_id)
            case "subflow":
                options = self.draw(node_options(is_subflow=True))
                node = replace(self.add(NodeKind.SUBFLOW, next_id), subflow=self.draw(SUBFLOW))
                return self.put(replace(node, options=options))
            case "map":
                spec = self.draw(MAP)
                node = self.add(NodeKind.MAP, next_id)
                return self.put(replace(node, map=spec, activity=Activity(plugin="x", version="1")))
            case _:
                return self.activity(next_id)

    def activity(self, next_id: str) -> str:
        activity = Activity(
            plugin="noop",
            version="1.0",
            inputs=self.draw(VALUES),
            queue=self.draw(st.sampled_from(["default", "slow"])),
            timeout_seconds=self.draw(st.sampled_from([60.0, 30.0, 0.5])),
            secret_outputs=frozenset(self.draw(st.lists(TEXT, max_size=1))),
        )
        exports = self.draw(st.dictionaries(NAME, TEXT, max_size=2))
        node = self.add(NodeKind.ACTIVITY, next_id)
        options = self.draw(node_options(is_subflow=False))
        return self.put(replace(node, activity=activity, exports=exports, options=options))

    def split(self, depth: int, next_id: str) -> str:
        kind = self.draw(st.sampled_from([NodeKind.PARALLEL, NodeKind.CONDITIONAL_PARALLEL]))
        node = self.add(kind)
        if self.draw(st.booleans()):
            next_id = self.put(self.add(NodeKind.CONVERGE, next_id))
        targets = [self.sequence(depth - 1, next_id) for _ in range(self.draw(st.integers(1, 2)))]
        targets.append(self.sequence(depth - 1, next_id) if self.draw(st.booleans()) else next_id)
        return self.put(replace(node, branches=self.branches(kind, targets)))

    def choice(self, depth: int, next_id: str) -> str:
        """Write a choice of which one way may lead back to where the block begins."""
        node = self.add(NodeKind.EXCLUSIVE)
        targets = [self.sequence(depth - 1, next_id), next_id]
        if self.draw(st.booleans()):
            targets.append(node.node_id)
        limit = self.draw(st.sampled_from([1000, 5]))
        branches = self.branches(node.kind, targets)
        is_first = self.draw(st.booleans())
        node = replace(node, branches=branches, loop_limit=limit, takes_first=is_first)
        return self.put(node)

    def branches(self, kind: NodeKind, targets: list[str]) -> tuple[Branch, ...]:
        is_conditional = kind is not NodeKind.PARALLEL
        default = self.draw(st.integers(0, len(targets) - 1)) if is_conditional else None
        return tuple(
            self.branch(target, is_default=index == default, is_conditional=is_conditional)
            for index, target in enumerate(targets)
        )

    def branch(self, target: str, *, is_default: bool, is_conditional: bool) -> Branch:
        is_spoken = self.draw(st.booleans())
        has_condition = is_conditional and not is_default
        return Branch(
            target=target,
            condition=self.draw(CONDITION) if has_condition and not is_spoken else None,
            boolrule=self.draw(BOOLRULE) if has_condition and is_spoken else None,
            is_default=is_default,
            name=self.draw(TEXT),
        )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a document; the node that it begins with comes first, the others in any order."""
    writer = _Writer(draw)
    first = writer.sequence(2, "end")
    nodes = draw(st.permutations(writer.nodes)) if draw(st.booleans()) else writer.nodes
    nodes = sorted(nodes, key=lambda node: node.node_id != first)
    drawn = ("start", *(node.node_id for node in nodes), "end")
    pixels = st.integers(-2000, 2000)
    return Document(
        key="key",
        title=draw(TEXT),
        description=draw(TEXT),
        inputs=tuple(
            draw(input_spec(name)) for name in draw(st.lists(NAME, max_size=2, unique=True))
        ),
        constants=draw(VALUES),
        outputs=draw(VALUES.map(lambda values: {f"out_{key}": values[key] for key in values})),
        nodes=tuple(nodes),
        layout={one: draw(st.tuples(pixels, pixels)) for one in drawn if draw(st.booleans())},
    )


def input_spec(name: str) -> st.SearchStrategy[InputSpec]:
    """Draw an input whose default, where it has one, fits."""
    texts = st.builds(
        InputSpec,
        name=st.just(name),
        is_required=st.booleans(),
        default=st.none() | TEXT,
        description=TEXT,
        pattern=st.none() | st.just("(?s).*"),
    )
    numbers = st.builds(
        InputSpec,
        name=st.just(name),
        type=st.just(VariableType.INTEGER),
        is_required=st.booleans(),
        default=st.none() | st.integers(0, 9),
        choices=st.sampled_from([(), tuple(range(10))]),
        minimum=st.none() | st.just(0),
        maximum=st.none() | st.just(9.5),
    )
    anything = st.builds(
        InputSpec, name=st.just(name), type=st.just(VariableType.JSON), default=VALUE
    )
    return texts | numbers | anything | formed_input(name, texts, numbers)


def formed_input(
    name: str, texts: st.SearchStrategy[InputSpec], numbers: st.SearchStrategy[InputSpec]
) -> st.SearchStrategy[InputSpec]:
    """Draw an input that says how a form asks for it."""
    shown = st.builds(
        InputSpec,
        name=st.just(name),
        label=TEXT,
        placeholder=TEXT,
        group=TEXT,
        pattern_message=TEXT,
        min_length=st.none() | st.just(0),
        max_length=st.none() | st.integers(1, 9),
    )
    chosen = st.builds(
        InputSpec,
        name=st.just(name),
        type=st.sampled_from([VariableType.SELECT, VariableType.MULTI_SELECT]),
        options=st.lists(
            st.builds(Option, value=TEXT | st.integers(0, 9) | st.booleans(), label=TEXT),
            min_size=1,
            max_size=3,
        ).map(tuple),
    )
    table = st.builds(
        InputSpec,
        name=st.just(name),
        type=st.just(VariableType.TABLE),
        columns=st.tuples(texts, numbers).map(
            lambda pair: (replace(pair[0], name="a"), replace(pair[1], name="b"))
        ),
        min_items=st.none() | st.just(0),
        max_items=st.none() | st.integers(1, 9),
    )
    fixed = st.builds(
        InputSpec,
        name=st.just(name),
        is_required=st.just(value=False),
        default=TEXT,
        is_shown=st.just(value=False),
    )
    return shown | chosen | table | fixed
