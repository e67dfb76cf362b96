"""People, warehouses, what they sell, and the shop's own settings and queue."""

from sqlalchemy import Index, Table, UniqueConstraint

from paranad.shop.columns import (
    choice,
    flag,
    json_text,
    key,
    long_text,
    metadata,
    money,
    number,
    raw_number,
    ref,
    stamps,
    text,
    wall,
)

users = Table(
    "users",
    metadata,
    key(),
    text("google_id", index=True),
    text("name", required=True),
    text("email", unique=True),
    wall("email_verified_at"),
    text("password", required=True),
    choice("role", "admin", "supplier", "delegate", "private_supplier", "customer", default="delegate"),
    flag("is_observer"),
    flag("can_set_purchase_price"),
    number("private_warehouse_id", index=True),
    text("code", unique=True),
    text("page_name"),
    text("phone"),
    text("telegram_chat_id", index=True),
    text("profile_image"),
    text("remember_token", 100),
    *stamps(),
    sqlite_autoincrement=True,
)

warehouses = Table(
    "warehouses",
    metadata,
    key(),
    text("name", required=True),
    text("location", required=True),
    ref("created_by", "users", "CASCADE", required=True),
    *stamps(),
    sqlite_autoincrement=True,
)

warehouse_user = Table(
    "warehouse_user",
    metadata,
    key(),
    ref("user_id", "users", "CASCADE", required=True),
    ref("warehouse_id", "warehouses", "CASCADE", required=True),
    flag("can_manage"),
    *stamps(),
    UniqueConstraint("user_id", "warehouse_id"),
    sqlite_autoincrement=True,
)

products = Table(
    "products",
    metadata,
    key(),
    ref("warehouse_id", "warehouses", "CASCADE", required=True),
    text("name", required=True),
    text("code", required=True),
    choice("gender_type", "boys", "girls", "accessories", "boys_girls"),
    money("purchase_price"),
    money("selling_price", required=True),
    flag("is_hidden"),
    choice("discount_type", "none", "amount", "percentage", default="none"),
    money("discount_value"),
    wall("discount_start_date"),
    wall("discount_end_date"),
    long_text("description"),
    text("link_1688"),
    text("youtube_url"),
    ref("created_by", "users", "CASCADE", required=True),
    *stamps(),
    sqlite_autoincrement=True,
)

product_sizes = Table(
    "product_sizes",
    metadata,
    key(),
    ref("product_id", "products", "CASCADE", required=True),
    text("size_name", required=True),
    number("quantity", required=True, default="0"),
    *stamps(),
    wall("deleted_at"),
    sqlite_autoincrement=True,
)

product_links = Table(
    "product_links",
    metadata,
    key(),
    text("token", 64, required=True, unique=True),
    ref("warehouse_id", "warehouses", "CASCADE"),
    text("size_name"),
    json_text("filters"),
    flag("has_discount"),
    ref("created_by", "users", "CASCADE", required=True),
    *stamps(),
    wall("deleted_at"),
    choice("gender_type", "boys", "girls", "accessories", "boys_girls"),
    sqlite_autoincrement=True,
)

warehouse_promotions = Table(
    "warehouse_promotions",
    metadata,
    key(),
    ref("warehouse_id", "warehouses", "CASCADE", required=True),
    choice("discount_type", "amount", "percentage", required=True, default="amount"),
    money("discount_percentage", 5),
    money("promotion_price"),
    wall("start_date", required=True),
    wall("end_date", required=True),
    flag("is_active", default=True),
    ref("created_by", "users", "CASCADE", required=True),
    *stamps(),
    Index(None, "warehouse_id", "is_active", "start_date", "end_date"),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    key(),
    text("key", required=True, unique=True),
    long_text("value"),
    long_text("description"),
    *stamps(),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    key(),
    text("queue", required=True, index=True),
    long_text("payload", required=True),
    raw_number("attempts", required=True),
    raw_number("reserved_at"),
    raw_number("available_at", required=True),
    raw_number("created_at", required=True),
    sqlite_autoincrement=True,
)

failed_jobs = Table(
    "failed_jobs",
    metadata,
    key(),
    text("uuid", required=True, unique=True),
    long_text("connection", required=True),
    long_text("queue", required=True),
    long_text("payload", required=True),
    long_text("exception", required=True),
    wall("failed_at", required=True, default_now=True),
    sqlite_autoincrement=True,
)
