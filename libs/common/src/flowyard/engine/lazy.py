"""Lazy variables: rendered at each use, from what is known then.

Theory of operation: the names that a definition reads stand in its text, so
what a lazy variable needs is known before it is rendered. The one that is asked
for and all that it needs are rendered in the order of their dependence, each
once per scope, without recursion; what fails is kept as its error, which comes
up only where its value is really used.
"""

from collections.abc import Iterable, Iterator, Mapping

from flowyard.engine.expressions import ExpressionError, names_in, render
from flowyard.engine.expressions.errors import sorted_names
from flowyard.engine.work import JsonValue


class LazyValues:
    """The lazy variables of one scope; each is rendered when it is first asked for.

    Parameters
    ----------
    definitions
        By name, with expressions.
    names
        What the expressions may read, lazy variables included.
    """

    __slots__ = ("_definitions", "_found", "_names")

    def __init__(self, definitions: Mapping[str, JsonValue], names: Mapping[str, object]) -> None:
        self._definitions = definitions
        self._names = names
        self._found: dict[str, JsonValue | ExpressionError] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    def get(self, name: str) -> JsonValue:
        """Return the value of a lazy variable.

        Raises
        ------
        ExpressionError
            Raised if it cannot be rendered, or needs itself.
        """
        if name not in self._found:
            self._settle(name)
        found = self._found[name]
        if isinstance(found, ExpressionError):
            raise found
        return found

    def _settle(self, wanted: str) -> None:
        """Render a variable after all that it needs and that is not known yet."""
        pending = [(wanted, iter(self._needs(wanted)))]
        chain = {wanted: None}
        while pending:
            name, needs = pending[-1]
            below = next((one for one in needs if one not in self._found), None)
            if below is None:
                pending.pop()
                del chain[name]
                if name not in self._found:
                    self._found[name] = self._rendered(name)
            elif below in chain:
                circle = list(chain)
                circle = circle[circle.index(below) :]
                for one in circle:
                    self._found[one] = self._circle((*circle, below))
            else:
                pending.append((below, iter(self._needs(below))))
                chain[below] = None

    def _needs(self, name: str) -> Iterable[str]:
        return sorted(names_in(self._definitions[name]) & self._definitions.keys())

    def _rendered(self, name: str) -> JsonValue | ExpressionError:
        try:
            return render(self._definitions[name], self._names)
        except ExpressionError as error:
            return ExpressionError(
                expression=error.expression,
                position=error.position,
                reason=f"{error.reason} (in lazy variable {name})",
                known_names=error.known_names,
            )

    def _circle(self, names: tuple[str, ...]) -> ExpressionError:
        return ExpressionError(
            expression=names[0],
            position=0,
            reason="Expected lazy variables that do not need themselves,"
            f" but {' needs '.join(names)}",
            known_names=sorted_names(self._names),
        )


def needed_by(names: Iterable[str], definitions: Mapping[str, JsonValue]) -> frozenset[str]:
    """Return names together with all that lazy variables among them read, however indirectly."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            if name in definitions:
                pending.extend(names_in(definitions[name]))
    return frozenset(found)
