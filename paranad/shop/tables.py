"""The shop's tables with the columns that statements of the daemon name, and no others.

A column that is not here may be missing in a shop, or hold anything. The whole shop stands as SQL beside the demo and
the tests. Soft deletes (`deleted_at`): `orders`, `product_links`. `alwaseet_shipments.order_id` is not unique.
"""

from sqlalchemy import MetaData, Table

from paranad.shop.columns import (
    flag,
    json_texts,
    key,
    long_texts,
    money,
    name_places,
    numbers,
    raw_numbers,
    texts,
    times,
)

metadata = MetaData()

STAMPS = ("created_at", "updated_at")
"""Nothing in the database fills them: each statement does."""

users = Table("users", metadata, key(), *texts("role"))

warehouse_user = Table("warehouse_user", metadata, *raw_numbers("user_id", "warehouse_id"))

products = Table("products", metadata, key(), *raw_numbers("warehouse_id"), *texts("name", "code"))

product_sizes = Table("product_sizes", metadata, key(), *texts("size_name"))

product_links = Table("product_links", metadata, key(), *times(*STAMPS, "deleted_at"))

warehouse_promotions = Table("warehouse_promotions", metadata, key(), flag("is_active"), *times("end_date", *STAMPS))

carts = Table(
    "carts",
    metadata,
    key(),
    *raw_numbers("delegate_id"),
    *texts("status", "customer_name", "customer_phone", "customer_social_link"),
    *long_texts("customer_address", "notes"),
    *times("expires_at"),
)

cart_items = Table(
    "cart_items",
    metadata,
    key(),
    *raw_numbers("cart_id", "product_id", "size_id"),
    *numbers("quantity"),
    *money("price"),
)

stock_reservations = Table("stock_reservations", metadata, *raw_numbers("cart_item_id"))

archived_orders = Table(
    "archived_orders",
    metadata,
    *raw_numbers("delegate_id"),
    *texts("customer_name", "customer_phone", "customer_social_link"),
    *long_texts("customer_address", "notes"),
    *json_texts("items"),
    *money("total_amount"),
    *times("archived_at", *STAMPS),
)

orders = Table(
    "orders",
    metadata,
    key(),
    *raw_numbers("cart_id", "delegate_id"),
    *texts("order_number", "status", "customer_name", "customer_phone", "customer_phone2"),
    *texts("alwaseet_city_id", "alwaseet_region_id"),
    *long_texts("customer_address", "notes"),
    *money("total_amount", "delivery_fee_at_confirmation"),
    *times(*STAMPS, "deleted_at", "cancelled_at"),
)

order_items = Table("order_items", metadata, *raw_numbers("order_id", "product_id"), *times("updated_at"))

return_items = Table("return_items", metadata, key(), *raw_numbers("order_id"))

profit_records = Table("profit_records", metadata, key(), *raw_numbers("order_id", "return_item_id"))

investor_profits = Table("investor_profits", metadata, *raw_numbers("order_id", "profit_record_id"))

alwaseet_shipments = Table(
    "alwaseet_shipments",
    metadata,
    key(),
    *raw_numbers("order_id"),
    *texts("alwaseet_order_id", "qr_id", "pickup_id", "merchant_invoice_id", "qr_link"),
    *texts("client_name", "client_mobile", "client_mobile2", "city_id", "city_name", "region_id", "region_name"),
    *texts("package_size", "status_id", "status", "items_number"),
    *long_texts("location", "type_name", "merchant_notes", "issue_notes"),
    flag("replacement"),
    *money("price", "delivery_price"),
    *json_texts("api_data"),
    *times("alwaseet_created_at", "alwaseet_updated_at", "synced_at", *STAMPS),
)

alwaseet_sync_logs = Table(
    "alwaseet_sync_logs",
    metadata,
    key(),
    *texts("type", "status"),
    *numbers("orders_synced", "orders_updated", "orders_created", "orders_failed"),
    *long_texts("error_message"),
    *json_texts("filters"),
    *times("started_at", "completed_at", *STAMPS),
)

alwaseet_notifications = Table(
    "alwaseet_notifications",
    metadata,
    key(),
    *raw_numbers("alwaseet_shipment_id"),
    *texts("type", "title", "old_status", "new_status"),
    *long_texts("message"),
    flag("is_read"),
    *times(*STAMPS),
)

alwaseet_order_statuses = Table(
    "alwaseet_order_statuses", metadata, *texts("status_id", "status_text"), flag("is_active"), *times(*STAMPS)
)

alwaseet_order_status_history = Table(
    "alwaseet_order_status_history",
    metadata,
    key(),
    *raw_numbers("order_id", "shipment_id"),
    *texts("status_id", "status_text", "changed_by"),
    *json_texts("metadata"),
    *times("changed_at", *STAMPS),
)

notifications = Table(
    "notifications",
    metadata,
    key(),
    *raw_numbers("user_id"),
    *texts("type", "source_view", "title"),
    *long_texts("message"),
    *json_texts("data"),
    *times(*STAMPS),
)

sweet_alerts = Table(
    "sweet_alerts",
    metadata,
    *raw_numbers("user_id"),
    *texts("type", "title", "icon"),
    *long_texts("message"),
    *json_texts("data"),
    *times(*STAMPS),
)

messages = Table("messages", metadata, key(), *times("created_at"))

fcm_tokens = Table("fcm_tokens", metadata, key(), *times("updated_at"))

settings = Table("settings", metadata, *texts("key"), *long_texts("value"), *times(*STAMPS))

jobs = Table(
    "jobs",
    metadata,
    key(),
    *texts("queue"),
    *long_texts("payload"),
    *raw_numbers("attempts", "reserved_at", "available_at", "created_at"),
)

failed_jobs = Table(
    "failed_jobs",
    metadata,
    key(),
    *texts("uuid"),
    *long_texts("connection", "queue", "payload", "exception"),
    *times("failed_at"),
)

name_places(metadata)
