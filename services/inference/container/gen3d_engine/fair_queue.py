"""One task at a time; owners take turns."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# How often somebody who waits looks whether anybody still wants the answer.
LOOK_SECONDS = 0.5


class QueueClosed(Exception):
    """The queue takes nothing more: the process is stopping."""


class NobodyWaits(Exception):
    """The caller hung up before its turn came."""


@dataclass(eq=False)
class _Waiting:
    owner: str
    turn: threading.Event = field(default_factory=threading.Event)
    refused: bool = False


class FairQueue:
    """Whoever was served longest ago is next, and within an owner the oldest task: ten jobs of one
    person do not stand before the first job of another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: list[_Waiting] = []
        self._last_turn: dict[str, int] = {}
        self._turns = 0
        self._busy = False
        self._closed = False

    @contextmanager
    def turn(self, owner: str, gone: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Waits for the owner's turn and holds it; QueueClosed, or NobodyWaits when `gone` says so."""
        entry = _Waiting(owner)
        with self._lock:
            if self._closed:
                raise QueueClosed
            self._waiting.append(entry)
            self._next()
        while not entry.turn.wait(LOOK_SECONDS):
            with self._lock:
                if not entry.turn.is_set() and gone():
                    self._waiting.remove(entry)
                    raise NobodyWaits
        if entry.refused:
            raise QueueClosed
        try:
            yield
        finally:
            with self._lock:
                self._busy = False
                self._next()
                self._idle.notify_all()

    def close(self) -> None:
        """Refuses what waits and what comes."""
        with self._lock:
            self._closed = True
            for entry in self._waiting:
                entry.refused = True
                entry.turn.set()
            self._waiting.clear()

    def wait_idle(self, seconds: float) -> bool:
        """Whether the running task ended in time."""
        with self._lock:
            return self._idle.wait_for(lambda: not self._busy, seconds)

    def _next(self) -> None:
        if self._busy:
            return
        if not self._waiting:
            self._last_turn.clear()
            return
        first = min(self._waiting, key=lambda entry: self._last_turn.get(entry.owner, -1))
        self._waiting.remove(first)
        self._last_turn[first.owner] = self._turns
        self._turns += 1
        self._busy = True
        first.turn.set()
