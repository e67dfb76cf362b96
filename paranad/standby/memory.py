"""What a state directory remembers of the lease, over restarts: its identity, and the terms in which it held it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from paranad.clock import to_us
from paranad.errors import StateError
from paranad.record import record
from paranad.standby.decide import Term
from paranad.store.file import Values

KEY: Final = "standby.memory"
TAKEN_OVER: Final = "standby.taken_over"
KEPT_TERMS: Final = 20
NEVER: Final = float("-inf")


@record
class Before:
    """Whose work a term goes on with; its instants are this machine's, in microseconds since 1970."""

    machine: str
    renewed_us: int
    sent_us: int


@record
class Memory:
    """The identity and the terms by their tokens, the oldest first."""

    holder: str
    home: str
    """Names the machine and the file that the identity was made for: at any other place it is a copy."""
    boot: str
    """Names one start of the machine: instants by its clock say nothing after another."""
    terms: Mapping[str, Term]
    before: Mapping[str, Before]
    """By the tokens of the terms that followed on another machine's and have not been renewed yet."""

    def with_term(self, token: str, term: Term, before: Before | None) -> "Memory":
        """Return what is remembered once *term* is being taken."""
        terms = dict([*self.terms.items(), (token, term)][-KEPT_TERMS:])
        return replace(self, terms=terms, before={token: before} if before else {})

    def renewed(self, token: str, at_s: float) -> "Memory":
        """Return what is remembered after a renewal that was sent at *at_s*."""
        terms = {**self.terms, token: Term(self.terms[token].number, at_s)}
        return replace(self, terms=terms, before={})

    def given_up(self) -> "Memory":
        """Return what is remembered once the lease is given up: others may hold it from then on."""
        return replace(self, terms={token: Term(each.number, NEVER) for token, each in self.terms.items()})

    @property
    def gave_up(self) -> bool:
        """Whether the lease was given up in order since it was last taken, as far as is known."""
        return bool(self.terms) and all(each.renewed_s == NEVER for each in self.terms.values())

    def document(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        terms = [[token, each.number, _finite(each.renewed_s)] for token, each in self.terms.items()]
        before = [[token, each.machine, each.renewed_us, each.sent_us] for token, each in self.before.items()]
        here = {"holder": self.holder, "home": self.home, "boot": self.boot}
        return {**here, "terms": terms, "before": before}


def remembered(document: Mapping[str, Any] | None, *, home: str, boot: str, new_holder: str) -> Memory:
    """Return what *document*, last kept, says at this place since this *boot* of the machine.

    At another place than it was made for it is a copy: this is a daemon of its own, *new_holder*.
    """
    if document is None or document.get("home") != home:
        return Memory(new_holder, home, boot, {}, {})
    same = document["boot"] == boot
    # After another start of the machine nothing tells how long ago that was.
    terms = {
        token: Term(number, at_s if same and at_s is not None else NEVER) for token, number, at_s in document["terms"]
    }
    before = {token: Before(*values) for token, *values in document["before"]}
    return Memory(document["holder"], home, boot, terms, before)


def _finite(at_s: float) -> float | None:
    return None if at_s == NEVER else at_s


class Remembering:
    """Keeps the memory in queue.db."""

    def __init__(self, values: Values, memory: Memory) -> None:
        self.memory = memory
        self._values = values
        self._keeping: asyncio.Task[None] | None = None

    async def keep(self, memory: Memory) -> None:
        """Remember *memory*; committed when this returns.

        Raises:
            StateError: it could not be stored; it is remembered until the process ends.
        """
        self.memory = memory
        await self._values.put(KEY, memory.document())

    def keep_aside(self, memory: Memory) -> None:
        """Remember *memory* without waiting for the disk, which may be slow where the database is not."""
        self.memory = memory
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.ensure_future(self._keep_quietly())

    async def note_taken_over(self, machine: str, term: int, at: datetime) -> None:
        """Keep from which machine this one took over last, in which term of its own and when.

        Raises:
            StateError: it could not be stored.
        """
        await self._values.put(TAKEN_OVER, {"machine": machine, "term": term, "at_us": to_us(at)})

    async def close(self) -> None:
        """Wait for what is being stored."""
        if self._keeping:
            await self._keeping

    async def _keep_quietly(self) -> None:
        # If it is not stored, this daemon takes the lease later after a crash, and nothing else.
        with suppress(StateError):
            await self.keep(self.memory)
