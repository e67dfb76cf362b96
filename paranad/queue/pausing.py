"""What pauses and resumes a queue, a task, or everything: each act is one class, as in `acts.py`."""

import sqlite3
from typing import ClassVar

from paranad.events.event import Events
from paranad.events.queue import (
    QueueAllPaused,
    QueueAllResumed,
    QueuePaused,
    QueueResumed,
    QueueTaskPaused,
    QueueTaskResumed,
)
from paranad.queue.claims import Claims
from paranad.queue.pause import Pause, told_of
from paranad.queue.rows import STATEMENTS
from paranad.record import record
from paranad.store.writer import Act


@record
class PauseQueue(Act[None]):
    """Pause a queue; a paused one gets the new pause."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    queue: str
    pause: Pause

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(STATEMENTS["pause"], {"queue": self.queue, **self.pause.row()})

    def told(self, _: None) -> None:
        # Here and not in `apply`: what is claimed goes by what is committed.
        queues = self.claims.queues
        if queues.paused.get(self.queue) == self.pause:
            return
        queues.paused = {**queues.paused, self.queue: self.pause}
        self.events.tell(QueuePaused(queue=self.queue, **told_of(self.pause)))
        self.claims.return_paused(queues={self.queue})


@record
class ResumeQueue(Act[None]):
    """Let a queue go on."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    queue: str
    by_itself: bool

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(STATEMENTS["resume"], {"queue": self.queue})

    def told(self, _: None) -> None:
        queues = self.claims.queues
        if self.queue not in queues.paused:
            return
        queues.paused = {name: pause for name, pause in queues.paused.items() if name != self.queue}
        self.events.tell(QueueResumed(queue=self.queue, by_itself=self.by_itself))
        self.claims.note_due({self.queue})


@record
class PauseTask(Act[int]):
    """Pause a task; a paused one gets the new pause. Answer how many due jobs of it wait now."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    task: str
    pause: Pause

    def apply(self, connection: sqlite3.Connection) -> int:
        task = {"task": self.task}
        connection.execute(STATEMENTS["pause_task"], {**task, **self.pause.row()})
        connection.execute(STATEMENTS["set_apart"], task)
        (counted,) = connection.execute(STATEMENTS["count_set_apart"], task).fetchall()
        return int(counted["jobs"])

    def told(self, answer: int) -> None:
        queues = self.claims.queues
        if queues.paused_tasks.get(self.task) == self.pause:
            return
        queues.paused_tasks = {**queues.paused_tasks, self.task: self.pause}
        self.events.tell(QueueTaskPaused(task=self.task, waiting=answer, **told_of(self.pause)))
        self.claims.return_paused(tasks={self.task})


@record
class ResumeTask(Act[frozenset[str]]):
    """Resume a task; answer the queues in which due jobs of it wait."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    task: str
    by_itself: bool

    def apply(self, connection: sqlite3.Connection) -> frozenset[str]:
        task = {"task": self.task}
        connection.execute(STATEMENTS["resume_task"], task)
        queues = connection.execute(STATEMENTS["queues_set_apart"], task).fetchall()
        connection.execute(STATEMENTS["put_together"], task)
        return frozenset(row["queue"] for row in queues)

    def told(self, answer: frozenset[str]) -> None:
        queues = self.claims.queues
        if self.task in queues.paused_tasks:
            queues.paused_tasks = {name: pause for name, pause in queues.paused_tasks.items() if name != self.task}
            self.events.tell(QueueTaskResumed(task=self.task, by_itself=self.by_itself))
        self.claims.note_due(answer, suspected=True)


@record
class PauseAll(Act[None]):
    """Claim no more from any queue; if everything is paused already, it gets the new pause."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    pause: Pause

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(STATEMENTS["pause_all"], self.pause.row())

    def told(self, _: None) -> None:
        queues = self.claims.queues
        if queues.all_paused == self.pause:
            return
        queues.all_paused = self.pause
        self.events.tell(QueueAllPaused(**told_of(self.pause)))
        self.claims.return_paused(queues=queues.names)


@record
class ResumeAll(Act[None]):
    """End the pause of everything; what is paused by name stays so."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    by_itself: bool

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(STATEMENTS["resume_all"])

    def told(self, _: None) -> None:
        if self.claims.queues.all_paused is None:
            return
        self.claims.queues.all_paused = None
        self.events.tell(QueueAllResumed(by_itself=self.by_itself))
        self.claims.note_due(self.claims.queues.names)
