"""Randomness that a seed decides."""

import random


def seeded(text: str) -> random.Random:
    """Return numbers that are the same wherever the text is."""
    return random.Random(text)  # noqa: S311 - it decides schedules, no secrets
