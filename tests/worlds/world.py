"""What an invented world is made of, and how hypothesis invents one.

A world is a value: the orders and what awaits each at the courier, what the courier's lists show, and a script of what
happens. `given` over such values rather than a RuleBasedStateMachine: a rule costs hypothesis about a millisecond
each, as much as the world itself, and a whole world as one value prints, shrinks and is written down as a test.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

MOST_ORDERS = 4


class Answer(StrEnum):
    """What becomes of one create-order request."""

    DONE = "done"
    ODD_ID = "odd_id"
    """Done; the answer's `id` differs from the lists', `qr_id` is equal."""
    ONLY_QR = "only_qr"
    """Done; the answer names the `qr_id` alone."""
    ONLY_ID = "only_id"
    """Done; the answer names the `id` alone."""
    KNOWN_ID = "known_id"
    """Done; the answer names a parcel that another order of ours has."""
    LOST = "lost"
    """No order is made, and the answer is lost, or contradicts itself."""
    LOST_DONE = "lost_done"
    """An order is made, and the answer is lost, or contradicts itself."""
    LOST_LATE = "lost_late"
    """As `LOST_DONE`, but the order is made up to a minute after."""
    REFUSED_DONE = "refused_done"
    """Refused by its words, and an order is made all the same: believed, until a list shows our reference."""
    DATA = "data"
    PLACE = "place"
    TRANSIENT = "transient"
    PERMISSION = "permission"
    NOT_SENT = "not_sent"
    RATE = "rate"
    """The courier's own 429."""
    LIMITED = "limited"
    """Our limiter's wait."""
    LOGIN = "login"
    """The login failed before the request."""
    LOGIN_AFTER = "login_after"
    """The request was refused for its token, and the login after it failed."""


class Note(StrEnum):
    """What becomes of a parcel's note at the courier."""

    KEPT = "kept"
    GONE = "gone"
    REPLACED = "replaced"
    LOWER = "lower"
    FOREIGN = "foreign"
    """Replaced by a text that looks like a reference of ours, and is none."""
    ANOTHERS = "anothers"
    """Replaced by the reference of another order of ours, with another phone."""


class Price(StrEnum):
    KEPT = "kept"
    GONE = "gone"
    OTHER = "other"


class Time(StrEnum):
    """How a parcel's `created_at` is shown."""

    BAGHDAD = "baghdad"
    UTC = "utc"
    NONE = "none"
    """Missing, or not readable."""
    DAY = "day"
    """Its day alone."""


class Phone(StrEnum):
    KEPT = "kept"
    OTHER = "other"
    GONE = "gone"
    """Missing, or not readable."""


@dataclass(frozen=True)
class Change:
    """What has become of a parcel at the courier."""

    note: Note = Note.KEPT
    price: Price = Price.KEPT
    time: Time = Time.BAGHDAD
    phone: Phone = Phone.KEPT


@dataclass(frozen=True)
class Php:
    """A worker of the shop had the order before."""

    sent: bool
    """The courier has it, without a reference of ours."""
    requeued: bool
    """Its row was put back by `queue:retry`, and says nothing of the attempt; else it says so."""
    days: int
    """How long before our job that was."""


class Touch(StrEnum):
    """What became of the order in the shop since it was made."""

    NO = "no"
    TOUCHED = "touched"
    PHONE = "phone"
    """The customer has another phone now."""


@dataclass(frozen=True)
class OrderPlan:
    """One order, and what awaits it."""

    after_s: int = 0
    """How long after the first one it was made."""
    twin: bool = False
    """Of the first one's customer, with the same phone and price."""
    answers: tuple[Answer, ...] = ()
    """To its requests, one after the other; then `DONE`."""
    late_s: int = 30
    """How late an order of `LOST_LATE` is made."""
    php: Php | None = None
    touch: Touch = Touch.NO
    change: Change = Change()
    """Of the first parcel that is made for it."""


@dataclass(frozen=True)
class Lists:
    """What the courier's lists show from now on."""

    lag_s: int = 0
    """A parcel is shown this long after it was made."""
    frozen: bool = False
    """What was made since is not shown."""
    half: bool = False
    """The newest half is missing."""
    notes: bool = True
    prices: bool = True
    time: Time = Time.BAGHDAD
    skipped: bool = False
    """The oldest row of ours cannot be read."""
    reversed: bool = False
    fails: bool = False
    """There is none."""


@dataclass(frozen=True)
class Other:
    """A parcel that is no order of the shop's: made by hand, or another merchant's habit."""

    of: int
    """Whose phone it has."""
    same_price: bool
    note: Note
    before_s: int
    """How long before the first order it was made; negative: after."""


class During(StrEnum):
    """What happens while a request is under way."""

    NOTHING = "nothing"
    SYNC = "sync"
    RECONCILE = "reconcile"
    SHIP = "ship"
    OTHER = "other"
    """The next order's job runs."""
    APPLY = "apply"
    """A list that was fetched before is applied."""
    SETTLE = "settle"
    RESEND = "resend"
    CANCEL = "cancel"
    GIVE_WAY = "give_way"
    """It is cancelled, and the next order's job runs."""


class Moment(StrEnum):
    """When something happens during an order's job."""

    ANSWER = "answer"
    """Before the courier's answer."""
    REQUEST = "request"
    """Before the courier has made the order."""
    INTENT = "intent"
    """While it waits for a login, before it is sent."""


@dataclass(frozen=True)
class Run:
    """The order's job runs, again if it had ended."""

    order: int
    kill: int = 0
    """At which step the daemon is killed; 0: never."""
    during: During = During.NOTHING
    moment: Moment = Moment.ANSWER


@dataclass(frozen=True)
class StandStill:
    """The machine stands still at a step of the order's job, another takes over, and then it goes on."""

    order: int
    at: int
    meanwhile_s: tuple[int, ...] = ()
    """After each of its runs on the other machine, so much time passes: less than `settle_time` in all."""


@dataclass(frozen=True)
class TakeOver:
    """Another machine takes over."""

    died: bool = False
    """The one before died; else it gave the lease up."""


@dataclass(frozen=True)
class Dispatch:
    """A person dispatches a job of the order by hand."""

    order: int


@dataclass(frozen=True)
class Wait:
    seconds: int


@dataclass(frozen=True)
class Sync:
    """A list is fetched for another reason, and applied."""

    filtered: bool = False
    kill: int = 0


@dataclass(frozen=True)
class Fetch:
    """A list is fetched, and applied later."""

    filtered: bool = False


@dataclass(frozen=True)
class Apply:
    """The list that was fetched is applied."""


@dataclass(frozen=True)
class Reconcile:
    kill: int = 0
    during: During = During.NOTHING


class Which(StrEnum):
    RIGHT = "right"
    TWINS = "twins"
    """A parcel of another order."""
    NOBODYS = "nobodys"
    """One that the courier does not have."""


@dataclass(frozen=True)
class SettleIt:
    """A person says which parcel it is."""

    order: int
    which: Which = Which.RIGHT
    unconfirmed: bool = False
    kill: int = 0


@dataclass(frozen=True)
class Resend:
    """A person says that the courier does not have it."""

    order: int


@dataclass(frozen=True)
class Cancel:
    """The order is cancelled in the shop."""

    order: int


@dataclass(frozen=True)
class PutBack:
    """The order is cancelled no longer."""

    order: int


@dataclass(frozen=True)
class Edit:
    """The order is changed in the shop."""

    order: int
    touch: Touch = Touch.TOUCHED


@dataclass(frozen=True)
class Tamper:
    """The order's parcels are changed at the courier."""

    order: int
    change: Change


@dataclass(frozen=True)
class Ship:
    """Another order is made and ships."""


@dataclass(frozen=True)
class Restart:
    """The daemon is killed while nothing is under way."""


@dataclass(frozen=True)
class Become:
    """The courier's lists change."""

    lists: Lists


@dataclass(frozen=True)
class ShopDown:
    calls: int


@dataclass(frozen=True)
class Copy:
    """queue.db is copied."""


@dataclass(frozen=True)
class Restore:
    """queue.db is lost, and the copy put back."""

    shop_too: bool
    """The shop's rows of the shipments are lost as well."""
    snapshot: bool = False
    """It does not say that it is a copy: the machine's disk is as it was before. Kept safe by marks alone."""


Event = (
    Run
    | StandStill
    | TakeOver
    | Dispatch
    | Wait
    | Sync
    | Fetch
    | Apply
    | Reconcile
    | SettleIt
    | Resend
    | Cancel
    | PutBack
    | Edit
    | Tamper
    | Ship
    | Restart
    | Become
    | ShopDown
    | Copy
    | Restore
)


@dataclass(frozen=True)
class World:
    """Everything that happens, and nothing else does."""

    orders: tuple[OrderPlan, ...]
    script: tuple[Event, ...]
    lists: Lists = Lists()
    others: tuple[Other, ...] = ()
    taught: bool = True
    """A parcel of ours has shipped, and a list has shown its reference, before it all began."""
    hold_repeats: bool = False
    """A second order of one phone and price within a day waits for a person."""
    blind: bool = False
    """A day before it all begins, lists stop showing notes."""
    witness_h: int | None = 1
    """How long after the script another order ships, in hours, then ever more seldom; None: none does."""
    machines: int = 1
    start_h: int = 9
    """At which hour of the day it all begins, in UTC; in Baghdad it is three hours later."""


def brief(value: object) -> str:
    """Write a world down as Python, without what is usual."""
    if isinstance(value, StrEnum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, tuple):
        return f"({''.join(f'{brief(each)}, ' for each in value).rstrip()})"
    if not is_dataclass(value):
        return repr(value)
    said = {each.name: getattr(value, each.name) for each in fields(value) if getattr(value, each.name) != each.default}
    return f"{type(value).__name__}({', '.join(f'{name}={brief(each)}' for name, each in said.items())})"


def few(strategy: st.SearchStrategy[T], most: int) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


def rarely(strategy: st.SearchStrategy[T], usual: T, times: int = 3) -> st.SearchStrategy[T]:
    """Draw *usual* mostly, *strategy* once in some times."""
    return st.integers(0, times).flatmap(lambda drawn: strategy if drawn == times else st.just(usual))


NUMBERS = st.integers(0, MOST_ORDERS - 1)
KILLS = rarely(st.integers(1, 24), 0)
SECONDS = st.sampled_from([1, 5, 20, 61, 61, 75, 180, 200, 900, 3600, 6 * 3600, 25 * 3600])
DURING = rarely(st.sampled_from(During), During.NOTHING)
RUNS = st.builds(Run, NUMBERS, KILLS, DURING, st.sampled_from(Moment))

CHANGES = st.builds(
    Change,
    note=st.sampled_from(Note),
    price=st.sampled_from(Price),
    time=st.sampled_from(Time),
    phone=rarely(st.sampled_from(Phone), Phone.KEPT, times=1),
)
PHP = st.builds(Php, sent=st.booleans(), requeued=st.booleans(), days=st.sampled_from([0, 0, 1, 2, 8]))
LISTS = st.builds(
    Lists,
    lag_s=st.sampled_from([0, 0, 0, 12, 61, 185, 3600, 5 * 3600]),
    frozen=rarely(st.booleans(), usual=False),
    half=rarely(st.booleans(), usual=False),
    notes=rarely(st.booleans(), usual=True),
    prices=rarely(st.booleans(), usual=True),
    time=rarely(st.sampled_from(Time), Time.BAGHDAD),
    skipped=rarely(st.booleans(), usual=False, times=5),
    reversed=st.booleans(),
    fails=rarely(st.booleans(), usual=False, times=7),
)
OTHERS = st.builds(
    Other,
    of=NUMBERS,
    same_price=st.booleans(),
    note=st.sampled_from([Note.GONE, Note.REPLACED, Note.FOREIGN, Note.ANOTHERS]),
    before_s=st.sampled_from([-3600, -60, 60, 3600, 3 * 86400]),
)
LOST = st.sampled_from([Answer.LOST, Answer.LOST_DONE, Answer.LOST_LATE])
REFUSED = st.sampled_from([Answer.REFUSED_DONE, Answer.DATA, Answer.RATE])
ANSWERS = few(st.one_of(LOST, LOST, LOST, REFUSED, st.sampled_from(Answer)), 3)
PLANS = st.builds(
    OrderPlan,
    after_s=st.sampled_from([0, 20, 59, 700]),
    twin=rarely(st.booleans(), usual=False, times=2),
    answers=ANSWERS,
    late_s=st.sampled_from([1, 30, 60]),
    php=rarely(PHP, None),
    touch=rarely(st.sampled_from(Touch), Touch.NO, times=4),
    change=rarely(CHANGES, Change(), times=1),
)

MACHINE_EVENTS = (
    RUNS,
    RUNS,
    st.builds(Wait, SECONDS),
    st.builds(Wait, SECONDS),
    st.builds(Ship),
    st.builds(Sync, st.booleans(), KILLS),
    st.builds(Reconcile, KILLS, rarely(st.sampled_from([During.SHIP, During.APPLY]), During.NOTHING)),
)
PEOPLE_S_EVENTS = (
    st.builds(SettleIt, NUMBERS, st.sampled_from(Which), st.booleans(), KILLS),
    st.builds(Resend, NUMBERS),
    st.builds(Dispatch, NUMBERS),
    st.builds(Cancel, NUMBERS),
    st.builds(PutBack, NUMBERS),
    st.builds(Edit, NUMBERS, st.sampled_from([Touch.TOUCHED, Touch.PHONE])),
)
LYING_EVENTS = (
    st.builds(Become, LISTS),
    st.builds(Tamper, NUMBERS, CHANGES),
    st.builds(Fetch, st.booleans()),
    st.builds(Apply),
    st.builds(Restart),
    st.builds(ShopDown, st.integers(1, 6)),
)
EVENTS = st.one_of(*MACHINE_EVENTS, *PEOPLE_S_EVENTS, *LYING_EVENTS)
LOSSES = st.builds(
    lambda before, between, after, shop_too: (*before, Copy(), *between, Restore(shop_too), *after),
    few(EVENTS, 3),
    few(EVENTS, 5),
    few(EVENTS, 5),
    st.booleans(),
)
"""queue.db is lost, and a copy put back; it costs most, so it is seldom."""
SCRIPTS = st.integers(0, 24).flatmap(lambda drawn: LOSSES if drawn == 24 else few(EVENTS, 14))

LYING = st.builds(
    World,
    orders=st.lists(PLANS, min_size=1, max_size=MOST_ORDERS).map(tuple),
    script=SCRIPTS,
    blind=rarely(st.just(True), usual=False, times=7),
    lists=rarely(LISTS, Lists(), times=1),
    others=rarely(few(OTHERS, 2), ()),
    taught=rarely(st.just(False), usual=True),
    hold_repeats=st.booleans(),
    witness_h=st.sampled_from([1, 1, 3, None]),
    start_h=st.sampled_from([9, 20, 21, 22]),
)
"""Worlds in which everything may go wrong."""

STANDSTILLS = st.builds(
    StandStill,
    NUMBERS,
    st.integers(1, 30),
    st.sampled_from([(), (1,), (61,), (1, 61, 61), (61, 61, 50), (30, 30, 30, 30, 30), (120, 55)]),
)
TAKEOVERS = st.one_of(st.builds(TakeOver, st.booleans()), STANDSTILLS)


def of_two(worlds: st.SearchStrategy[World]) -> st.SearchStrategy[World]:
    """Give each world a second machine, and let it take over between whatever happens."""

    def mix(world: World, takeovers: Sequence[tuple[int, Event]], snapshot: bool) -> World:
        restores = Restore(shop_too=False, snapshot=True)
        script = [restores if snapshot and isinstance(each, Restore) else each for each in world.script]
        for place, event in takeovers:
            script.insert(place % (len(script) + 1), event)
        return replace(world, script=tuple(script), machines=2)

    places = st.tuples(st.integers(0, 14), TAKEOVERS)
    return st.builds(mix, worlds, st.lists(places, min_size=1, max_size=4), st.booleans())


TWINS = st.builds(
    OrderPlan,
    after_s=st.sampled_from([0, 20, 700]),
    twin=st.just(True),
    answers=rarely(ANSWERS, (), times=1),
    late_s=st.sampled_from([1, 30, 60]),
    change=rarely(CHANGES, Change()),
)
GIVING_WAY = st.builds(Run, NUMBERS, during=st.just(During.GIVE_WAY), moment=st.sampled_from(Moment))
ALIKE = st.builds(
    World,
    orders=st.one_of(st.tuples(TWINS, TWINS), st.tuples(TWINS, TWINS, TWINS)),
    script=st.lists(
        st.one_of(
            RUNS,
            GIVING_WAY,
            GIVING_WAY,
            st.builds(Run, NUMBERS),
            st.builds(Cancel, NUMBERS),
            st.builds(PutBack, NUMBERS),
            st.builds(Edit, NUMBERS, st.just(Touch.PHONE)),
            st.builds(Resend, NUMBERS),
            st.builds(Wait, SECONDS),
            st.builds(Sync),
            st.builds(Restart),
        ),
        min_size=2,
        max_size=10,
    ).map(tuple),
    lists=rarely(LISTS, Lists()),
    hold_repeats=st.just(True),
)
"""Worlds in which somebody pressed twice, and the orders are cancelled, changed and put back meanwhile."""

HONEST_ANSWERS = rarely(
    few(
        st.sampled_from(
            [
                Answer.LOST,
                Answer.LOST_DONE,
                Answer.LOST_LATE,
                Answer.ODD_ID,
                Answer.ONLY_ID,
                Answer.ONLY_QR,
                Answer.NOT_SENT,
                Answer.RATE,
                Answer.LIMITED,
                Answer.TRANSIENT,
            ]
        ),
        2,
    ),
    (),
    times=1,
)
HONEST_PLANS = st.builds(
    OrderPlan,
    after_s=st.sampled_from([0, 20, 59, 700]),
    twin=st.booleans(),
    answers=HONEST_ANSWERS,
    late_s=st.sampled_from([1, 30, 59]),
)
HONEST_PHP = st.builds(OrderPlan, answers=HONEST_ANSWERS, php=PHP)
HONEST_WAITS = st.sampled_from([1, 5, 20, 61, 75, 180, 3600])
HONEST = st.builds(
    World,
    orders=st.one_of(st.lists(HONEST_PLANS, min_size=1, max_size=3).map(tuple), st.tuples(HONEST_PHP)),
    script=few(
        st.one_of(
            RUNS.map(lambda run: Run(run.order, run.kill, _harmless(run.during), run.moment)),
            st.builds(Wait, HONEST_WAITS),
            st.builds(Ship),
            st.builds(Sync, st.booleans(), KILLS),
            st.builds(Reconcile, KILLS),
            st.builds(Restart),
            st.builds(ShopDown, st.integers(1, 4)),
        ),
        10,
    ),
    lists=st.builds(Lists, lag_s=st.sampled_from([0, 0, 12, 61, 150]), reversed=st.booleans()),
    hold_repeats=st.booleans(),
)
"""Worlds in which only answers are lost now and then, and daemons killed."""


def _harmless(during: During) -> During:
    people_s = {During.SETTLE, During.RESEND, During.CANCEL, During.GIVE_WAY, During.APPLY}
    return During.NOTHING if during in people_s else during
