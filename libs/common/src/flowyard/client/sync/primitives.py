"""What awaiting and blocking code do in ways of their own."""

from time import sleep

INTERRUPTS: tuple[type[BaseException], ...] = (KeyboardInterrupt,)
"""What breaks a wait off from outside."""

__all__ = ["INTERRUPTS", "sleep"]
