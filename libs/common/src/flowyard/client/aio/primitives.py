"""What awaiting and blocking code do in ways of their own."""

from asyncio import CancelledError, sleep

INTERRUPTS: tuple[type[BaseException], ...] = (KeyboardInterrupt, CancelledError)
"""What breaks a wait off from outside."""

__all__ = ["INTERRUPTS", "sleep"]
