"""A shop's long past: a queue.db of a million finished jobs and 50,000 shipments, and a shop with as many orders."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from paranad.catalogue import CATALOGUE
from paranad.clock import SystemClock
from paranad.demo.shop import create_shop
from paranad.events.event import Events
from paranad.store.file import FILE_NAME, open_store

JOBS = 1_000_000
SHIPMENTS = 50_000
UNSHIPPED = 20
"""Orders beyond those, for which nothing was ever sent."""
OVER_US = timedelta(hours=24) // timedelta(microseconds=1)
"""All in the last day: what the history of hours reads is then the most that it can be."""

NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
QUEUE = (
    """
    INSERT INTO jobs (task, args, queue, origin, state, tries, tries_spent, timeout_us, due_at, created_at, enqueued_at,
        started_at, finished_at, attempt, result, error)
    SELECT
        CASE WHEN n % 20 = 0 THEN 'alwaseet:create-shipment' WHEN n % 2 THEN 'carts:expire'
            ELSE 'product-links:delete-expired' END,
        CASE WHEN n % 20 = 0 THEN json_object('order_id', n / 20) ELSE '{}' END,
        CASE WHEN n % 20 = 0 THEN 'high' ELSE 'default' END,
        CASE WHEN n % 20 = 0 THEN 'shop' ELSE 'schedule' END,
        CASE WHEN n % 500 = 0 THEN 'failed' ELSE 'completed' END,
        3, n % 500 = 0, 60000000, at, at, at, at + abs(random() % 2000000), at + 3000000, 1,
        CASE WHEN n % 500 = 0 THEN NULL ELSE '{"looked_at":3,"changed":1}' END,
        CASE WHEN n % 500 = 0 THEN 'the order has no phone' END
    FROM (SELECT n, :now - :over + n * :over / :count - 4000000 AS at FROM numbers)
    """,
    """
    INSERT INTO attempts (job_id, number, started_at, finished_at, outcome, counted, error)
    SELECT id, 1, started_at, finished_at, state, state = 'failed', error FROM jobs
    """,
)
JOURNAL = (
    """
    INSERT INTO shipments (order_id, state, reference, courier_id, reason, intended_at, created_at, recorded_at)
    SELECT
        n, iif(n % 5000, 'recorded', 'held'), 'P' || n || '-a1b2c3', iif(n % 5000, 90000000 + n, NULL),
        iif(n % 5000, NULL, 'the courier has it twice'), at, iif(n % 5000, at, NULL), iif(n % 5000, at, NULL)
    FROM (SELECT n, :now - 14 * :over + n * 14 * :over / :count AS at FROM numbers)
    """,
    """
    INSERT INTO shipment_attempts (order_id, number, phone, price, sent_at, answered_at, outcome, detail)
    SELECT n, 1, '+9647701234567', 25000, :now, :now, iif(n % 5000, 'created', 'unclear'),
        iif(n % 5000, NULL, 'silence')
    FROM numbers
    """,
    "INSERT INTO shipment_ids (courier_id, order_id) SELECT 90000000 + n, n FROM numbers WHERE n % 5000",
)
PAST = (
    "UPDATE migrations SET applied_at = applied_at - 30 * :over",  # what was before the file is unknown
    """
    INSERT INTO failures_by_quarter (quarter, failures)
    SELECT :now / 900000000 - n, 1 + abs(random() % 9) FROM numbers WHERE n % 3 = 0
    """,
)
RUNS = """
    INSERT INTO schedule_runs (entry, occurrence, keyed, outcome, reason, job_id)
    SELECT entry.value, :now - (:count - n) * 60000000, 0, 'enqueued', NULL, :jobs - :count + n
    FROM numbers, json_each(:entries) AS entry
    ORDER BY n
"""
SHOP = (
    "INSERT INTO users (id, name, password, role, created_at) VALUES (1, 'مندوب المتجر', '-', 'delegate', :at)",
    "INSERT INTO warehouses (id, name, location, created_by) VALUES (1, 'المخزن', 'بغداد', 1)",
    """
    INSERT INTO products (id, warehouse_id, name, code, selling_price, created_by)
    VALUES (1, 1, 'فستان أطفال', 'DR-01', 25000, 1)
    """,
    "INSERT INTO carts (id, delegate_id, cart_name, status, created_at) VALUES (1, 1, '-', 'completed', :at)",
    """
    INSERT INTO settings (key, value)
    VALUES ('alwaseet_username', 'parana'), ('alwaseet_password', 'sandbox-only'),
        ('alwaseet_auto_create_shipment', '1')
    """,
    """
    INSERT INTO orders (cart_id, delegate_id, order_number, customer_name, customer_phone, customer_address,
        customer_social_link, status, total_amount, confirmed_at, created_at, updated_at, alwaseet_city_id,
        alwaseet_region_id)
    SELECT 1, 1, 'D-' || n, 'زينب عبد الكريم', printf('0770%07d', n), 'الكرادة، قرب ساحة الحرية', '-', 'confirmed',
        25000, at, at, at, '1', '1'
    FROM (SELECT n, datetime(:at, ((n - :count) * 24) || ' seconds') AS at FROM numbers)
    """,
    """
    INSERT INTO order_items (order_id, product_id, product_name, product_code, size_name, quantity, unit_price,
        subtotal)
    SELECT n, 1, 'فستان أطفال', 'DR-01', '4', 1, 25000, 25000 FROM numbers
    """,
    """
    INSERT INTO alwaseet_shipments (alwaseet_order_id, client_name, client_mobile, city_id, city_name, region_id,
        region_name, location, price, package_size, type_name, status_id, status, order_id, synced_at, created_at,
        updated_at)
    SELECT 90000000 + n, 'زينب عبد الكريم', printf('+964770%07d', n), '1', 'بغداد', '1', 'الكرادة', '-', 25000, '1',
        'ملابس', '4', 'تم التسليم للزبون', n, :at, :at, :at
    FROM numbers
    WHERE n <= :count - :unshipped
    """,
)


def numbered(statement: str) -> str:
    """Return *statement* with its table `numbers`, from 1 to `:count`, if it reads one."""
    return f"{NUMBERS} {statement}" if "FROM numbers" in statement else statement


def write_queue(state_dir: Path, jobs: int = JOBS, shipments: int = SHIPMENTS) -> None:
    """Make queue.db in *state_dir* as a daemon leaves it after a busy day and two weeks of shipments."""
    asyncio.run(made(state_dir))
    now = time.time_ns() // 1000
    with closing(sqlite3.connect(state_dir / FILE_NAME)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in QUEUE:
            connection.execute(numbered(statement), {"count": jobs, "now": now, "over": OVER_US})
        for statement in JOURNAL:
            connection.execute(numbered(statement), {"count": shipments, "now": now, "over": OVER_US})
        for statement in PAST:
            connection.execute(numbered(statement), {"count": 14 * 96, "now": now, "over": OVER_US})
        entries = [name for name, facts in CATALOGUE.items() if facts.cron]
        runs = {"count": 1000, "now": now, "jobs": jobs, "entries": str(entries).replace("'", '"')}
        connection.execute(numbered(RUNS), runs)


async def made(state_dir: Path) -> None:
    async with open_store(state_dir, durability="normal", clock=SystemClock(), events=Events()):
        pass


def write_shop(path: Path, orders: int = SHIPMENTS) -> None:
    """Make a shop with *orders* shipped orders and some without a shipment."""
    create_shop(path)
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 3 * 3600 - 1800))
    values = {"count": orders + UNSHIPPED, "at": now, "unshipped": UNSHIPPED}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in SHOP:
            connection.execute(numbered(statement), values)
