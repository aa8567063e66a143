"""Names of ours for what is called otherwise in the file: the same for every format of a flow."""

import keyword
import re
from collections.abc import Collection, Iterable, Mapping

from flowyard.document.patterns import NODE_ID, TEMPLATE_KEY, VARIABLE_NAME
from flowyard.document.reader import RESERVED_NAMES
from flowyard.interchange.flow import Flow, FlowNode, FlowNodeKind

_MADE_BY_MACHINES = re.compile(
    r"(?:node|line|n|l|template)?[0-9a-f]{28,34}|template\d*|t\d+_node\d+|t\d+_\d+", re.IGNORECASE
)
_FOREIGN = re.compile(r"[^A-Za-z0-9]+")
_MOST = 80
_WORDS: Mapping[FlowNodeKind, str] = {
    FlowNodeKind.EXCLUSIVE: "choice",
    FlowNodeKind.PARALLEL: "parallel",
    FlowNodeKind.CONDITIONAL_PARALLEL: "conditional",
    FlowNodeKind.CONVERGE: "converge",
    FlowNodeKind.SUBPROCESS: "subflow",
}


def is_made_by_machine(identifier: str) -> bool:
    """Tell whether an id says nothing to people, so that a readable one may take its place."""
    return _MADE_BY_MACHINES.fullmatch(identifier) is not None


def node_ids(flow: Flow, running_ends: Collection[str] = ()) -> dict[str, str]:
    """Return our ids of a flow's nodes; start and end are implied and keep those names.

    Parameters
    ----------
    running_ends
        Ends for which an activity stands, as they run something.
    """
    found: dict[str, str] = {}
    taken = {"start", "end"}
    for node in flow.nodes.values():
        if node.kind is FlowNodeKind.START:
            found[node.node_id] = "start"
        elif node.kind is FlowNodeKind.END and node.node_id not in running_ends:
            found[node.node_id] = "end"
        else:
            found[node.node_id] = _free(_node_word(node), taken, NODE_ID)
    return found


def _node_word(node: FlowNode) -> str:
    if not is_made_by_machine(node.node_id):
        return node.node_id
    word = _WORDS.get(node.kind) or node.component or "activity"
    return f"{_slug(word) or 'activity'}-1"


def template_keys(flows: Iterable[Flow], prefix: str = "") -> dict[str, str]:
    """Return the keys of templates, by the ids of their flows, each with a prefix."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for flow in flows:
        word = flow.flow_id if not is_made_by_machine(flow.flow_id) else flow.name
        found[flow.flow_id] = _free(prefix + (_slug(word) or "template-1"), taken, TEMPLATE_KEY)
    return found


def variable_names(names: Iterable[str]) -> dict[str, str]:
    """Return names that our expressions can read, by the names in the file."""
    listed = list(names)
    taken = {name for name in listed if _is_usable(name)}
    found = {name: name for name in taken}
    for name in listed:
        if name not in found:
            word = re.sub(r"[^A-Za-z0-9_]", "_", name).lstrip("_0123456789")[:_MOST] or "variable"
            found[name] = _free_variable(word, taken)
    return found


def _is_usable(name: str) -> bool:
    is_word = VARIABLE_NAME.fullmatch(name) is not None and not keyword.iskeyword(name)
    # A variable named project would hide the variables of the project.
    return is_word and name not in RESERVED_NAMES and name != "project"


def _free_variable(word: str, taken: set[str]) -> str:
    number, candidate = 1, word
    while candidate in taken or not _is_usable(candidate):
        number += 1
        candidate = f"{word}_{number}"
    taken.add(candidate)
    return candidate


def _slug(text: str) -> str:
    return _FOREIGN.sub("-", text).strip("-").lower()[:_MOST]


def _free(word: str, taken: set[str], pattern: re.Pattern[str]) -> str:
    """Return a word that is allowed and free, counting up its number."""
    if not pattern.fullmatch(word):
        word = _slug(word) or "activity-1"
    stem, _, number = word.rpartition("-")
    if not (stem and number.isdecimal() and len(number) < len(str(_MOST**2))):
        stem, number = word, "1"
    candidate = word
    while candidate in taken:
        number = str(int(number) + 1)
        candidate = f"{stem}-{number}"
    taken.add(candidate)
    return candidate
