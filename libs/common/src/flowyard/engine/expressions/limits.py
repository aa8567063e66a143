"""How much one expression may ask for; counted, never timed.

Sources of the numbers: docs/decisions/0002-expressions.md.
"""

MAX_SOURCE_CHARS = 8192
"""Longest text of one expression."""

MAX_TOKENS = 2000
"""Most words, numbers, strings and signs of one expression; bounds the parser's own recursion."""

MAX_BRACKETS = 50
"""Deepest nesting of brackets, checked before Python's parser sees the text."""

MAX_DEPTH = 100
"""Deepest nesting of operations of an expression, and of the data that it reads or yields."""

MAX_STEPS = 10_000
"""Steps of one evaluation: one per operation, and more for one on long texts or lists."""

MAX_RENDER_STEPS = 50_000
"""Steps of all expressions of one rendered value together."""

MAX_DECISION_STEPS = 500_000
"""Steps of all expressions of one decision together: of a long row of gateways, say."""

MAX_RESULT_BYTES = 256 * 1024
"""Largest result of all expressions of one rendered value, estimated as JSON.

The same as the bound of a node's inputs and outputs.
"""

MAX_ITEMS = 10_000
"""Longest list that an expression may build."""

MAX_INTEGER_BITS = 4096
"""Widest integer on the way; far below where Python refuses to write one as decimal text."""

MIN_RESULT_INTEGER = -(2**63)
"""Smallest integer that may leave an expression: JSON writers and columns hold 64 bits."""

MAX_RESULT_INTEGER = 2**64 - 1
"""Largest integer that may leave an expression."""

CHARS_PER_STEP = 512
"""Characters that one step may copy or look through."""

ITEMS_PER_STEP = 16
"""List items or fields that one step may copy or look through."""

COMPARISONS_PER_STEP = 50_000
"""Characters of a text times characters looked for, per step: the worst case of a search."""
