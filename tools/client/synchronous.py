"""Makes the client that blocks out of the client that awaits."""

import re

_WORDS = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncClient": "Client",
    "AsyncConnection": "Connection",
    "AsyncFlowyard": "Flowyard",
    "AsyncGenerator": "Generator",
    "AsyncIterator": "Iterator",
    "AsyncPages": "Pages",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "aclose": "close",
    "aclosing": "closing",
    "aiter_lines": "iter_lines",
    "aread": "read",
    "asynccontextmanager": "contextmanager",
    "awaiting": "blocking",
}
"""What a word becomes; the standard library and httpx name both forms."""

_PHRASES = (
    (re.compile(r"\bAsyncGenerator\[([\w\[\]]+), None\]"), r"Generator[\1, None, None]"),
    (re.compile(r"\bawait "), ""),
    (re.compile(r"\basync (?=def|for|with)"), ""),
    (re.compile(r"\bflowyard\.client\.aio\b"), "flowyard.client.sync"),
)
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b")


def synchronous(text: str) -> str:
    """Return the text of a module that does the same and blocks meanwhile."""
    for phrase, instead in _PHRASES:
        text = phrase.sub(instead, text)
    return _WORD.sub(lambda found: _WORDS[found[0]], text)
