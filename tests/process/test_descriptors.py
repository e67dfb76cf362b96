"""A daemon that may open few files: however many callers connect, orders ship and the log stays short."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from paranad.control.connections import NEEDED_FILES
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments
from tests.support.daemon import Ground, ctl, running, started
from tests.support.shop import rows

CALLERS = 1100


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open more files than the callers need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, 2 * CALLERS)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"left out: {CALLERS} callers; to have it: raise `ulimit -Hn` to {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(ground: Ground, stack: ExitStack, count: int) -> None:
    """Connect *count* callers that say nothing, and stay."""
    for _ in range(count):
        caller = stack.enter_context(socket.socket(socket.AF_UNIX))
        caller.connect(str(ground.socket))


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize("files", [NEEDED_FILES, 256])
async def test_orders_ship_while_1100_idle_callers_are_connected(
    ground: Ground, shop: Shop, order_id: int, files: int
) -> None:
    async with running(ground, files=files) as daemon:
        with ExitStack() as stack:
            connect(ground, stack, CALLERS)
            dispatched = await ctl(ground, "dispatch", "alwaseet:create-shipment", f"order_id={order_id}")
            assert (0, "") == (dispatched.status, dispatched.err)
            await daemon.seen("job.completed", task="alwaseet:create-shipment")
            assert files > open_files(daemon.pid)
            assert 0 == (await ctl(ground, "status")).status
    assert [order_id] == [row["order_id"] for row in await rows(shop, alwaseet_shipments)]
    crowded = [line for line in daemon.lines if line["event"] == "control.crowded"]
    assert 1 == len(crowded), "one line a minute"
    assert not [line for line in daemon.raw if not line.startswith("{")], "nothing but log lines"


async def test_limit_that_is_too_low_is_said_at_the_start_with_the_number_needed(ground: Ground) -> None:
    async with started("paranad", "run", "--config", str(ground.config), files=20) as daemon:
        assert 78 == await daemon.ended()
    assert (
        f"open files: expected a limit of at least {NEEDED_FILES} (`ulimit -n`), got 20; raise it: LimitNOFILE= in the"
        f" service's unit, `ulimit -Hn {NEEDED_FILES}` in a shell"
    ) == daemon.text
