"""The shop's tables, as far as background work needs them; take them from here.

Facts: keys and deletions as the shop's migrations have them. Soft deletes (`deleted_at`): `orders`, `product_sizes`,
`product_links`. `alwaseet_shipments.order_id` is not unique.
"""

from paranad.shop.columns import metadata, name_places
from paranad.shop.tables_catalogue import (
    failed_jobs,
    jobs,
    product_links,
    product_sizes,
    products,
    settings,
    users,
    warehouse_promotions,
    warehouse_user,
    warehouses,
)
from paranad.shop.tables_courier import (
    alwaseet_notifications,
    alwaseet_order_status_history,
    alwaseet_order_statuses,
    alwaseet_shipments,
    alwaseet_sync_logs,
    conversations,
    fcm_tokens,
    messages,
    notifications,
    sweet_alerts,
    user_telegram_chats,
)
from paranad.shop.tables_orders import (
    archived_orders,
    cart_items,
    carts,
    exchange_items,
    investor_profits,
    order_items,
    orders,
    product_movements,
    profit_records,
    return_items,
    stock_reservations,
)

__all__ = [
    "alwaseet_notifications",
    "alwaseet_order_status_history",
    "alwaseet_order_statuses",
    "alwaseet_shipments",
    "alwaseet_sync_logs",
    "archived_orders",
    "cart_items",
    "carts",
    "conversations",
    "exchange_items",
    "failed_jobs",
    "fcm_tokens",
    "investor_profits",
    "jobs",
    "messages",
    "metadata",
    "notifications",
    "order_items",
    "orders",
    "product_links",
    "product_movements",
    "product_sizes",
    "products",
    "profit_records",
    "return_items",
    "settings",
    "stock_reservations",
    "sweet_alerts",
    "user_telegram_chats",
    "users",
    "warehouse_promotions",
    "warehouse_user",
    "warehouses",
]

name_places(metadata)
