"""What pages ask the daemon: reads shared for a second, so that fifty open pages cost it no more than one."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from paranad.cli.session import Json
from paranad.control.client import ControlClient, target_of
from paranad.errors import ParanadError

FRESH_S = 1.0
"""How long an answer serves everybody who asks the same, an error as well."""
T = TypeVar("T")
Asked = tuple[float, Future[Json]]
"""When a question was first asked, and what answers it."""


class SharedAnswers:
    """Asks the daemon each question once, however many threads ask it within a second."""

    def __init__(self, client: ControlClient, now_s: Callable[[], float]) -> None:
        self._client, self._now_s = client, now_s
        self._lock = threading.Lock()
        self._asked: dict[str, Asked] = {}

    def get(self, *path: str | int, **query: str | int | None) -> Json:
        """Read `/v1/…` as `ControlClient.get` does, and raise as it does."""
        return self.once(target_of(path, query), lambda: self._client.get(*path, **query))

    def once(self, question: str, ask: Callable[[], Json]) -> Json:
        """Return what *ask* answers to *question*; who asks the same within a second gets the same."""
        answer, is_ours = self._question(question)
        if is_ours:
            try:
                answer.set_result(ask())
            except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait for it must have it too
                answer.set_exception(error)
        return answer.result()

    def forget(self) -> None:
        """Let whoever asks from now on see what has just been changed."""
        with self._lock:
            self._asked.clear()

    def _question(self, question: str) -> tuple[Future[Json], bool]:
        """Return what answers *question*, and whether the caller is the one to ask it."""
        with self._lock:
            oldest = self._now_s() - FRESH_S
            self._asked = {
                each: asked for each, asked in self._asked.items() if asked[0] > oldest or not asked[1].done()
            }
            if known := self._asked.get(question):
                return known[1], False
            answer: Future[Json] = Future()
            self._asked[question] = (self._now_s(), answer)
            return answer, True


def known(ask: Callable[[], T]) -> T | None:
    """Return what *ask* answers; None if the daemon cannot say it: a part of a page goes without it."""
    try:
        return ask()
    except ParanadError:
        return None
