"""A day in an invented shop: orders that want a shipment, and what is about to expire."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import column, insert, table

from paranad.record import record
from paranad.shop.connections import AsyncConnection

CUSTOMERS = (
    ("زينب عبد الكريم", "07701000001", "الكرادة، قرب ساحة الحرية"),
    ("حيدر جواد", "0770 100 0002", "المنصور، شارع الأميرات"),
    ("نور الهدى سالم", "+9647701000003", "الأعظمية، خلف الجامع الكبير"),
    ("علي حسين", "07701000004", "الجادرية، مجمع الأساتذة"),
    ("رقية محمود", "٠٧٧٠١٠٠٠٠٠٥", "زيونة، شارع الربيعي"),
    ("مصطفى قاسم", "07701000006", "الدورة، قرب معمل السجاد"),
    ("فاطمة عادل", "7701000007", "البياع، شارع عشرين"),
    ("سجاد كاظم", "07701000008", "الشعب، قرب السوق"),
    ("مريم يوسف", "07701000009", "بغداد الجديدة، محلة 703"),
    ("عمر فاروق", "07701000010", "الغزالية، شارع البدالة"),
    ("هدى ناصر", "0770-100-0011", "العامرية، شارع المنظمة"),
    ("كرار مهدي", "07701000012", "حي الجامعة، قرب المتنزه"),
)
"""Invented; the phones are written in the many ways a shop's customers write them."""

PRODUCTS = (
    ("فستان أطفال", "DR-01", "25000.00"),
    ("بدلة ولادي", "BO-02", "32000.00"),
    ("حذاء رياضي", "SH-03", "18000.00"),
)


@record
class CourierSettings:
    """The courier account and the courier's ids of a usual parcel, as the shop's settings hold them."""

    username: str
    password: str
    city_id: str
    region_id: str
    package_size: str


async def seed_shop(connection: AsyncConnection, now: datetime, account: CourierSettings) -> list[int]:
    """Fill an empty shop with a day of data; return the ids of the orders that want a shipment.

    *now* is the shop's naive wall clock.
    """
    await _settings(connection, now, account)
    delegate = await _people_and_products(connection, now)
    await _expiring(connection, now, delegate)
    return [await _order(connection, now, delegate, number, who) for number, who in enumerate(CUSTOMERS, start=1)]


async def _add(connection: AsyncConnection, into: str, now: datetime, /, **values: Any) -> int:
    """Insert a row as SQLite holds it, times and amounts as text: most of these columns are the shop's alone."""
    row = {"created_at": now, "updated_at": now} | values
    plain = {each: str(value) if isinstance(value, datetime | Decimal) else value for each, value in row.items()}
    added = await connection.execute(insert(table(into, *map(column, row))), plain)
    return int(added.lastrowid)


async def _settings(connection: AsyncConnection, now: datetime, account: CourierSettings) -> None:
    values: Mapping[str, str] = {
        "alwaseet_auto_create_shipment": "1",
        "alwaseet_auto_sync_enabled": "1",
        "alwaseet_auto_sync_interval": "5",
        "alwaseet_auto_sync_status_ids": "",
        "alwaseet_default_city_id": account.city_id,
        "alwaseet_default_region_id": account.region_id,
        "alwaseet_default_package_size_id": account.package_size,
        "alwaseet_default_type_name": "ملابس",
        "alwaseet_username": account.username,
        "alwaseet_password": account.password,
        "delivery_fee": "5000",
        "app_product_link_duration": "2",
    }
    for key, value in values.items():
        await _add(connection, "settings", now, key=key, value=value)


async def _people_and_products(connection: AsyncConnection, now: datetime) -> int:
    delegate = await _add(connection, "users", now, name="مندوب المتجر", password="-", role="delegate")  # noqa: S106 -- nobody logs in
    warehouse = await _add(connection, "warehouses", now, name="المخزن", location="بغداد", created_by=delegate)
    for name, code, price in PRODUCTS:
        product = await _add(
            connection,
            "products",
            now,
            warehouse_id=warehouse,
            name=name,
            code=code,
            selling_price=Decimal(price),
            created_by=delegate,
        )
        await _add(connection, "product_sizes", now, product_id=product, size_name="4", quantity=40)
    return delegate


async def _order(
    connection: AsyncConnection, now: datetime, delegate: int, number: int, customer: Sequence[str]
) -> int:
    name, phone, address = customer
    product = (number - 1) % len(PRODUCTS)
    at = now - timedelta(minutes=30 * (len(CUSTOMERS) - number))
    cart = await _add(connection, "carts", at, delegate_id=delegate, cart_name=name, status="completed")
    quantity = 1 + number % 2
    price = Decimal(PRODUCTS[product][2])
    order = await _add(
        connection,
        "orders",
        at,
        cart_id=cart,
        delegate_id=delegate,
        order_number=f"D-{number:04}",
        customer_name=name,
        customer_phone=phone,
        customer_address=address,
        customer_social_link="-",
        status="pending",
        total_amount=price * quantity,
    )
    await _add(
        connection,
        "order_items",
        at,
        order_id=order,
        product_id=product + 1,
        product_name=PRODUCTS[product][0],
        product_code=PRODUCTS[product][1],
        size_name="4",
        size_id=product + 1,
        quantity=quantity,
        unit_price=price,
        subtotal=price * quantity,
    )
    return order


async def _expiring(connection: AsyncConnection, now: datetime, delegate: int) -> None:
    over, ago = now - timedelta(minutes=1), now - timedelta(hours=24)
    for owner, name in ((delegate, "سلة المندوب"), (delegate, "سلة ثانية"), (None, "سلة زائر")):
        await _cart(connection, ago, over, owner, name)
    for hours in (1, 30):
        await _add(
            connection,
            "warehouse_promotions",
            ago,
            warehouse_id=1,
            start_date=now - timedelta(days=7),
            end_date=now + timedelta(hours=24 - hours),
            created_by=delegate,
        )
    for age in (timedelta(hours=3), timedelta(minutes=10)):
        await _add(connection, "product_links", now - age, token=f"link-{age.seconds}", created_by=delegate)
    await _trashed_order(connection, now - timedelta(days=40), delegate)


async def _cart(connection: AsyncConnection, at: datetime, expires_at: datetime, owner: int | None, name: str) -> None:
    cart = await _add(
        connection, "carts", at, delegate_id=owner, cart_name=name, status="active", expires_at=expires_at
    )
    item = await _add(
        connection, "cart_items", at, cart_id=cart, product_id=1, size_id=1, quantity=2, price=Decimal(25000)
    )
    await _add(connection, "stock_reservations", at, product_size_id=1, cart_item_id=item, quantity_reserved=2)


async def _trashed_order(connection: AsyncConnection, at: datetime, delegate: int) -> None:
    cart = await _add(connection, "carts", at, delegate_id=delegate, cart_name="-", status="completed")
    await _add(
        connection,
        "orders",
        at,
        cart_id=cart,
        order_number="D-0000",
        customer_name="طلب محذوف",
        customer_phone="07701000099",
        customer_address="-",
        customer_social_link="-",
        status="cancelled",
        total_amount=Decimal(10000),
        deleted_at=at,
    )
