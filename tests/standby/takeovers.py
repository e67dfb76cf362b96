"""Every way in which the working daemon stops working, and how long it takes until another ships orders."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median

from tests.standby.keeper import Heard, Keeper
from tests.standby.world import Books, World
from tests.support.network import Cable

AWAY_S = 120.0
"""How long what is stopped, cut or dead stays so: longer than the lease."""
TROUBLED = 0.3
"""Before this share of takeovers comes a trouble that is to bring none."""
HARDLY_S = 75.0
"""So long that whoever held the lease must end, and so short that nobody has taken it yet."""
AT_ONCE = 3
"""So many orders come at once."""
AMID = 0.6
"""The share of takeovers that begin while orders have just come: their requests are under way."""
PATIENCE_S = 300.0
"""How long a takeover may take at most before it counts as hung; the promise is two minutes."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """One takeover."""

    kind: str
    before: str
    after: str
    taken_s: float
    """From the death, or what else it was, until another daemon held the lease."""
    shipped_s: float
    """The same until the other had shipped its first order."""


@dataclass
class Figures:
    """What was measured; times are in real seconds, at the pace that the daemons' leases had."""

    pace: float
    takeovers: list[Takeover] = field(default_factory=list)
    without: Counter[str] = field(default_factory=Counter)
    """What was done that brought no takeover, and was not to."""
    books: Books | None = None

    def lines(self) -> list[str]:
        """Return what a person reads."""
        kinds = sorted({each.kind for each in self.takeovers})
        return [
            f"{len(self.takeovers)} takeovers, the lease's seconds {self.pace:g} times as fast",
            *(self._line(kind, [each for each in self.takeovers if each.kind == kind]) for kind in kinds),
            *(f"{kind}: {count} times, no takeover" for kind, count in sorted(self.without.items())),
            str(self.books),
        ]

    def _line(self, kind: str, takeovers: Sequence[Takeover]) -> str:
        taken, shipped = sorted(each.taken_s for each in takeovers), sorted(each.shipped_s for each in takeovers)
        times = f"held after {median(taken):.1f} s, at worst {taken[-1]:.1f} s"
        return f"{kind}: {len(takeovers)}, {times}; shipped after {median(shipped):.1f} s, at worst {shipped[-1]:.1f} s"


class Around:
    """What goes on beside the takeovers: what was broken is mended after its time, while the next one comes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.away_s = AWAY_S / world.pace
        self.broken: list[Keeper] = []
        """Daemons that cannot take over just now."""
        self._mending: set[asyncio.Task[None]] = set()

    def later(self, broken: Keeper | None, mend: Callable[[], Awaitable[None]], after_s: float | None = None) -> None:
        """Call *mend* in some time; until then *broken* cannot work or take over."""
        self.broken += [broken] if broken else []

        async def wait() -> None:
            await asyncio.sleep(self.away_s if after_s is None else after_s)
            await mend()
            if broken:
                self.broken.remove(broken)

        task = asyncio.create_task(wait())
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)

    async def mended(self) -> None:
        """Wait until nothing is broken any more."""
        while self._mending:
            await asyncio.gather(*self._mending)


Act = Callable[[World, Keeper, Around], Awaitable[None]]


async def kill_daemon(world: World, active: Keeper, around: Around) -> None:
    """The machine's daemon dies and stays away."""
    active.rests_s = around.away_s
    active.send(signal.SIGKILL)

    async def back() -> None:
        active.rests_s = 1.0

    around.later(active, back)
    del world


def _stopped_for(real_s: float) -> Act:
    async def stop(world: World, active: Keeper, around: Around) -> None:
        process = active.process
        assert process
        active.send(signal.SIGSTOP)

        async def go_on() -> None:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)

        around.later(active, go_on, real_s / world.pace)

    return stop


async def kill_database(world: World, active: Keeper, around: Around) -> None:
    """The daemon's node of the cluster dies; it comes back later."""
    node = world.node_of(active)
    node.kill()

    async def back() -> None:
        node.start()
        await node.ready()

    around.later(active, back)


def _cut(cable_of: Callable[[Keeper], Cable | None]) -> Act:
    async def cut(world: World, active: Keeper, around: Around) -> None:
        cable = cable_of(active)
        assert cable
        await cable.pull()
        around.later(active, cable.put_back)
        del world

    return cut


async def stop_in_order(world: World, active: Keeper, around: Around) -> None:
    """`systemctl stop`, and a start somewhat later."""
    active.rests_s = around.away_s
    active.send(signal.SIGTERM)

    async def back() -> None:
        active.rests_s = 1.0

    around.later(active, back)
    del world


async def yield_lease(world: World, active: Keeper, around: Around) -> None:
    """`paranadctl standby yield`."""
    answered = await active.ctl("standby", "yield")
    assert answered.status == 0, answered
    del around


WAYS: dict[str, Act] = {
    "kill -9 of the daemon": kill_daemon,
    "SIGSTOP, two minutes, SIGCONT": _stopped_for(AWAY_S),
    "SIGSTOP, 75 s, SIGCONT": _stopped_for(HARDLY_S),
    "kill -9 of its database node": kill_database,
    "daemon cut from the database": _cut(lambda keeper: keeper.site.daemon.cable),
    "its node cut from the others": _cut(lambda keeper: keeper.site.database.cable),
    "its site cut from the others": _cut(lambda keeper: keeper.site.cable),
    "systemctl stop": stop_in_order,
    "standby yield": yield_lease,
}
WITH_ONE_SERVER = ["kill -9 of the daemon", "SIGSTOP, two minutes, SIGCONT", "daemon cut from the database"]
WITHOUT_CABLES = [way for way in WAYS if "cut" not in way]
TAKE_A_NODE = {"kill -9 of its database node", "its node cut from the others", "its site cut from the others"}


async def kill_and_restart(world: World, active: Keeper, around: Around) -> None:
    """The daemon dies, and systemd starts it again at once: it goes on itself."""
    heard = len(active.heard)
    active.send(signal.SIGKILL)
    await active.seen("daemon.ready", since=heard)
    del world, around


async def step_clock(world: World, active: Keeper, around: Around) -> None:
    """The machine's wall clock steps a minute forward, and back later."""
    active.send(signal.SIGUSR2)

    async def back() -> None:
        active.send(signal.SIGUSR2)

    around.later(None, back)
    del world


async def cut_from_courier(world: World, active: Keeper, around: Around) -> None:
    """The daemon reaches its database and not the courier."""
    cable = active.site.daemon.courier_cable
    assert cable
    await cable.pull()
    await asyncio.sleep(around.away_s / 4)
    await cable.put_back()
    del world


async def kill_server(world: World, active: Keeper, around: Around) -> None:
    """The one database server dies, and is started again at once: whoever works goes on."""
    node = world.node_of(active)
    node.kill()
    node.start()
    await node.ready()
    del around


TROUBLES: dict[str, Act] = {
    "kill -9 of the daemon, started again at once": kill_and_restart,
    "its clock steps by a minute": step_clock,
    "daemon cut from the courier": cut_from_courier,
}
"""What stops nobody for long, and brings no takeover."""


async def one(world: World, kind: str, around: Around) -> Takeover:
    """Let the working daemon stop in the way of *kind*, and another take over and ship.

    Raises:
        AssertionError: nobody did in time.
    """
    before = world.active()
    assert before
    began_s = time.monotonic()
    acting = asyncio.ensure_future(WAYS[kind](world, before, around))
    others = [each for each in world.daemons if each is not before]
    after, taken = await _first(others, "lease.taken", began_s, acting)
    _, shipped = await _first([after], "shipment.recorded", taken.at_s, acting)
    await acting
    return Takeover(kind, before.name, after.name, taken.at_s - began_s, shipped.at_s - began_s)


async def _first(
    keepers: Sequence[Keeper], event: str, since_s: float, acting: asyncio.Future[None]
) -> tuple[Keeper, Heard]:
    """Wait until one of *keepers* tells *event*; return which, and the event. What fails in *acting* is raised."""
    patience_s = PATIENCE_S / keepers[0].pace + 30
    while time.monotonic() < since_s + patience_s:
        if acting.done():
            acting.result()
        for keeper in keepers:
            for heard in reversed(keeper.heard):
                if heard.at_s < since_s:
                    break
                if heard.name == event:
                    return keeper, heard
        await asyncio.sleep(0.02)
    raise AssertionError(f"{event} was not told in {patience_s:g} s by {', '.join(each.name for each in keepers)}")


class Coming:
    """Orders that come in by threes, at random moments about *each_s* apart for one."""

    def __init__(self, world: World, count: int, each_s: float) -> None:
        """*count* at least, and until there are `enough`."""
        self.world, self.count, self.each_s = world, count, each_s
        self.enough = False
        self._came = asyncio.Condition()

    async def run(self) -> None:
        while not self.enough or len(self.world.order_ids) < self.count:
            for _ in range(AT_ONCE):
                await self.world.order()
            async with self._came:
                self._came.notify_all()
            await asyncio.sleep(self.world.random.expovariate(1 / (self.each_s * AT_ONCE)))

    async def some(self, patience_s: float) -> None:
        """Wait until some have come, or no longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s), self._came:
                await self._came.wait()


async def prove(world: World, takeovers: int, ways: Sequence[str], *, orders: int, each_s: float) -> Figures:
    """Let orders come while the working daemon stops *takeovers* times, in *ways* by turns in random order.

    Raises:
        AssertionError: nobody took over in time.
    """
    figures, around = Figures(world.pace), Around(world)
    coming = Coming(world, orders, each_s)
    bringing = asyncio.create_task(coming.run())
    try:
        due: list[str] = []
        while len(figures.takeovers) < takeovers:
            due = due or world.random.sample(list(ways), len(ways))
            await _ready_for(world, kind := due.pop(), around)
            if world.random.random() < TROUBLED:
                await _trouble(world, figures, around)
                await _ready_for(world, kind, around)
            if world.random.random() < AMID:
                await coming.some(patience_s=5)
                await asyncio.sleep(world.random.uniform(0, 1))
            else:
                await asyncio.sleep(world.random.uniform(0, 20 / world.pace))
            figures.takeovers.append(await one(world, kind, around))
            world.say(figures.takeovers[-1])
            assert not (twice := world.sent_twice()), f"sent twice: {twice}; after {figures.takeovers[-1]}"
        coming.enough = True
        await bringing
    finally:
        bringing.cancel()
        with suppress(asyncio.CancelledError):
            await bringing
    await around.mended()
    await world.cluster.are(len(world.cluster.nodes))
    await world.settled(600 / world.pace + 60)
    figures.books = await world.books()
    return figures


async def _trouble(world: World, figures: Figures, around: Around) -> None:
    troubles = list(TROUBLES) if world.sites[0].cable else [each for each in TROUBLES if "cut" not in each]
    active = world.active()
    assert active
    await TROUBLES[kind := world.random.choice(troubles)](world, active, around)
    figures.without[kind] += 1
    world.say(kind)


async def _ready_for(world: World, kind: str, around: Around) -> None:
    """Wait until a daemon works and another can take over; for what takes a node away, until no other is missing."""
    async with asyncio.timeout(PATIENCE_S):
        while not await world.is_safe(around.broken):  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(0.1)
        if kind in TAKE_A_NODE:
            await world.cluster.are(len(world.cluster.nodes))
