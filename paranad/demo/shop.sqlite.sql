-- The whole shop in SQLite's dialect: the same tables as the tests' shop.mysql.sql, which its migrations make.
-- Types are those that Laravel's SQLite grammar declares; enums, booleans and JSON have CHECK constraints.
-- Text comparison and UNIQUE are case-sensitive here (MySQL: case-insensitive); NUMERIC has no fixed scale;
-- DATETIME is text, 'YYYY-MM-DD HH:MM:SS'.

CREATE TABLE "users" (
    "id"                     INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "google_id"              VARCHAR,
    "name"                   VARCHAR NOT NULL,
    "email"                  VARCHAR,
    "email_verified_at"      DATETIME,
    "password"               VARCHAR NOT NULL,
    "role"                   VARCHAR DEFAULT 'delegate' CHECK ("role" IN ('admin', 'supplier', 'delegate', 'private_supplier', 'customer')),
    "is_observer"            TINYINT(1) NOT NULL DEFAULT 0 CHECK ("is_observer" IN (0, 1)),
    "can_set_purchase_price" TINYINT(1) NOT NULL DEFAULT 0 CHECK ("can_set_purchase_price" IN (0, 1)),
    "private_warehouse_id"   INTEGER,
    "code"                   VARCHAR,
    "page_name"              VARCHAR,
    "phone"                  VARCHAR,
    "telegram_chat_id"       VARCHAR,
    "profile_image"          VARCHAR,
    "remember_token"         VARCHAR,
    "created_at"             DATETIME,
    "updated_at"             DATETIME
    -- foreign key private_warehouse_id -> private_warehouses(id) ON DELETE SET NULL left out: that table is outside this file
);
CREATE UNIQUE INDEX "users_code_unique" ON "users" ("code");
CREATE UNIQUE INDEX "users_email_unique" ON "users" ("email");
CREATE INDEX "users_google_id_index" ON "users" ("google_id");
CREATE INDEX "users_private_warehouse_id_fk_idx" ON "users" ("private_warehouse_id");
CREATE INDEX "users_telegram_chat_id_index" ON "users" ("telegram_chat_id");

CREATE TABLE "warehouses" (
    "id"         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name"       VARCHAR NOT NULL,
    "location"   VARCHAR NOT NULL,
    "created_by" INTEGER NOT NULL,
    "created_at" DATETIME,
    "updated_at" DATETIME,
    FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "warehouses_created_by_fk_idx" ON "warehouses" ("created_by");

CREATE TABLE "warehouse_user" (
    "id"           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id"      INTEGER NOT NULL,
    "warehouse_id" INTEGER NOT NULL,
    "can_manage"   TINYINT(1) NOT NULL DEFAULT 0 CHECK ("can_manage" IN (0, 1)),
    "created_at"   DATETIME,
    "updated_at"   DATETIME,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX "warehouse_user_user_id_warehouse_id_unique" ON "warehouse_user" ("user_id", "warehouse_id");
CREATE INDEX "warehouse_user_warehouse_id_fk_idx" ON "warehouse_user" ("warehouse_id");

CREATE TABLE "products" (
    "id"                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "warehouse_id"        INTEGER NOT NULL,
    "name"                VARCHAR NOT NULL,
    "code"                VARCHAR NOT NULL,
    "gender_type"         VARCHAR CHECK ("gender_type" IN ('boys', 'girls', 'accessories', 'boys_girls')),
    "purchase_price"      NUMERIC,
    "selling_price"       NUMERIC NOT NULL,
    "is_hidden"           TINYINT(1) NOT NULL DEFAULT 0 CHECK ("is_hidden" IN (0, 1)),
    "discount_type"       VARCHAR DEFAULT 'none' CHECK ("discount_type" IN ('none', 'amount', 'percentage')),
    "discount_value"      NUMERIC,
    "discount_start_date" DATETIME,
    "discount_end_date"   DATETIME,
    "description"         TEXT,
    "link_1688"           VARCHAR,
    "youtube_url"         VARCHAR,
    "created_by"          INTEGER NOT NULL,
    "created_at"          DATETIME,
    "updated_at"          DATETIME,
    FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE INDEX "products_created_by_fk_idx" ON "products" ("created_by");
CREATE INDEX "products_warehouse_id_fk_idx" ON "products" ("warehouse_id");

CREATE TABLE "product_sizes" (
    "id"         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "product_id" INTEGER NOT NULL,
    "size_name"  VARCHAR NOT NULL,
    "quantity"   INTEGER NOT NULL DEFAULT 0,
    "created_at" DATETIME,
    "updated_at" DATETIME,
    "deleted_at" DATETIME,
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE CASCADE
);
CREATE INDEX "product_sizes_product_id_fk_idx" ON "product_sizes" ("product_id");

CREATE TABLE "product_links" (
    "id"           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "token"        VARCHAR NOT NULL,
    "warehouse_id" INTEGER,
    "size_name"    VARCHAR,
    "filters"      TEXT CHECK ("filters" IS NULL OR json_valid("filters")),
    "has_discount" TINYINT(1) NOT NULL DEFAULT 0 CHECK ("has_discount" IN (0, 1)),
    "created_by"   INTEGER NOT NULL,
    "created_at"   DATETIME,
    "updated_at"   DATETIME,
    "deleted_at"   DATETIME,
    "gender_type"  VARCHAR CHECK ("gender_type" IN ('boys', 'girls', 'accessories', 'boys_girls')),
    FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE INDEX "product_links_created_by_fk_idx" ON "product_links" ("created_by");
CREATE UNIQUE INDEX "product_links_token_unique" ON "product_links" ("token");
CREATE INDEX "product_links_warehouse_id_fk_idx" ON "product_links" ("warehouse_id");

CREATE TABLE "warehouse_promotions" (
    "id"                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "warehouse_id"        INTEGER NOT NULL,
    "discount_type"       VARCHAR NOT NULL DEFAULT 'amount' CHECK ("discount_type" IN ('amount', 'percentage')),
    "discount_percentage" NUMERIC,
    "promotion_price"     NUMERIC,
    "start_date"          DATETIME NOT NULL,
    "end_date"            DATETIME NOT NULL,
    "is_active"           TINYINT(1) NOT NULL DEFAULT 1 CHECK ("is_active" IN (0, 1)),
    "created_by"          INTEGER NOT NULL,
    "created_at"          DATETIME,
    "updated_at"          DATETIME,
    FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE INDEX "warehouse_promotions_active_idx" ON "warehouse_promotions" ("warehouse_id", "is_active", "start_date", "end_date");
CREATE INDEX "warehouse_promotions_created_by_fk_idx" ON "warehouse_promotions" ("created_by");

CREATE TABLE "carts" (
    "id"                   INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "delegate_id"          INTEGER,
    "created_by"           INTEGER,
    "session_id"           VARCHAR,
    "cart_name"            VARCHAR NOT NULL,
    "customer_name"        VARCHAR,
    "customer_phone"       VARCHAR,
    "customer_phone2"      VARCHAR,
    "customer_address"     TEXT,
    "customer_social_link" VARCHAR,
    "notes"                TEXT,
    "status"               VARCHAR NOT NULL DEFAULT 'active' CHECK ("status" IN ('active', 'completed', 'cancelled')),
    "expires_at"           DATETIME,
    "created_at"           DATETIME,
    "updated_at"           DATETIME,
    "supplier_id"          INTEGER,
    FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("delegate_id") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("supplier_id") REFERENCES "users" ("id") ON DELETE SET NULL
);
CREATE INDEX "carts_created_by_fk_idx" ON "carts" ("created_by");
CREATE INDEX "carts_delegate_id_fk_idx" ON "carts" ("delegate_id");
CREATE INDEX "carts_session_id_index" ON "carts" ("session_id");
CREATE INDEX "carts_supplier_id_fk_idx" ON "carts" ("supplier_id");

CREATE TABLE "cart_items" (
    "id"         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "cart_id"    INTEGER NOT NULL,
    "product_id" INTEGER NOT NULL,
    "size_id"    INTEGER NOT NULL,
    "quantity"   INTEGER NOT NULL,
    "price"      NUMERIC NOT NULL,
    "created_at" DATETIME,
    "updated_at" DATETIME,
    FOREIGN KEY ("cart_id") REFERENCES "carts" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("size_id") REFERENCES "product_sizes" ("id") ON DELETE CASCADE
);
CREATE INDEX "cart_items_cart_id_fk_idx" ON "cart_items" ("cart_id");
CREATE INDEX "cart_items_product_id_fk_idx" ON "cart_items" ("product_id");
CREATE INDEX "cart_items_size_id_fk_idx" ON "cart_items" ("size_id");

CREATE TABLE "stock_reservations" (
    "id"                INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "product_size_id"   INTEGER NOT NULL,
    "cart_item_id"      INTEGER NOT NULL,
    "quantity_reserved" INTEGER NOT NULL,
    "created_at"        DATETIME,
    "updated_at"        DATETIME,
    FOREIGN KEY ("cart_item_id") REFERENCES "cart_items" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("product_size_id") REFERENCES "product_sizes" ("id") ON DELETE CASCADE
);
CREATE INDEX "stock_reservations_cart_item_id_fk_idx" ON "stock_reservations" ("cart_item_id");
CREATE INDEX "stock_reservations_product_size_id_fk_idx" ON "stock_reservations" ("product_size_id");

CREATE TABLE "orders" (
    "id"                            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "cart_id"                       INTEGER NOT NULL,
    "delegate_id"                   INTEGER,
    "source"                        VARCHAR NOT NULL DEFAULT 'delegate',
    "customer_id"                   INTEGER,
    "order_number"                  VARCHAR NOT NULL,
    "customer_name"                 VARCHAR NOT NULL,
    "customer_phone"                VARCHAR NOT NULL,
    "customer_phone2"               VARCHAR,
    "customer_address"              TEXT NOT NULL,
    "alwaseet_address"              TEXT,
    "alwaseet_city_id"              VARCHAR,
    "alwaseet_region_id"            VARCHAR,
    "alwaseet_delivery_time_note"   VARCHAR,
    "customer_social_link"          VARCHAR NOT NULL,
    "notes"                         TEXT,
    "delivery_code"                 VARCHAR,
    "cancellation_reason"           VARCHAR,
    "return_notes"                  TEXT,
    "cancelled_at"                  DATETIME,
    "returned_at"                   DATETIME,
    "exchanged_at"                  DATETIME,
    "confirmed_at"                  DATETIME,
    "status"                        VARCHAR NOT NULL CHECK ("status" IN ('pending', 'confirmed', 'cancelled', 'returned', 'exchanged')),
    "size_reviewed"                 VARCHAR NOT NULL DEFAULT 'not_reviewed' CHECK ("size_reviewed" IN ('not_reviewed', 'reviewed')),
    "message_confirmed"             VARCHAR NOT NULL DEFAULT 'not_sent' CHECK ("message_confirmed" IN ('not_sent', 'waiting_response', 'not_confirmed', 'confirmed')),
    "total_amount"                  NUMERIC NOT NULL,
    "delivery_fee_at_confirmation"  NUMERIC,
    "profit_margin_at_confirmation" NUMERIC,
    "created_at"                    DATETIME,
    "updated_at"                    DATETIME,
    "confirmed_by"                  INTEGER,
    "processed_by"                  INTEGER,
    "is_partial_return"             TINYINT(1) NOT NULL DEFAULT 0 CHECK ("is_partial_return" IN (0, 1)),
    "is_partial_exchange"           TINYINT(1) NOT NULL DEFAULT 0 CHECK ("is_partial_exchange" IN (0, 1)),
    "deleted_at"                    DATETIME,
    "deleted_by"                    INTEGER,
    "deletion_reason"               TEXT,
    "supplier_id"                   INTEGER,
    FOREIGN KEY ("cart_id") REFERENCES "carts" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("confirmed_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE SET NULL,
    FOREIGN KEY ("delegate_id") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("deleted_by") REFERENCES "users" ("id") ON DELETE SET NULL,
    FOREIGN KEY ("processed_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("supplier_id") REFERENCES "users" ("id") ON DELETE SET NULL
);
CREATE INDEX "orders_cart_id_fk_idx" ON "orders" ("cart_id");
CREATE INDEX "orders_confirmed_by_fk_idx" ON "orders" ("confirmed_by");
CREATE INDEX "orders_customer_id_fk_idx" ON "orders" ("customer_id");
CREATE INDEX "orders_delegate_id_fk_idx" ON "orders" ("delegate_id");
CREATE INDEX "orders_deleted_by_fk_idx" ON "orders" ("deleted_by");
CREATE UNIQUE INDEX "orders_order_number_unique" ON "orders" ("order_number");
CREATE INDEX "orders_processed_by_fk_idx" ON "orders" ("processed_by");
CREATE INDEX "orders_supplier_id_fk_idx" ON "orders" ("supplier_id");

CREATE TABLE "order_items" (
    "id"           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "order_id"     INTEGER NOT NULL,
    "product_id"   INTEGER NOT NULL,
    "product_name" VARCHAR NOT NULL,
    "product_code" VARCHAR NOT NULL,
    "size_name"    VARCHAR NOT NULL,
    "quantity"     INTEGER NOT NULL,
    "unit_price"   NUMERIC NOT NULL,
    "subtotal"     NUMERIC NOT NULL,
    "created_at"   DATETIME,
    "updated_at"   DATETIME,
    "size_id"      INTEGER,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("size_id") REFERENCES "product_sizes" ("id") ON DELETE SET NULL
);
CREATE INDEX "order_items_order_id_fk_idx" ON "order_items" ("order_id");
CREATE INDEX "order_items_product_id_fk_idx" ON "order_items" ("product_id");
CREATE INDEX "order_items_size_id_fk_idx" ON "order_items" ("size_id");

CREATE TABLE "archived_orders" (
    "id"                   INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "delegate_id"          INTEGER NOT NULL,
    "customer_name"        VARCHAR NOT NULL,
    "customer_phone"       VARCHAR NOT NULL,
    "customer_address"     TEXT NOT NULL,
    "customer_social_link" VARCHAR NOT NULL,
    "notes"                TEXT,
    "items"                TEXT NOT NULL CHECK (json_valid("items")),
    "total_amount"         NUMERIC NOT NULL DEFAULT 0.00,
    "archived_at"          DATETIME NOT NULL,
    "created_at"           DATETIME,
    "updated_at"           DATETIME,
    FOREIGN KEY ("delegate_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "archived_orders_delegate_id_fk_idx" ON "archived_orders" ("delegate_id");

CREATE TABLE "settings" (
    "id"          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key"         VARCHAR NOT NULL,
    "value"       TEXT,
    "description" TEXT,
    "created_at"  DATETIME,
    "updated_at"  DATETIME
);
CREATE UNIQUE INDEX "settings_key_unique" ON "settings" ("key");

CREATE TABLE "alwaseet_shipments" (
    "id"                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "alwaseet_order_id"   VARCHAR NOT NULL,
    "client_name"         VARCHAR NOT NULL,
    "client_mobile"       VARCHAR NOT NULL,
    "client_mobile2"      VARCHAR,
    "city_id"             VARCHAR NOT NULL,
    "city_name"           VARCHAR NOT NULL,
    "region_id"           VARCHAR NOT NULL,
    "region_name"         VARCHAR NOT NULL,
    "location"            TEXT NOT NULL,
    "price"               NUMERIC NOT NULL,
    "delivery_price"      NUMERIC NOT NULL DEFAULT 0.00,
    "package_size"        VARCHAR NOT NULL,
    "type_name"           TEXT NOT NULL,
    "status_id"           VARCHAR NOT NULL,
    "status"              VARCHAR NOT NULL,
    "items_number"        VARCHAR NOT NULL DEFAULT '1',
    "merchant_notes"      TEXT,
    "issue_notes"         TEXT,
    "replacement"         TINYINT(1) NOT NULL DEFAULT 0 CHECK ("replacement" IN (0, 1)),
    "qr_id"               VARCHAR,
    "pickup_id"           VARCHAR,
    "merchant_invoice_id" VARCHAR,
    "api_data"            TEXT CHECK ("api_data" IS NULL OR json_valid("api_data")),
    "qr_link"             VARCHAR,
    "alwaseet_created_at" DATETIME,
    "alwaseet_updated_at" DATETIME,
    "synced_at"           DATETIME,
    "printed_at"          DATETIME,
    "order_id"            INTEGER,
    "created_at"          DATETIME,
    "updated_at"          DATETIME,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE SET NULL
);
CREATE UNIQUE INDEX "alwaseet_shipments_alwaseet_order_id_unique" ON "alwaseet_shipments" ("alwaseet_order_id");
CREATE INDEX "alwaseet_shipments_order_id_index" ON "alwaseet_shipments" ("order_id");
CREATE INDEX "alwaseet_shipments_order_id_status_id_index" ON "alwaseet_shipments" ("order_id", "status_id");
CREATE INDEX "alwaseet_shipments_pickup_id_index" ON "alwaseet_shipments" ("pickup_id");
CREATE INDEX "alwaseet_shipments_status_id_index" ON "alwaseet_shipments" ("status_id");
CREATE INDEX "alwaseet_shipments_synced_at_index" ON "alwaseet_shipments" ("synced_at");

CREATE TABLE "alwaseet_sync_logs" (
    "id"             INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "type"           VARCHAR NOT NULL DEFAULT 'automatic' CHECK ("type" IN ('manual', 'automatic')),
    "status"         VARCHAR NOT NULL DEFAULT 'success' CHECK ("status" IN ('success', 'failed', 'partial')),
    "orders_synced"  INTEGER NOT NULL DEFAULT 0,
    "orders_updated" INTEGER NOT NULL DEFAULT 0,
    "orders_created" INTEGER NOT NULL DEFAULT 0,
    "orders_failed"  INTEGER NOT NULL DEFAULT 0,
    "error_message"  TEXT,
    "filters"        TEXT CHECK ("filters" IS NULL OR json_valid("filters")),
    "started_at"     DATETIME NOT NULL,
    "completed_at"   DATETIME,
    "created_at"     DATETIME,
    "updated_at"     DATETIME
);
CREATE INDEX "alwaseet_sync_logs_started_at_index" ON "alwaseet_sync_logs" ("started_at");
CREATE INDEX "alwaseet_sync_logs_status_index" ON "alwaseet_sync_logs" ("status");
CREATE INDEX "alwaseet_sync_logs_type_index" ON "alwaseet_sync_logs" ("type");

CREATE TABLE "alwaseet_notifications" (
    "id"                   INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "alwaseet_shipment_id" INTEGER NOT NULL,
    "type"                 VARCHAR NOT NULL,
    "title"                VARCHAR NOT NULL,
    "message"              TEXT NOT NULL,
    "old_status"           VARCHAR,
    "new_status"           VARCHAR,
    "is_read"              TINYINT(1) NOT NULL DEFAULT 0 CHECK ("is_read" IN (0, 1)),
    "read_at"              DATETIME,
    "created_at"           DATETIME,
    "updated_at"           DATETIME,
    FOREIGN KEY ("alwaseet_shipment_id") REFERENCES "alwaseet_shipments" ("id") ON DELETE CASCADE
);
CREATE INDEX "alwaseet_notifications_alwaseet_shipment_id_index" ON "alwaseet_notifications" ("alwaseet_shipment_id");
CREATE INDEX "alwaseet_notifications_created_at_index" ON "alwaseet_notifications" ("created_at");
CREATE INDEX "alwaseet_notifications_is_read_index" ON "alwaseet_notifications" ("is_read");
CREATE INDEX "alwaseet_notifications_type_index" ON "alwaseet_notifications" ("type");

CREATE TABLE "alwaseet_order_statuses" (
    "id"            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "status_id"     VARCHAR NOT NULL,
    "status_text"   VARCHAR NOT NULL,
    "is_active"     TINYINT(1) NOT NULL DEFAULT 1 CHECK ("is_active" IN (0, 1)),
    "display_order" INTEGER NOT NULL DEFAULT 0,
    "created_at"    DATETIME,
    "updated_at"    DATETIME
);
CREATE INDEX "alwaseet_order_statuses_display_order_index" ON "alwaseet_order_statuses" ("display_order");
CREATE INDEX "alwaseet_order_statuses_is_active_index" ON "alwaseet_order_statuses" ("is_active");
CREATE INDEX "alwaseet_order_statuses_status_id_index" ON "alwaseet_order_statuses" ("status_id");
CREATE UNIQUE INDEX "alwaseet_order_statuses_status_id_unique" ON "alwaseet_order_statuses" ("status_id");

CREATE TABLE "alwaseet_order_status_history" (
    "id"          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "order_id"    INTEGER,
    "shipment_id" INTEGER,
    "status_id"   VARCHAR NOT NULL,
    "status_text" VARCHAR NOT NULL,
    "changed_at"  DATETIME NOT NULL,
    "changed_by"  VARCHAR,
    "metadata"    TEXT CHECK ("metadata" IS NULL OR json_valid("metadata")),
    "created_at"  DATETIME,
    "updated_at"  DATETIME,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("shipment_id") REFERENCES "alwaseet_shipments" ("id") ON DELETE CASCADE
);
CREATE INDEX "alwaseet_order_status_history_order_id_changed_at_index" ON "alwaseet_order_status_history" ("order_id", "changed_at");
CREATE INDEX "alwaseet_order_status_history_shipment_id_fk_idx" ON "alwaseet_order_status_history" ("shipment_id");
CREATE INDEX "alwaseet_order_status_history_status_id_index" ON "alwaseet_order_status_history" ("status_id");

CREATE TABLE "notifications" (
    "id"          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id"     INTEGER NOT NULL,
    "type"        VARCHAR NOT NULL,
    "source_view" VARCHAR,
    "title"       VARCHAR NOT NULL,
    "message"     TEXT NOT NULL,
    "data"        TEXT CHECK ("data" IS NULL OR json_valid("data")),
    "read_at"     DATETIME,
    "expires_at"  DATETIME,
    "created_at"  DATETIME,
    "updated_at"  DATETIME,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "notifications_user_id_read_at_index" ON "notifications" ("user_id", "read_at");
CREATE INDEX "notifications_user_id_type_index" ON "notifications" ("user_id", "type");

CREATE TABLE "sweet_alerts" (
    "id"         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id"    INTEGER NOT NULL,
    "type"       VARCHAR NOT NULL,
    "title"      VARCHAR NOT NULL,
    "message"    TEXT NOT NULL,
    "icon"       VARCHAR NOT NULL DEFAULT 'info',
    "data"       TEXT CHECK ("data" IS NULL OR json_valid("data")),
    "read_at"    DATETIME,
    "created_at" DATETIME,
    "updated_at" DATETIME,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "sweet_alerts_read_at_index" ON "sweet_alerts" ("read_at");
CREATE INDEX "sweet_alerts_type_index" ON "sweet_alerts" ("type");
CREATE INDEX "sweet_alerts_user_id_index" ON "sweet_alerts" ("user_id");
CREATE INDEX "sweet_alerts_user_id_read_at_index" ON "sweet_alerts" ("user_id", "read_at");

CREATE TABLE "user_telegram_chats" (
    "id"          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id"     INTEGER NOT NULL,
    "chat_id"     VARCHAR NOT NULL,
    "device_name" VARCHAR,
    "linked_at"   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at"  DATETIME,
    "updated_at"  DATETIME,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "user_telegram_chats_chat_id_index" ON "user_telegram_chats" ("chat_id");
CREATE UNIQUE INDEX "user_telegram_chats_user_id_chat_id_unique" ON "user_telegram_chats" ("user_id", "chat_id");

CREATE TABLE "conversations" (
    "id"           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "warehouse_id" INTEGER,
    "type"         VARCHAR NOT NULL DEFAULT 'direct',
    "title"        VARCHAR,
    "created_at"   DATETIME,
    "updated_at"   DATETIME,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE INDEX "conversations_warehouse_id_fk_idx" ON "conversations" ("warehouse_id");

CREATE TABLE "messages" (
    "id"              INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "user_id"         INTEGER NOT NULL,
    "message"         TEXT,
    "image_path"      VARCHAR,
    "type"            VARCHAR NOT NULL DEFAULT 'text',
    "order_id"        INTEGER,
    "order_type"      VARCHAR DEFAULT 'normal',
    "source_view"     VARCHAR,
    "product_id"      INTEGER,
    "is_read"         TINYINT(1) NOT NULL DEFAULT 0 CHECK ("is_read" IN (0, 1)),
    "read_at"         DATETIME,
    "created_at"      DATETIME,
    "updated_at"      DATETIME,
    "reply_to_id"     INTEGER,
    FOREIGN KEY ("conversation_id") REFERENCES "conversations" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("reply_to_id") REFERENCES "messages" ("id") ON DELETE SET NULL,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "messages_conversation_id_index" ON "messages" ("conversation_id");
CREATE INDEX "messages_order_id_fk_idx" ON "messages" ("order_id");
CREATE INDEX "messages_product_id_fk_idx" ON "messages" ("product_id");
CREATE INDEX "messages_reply_to_id_fk_idx" ON "messages" ("reply_to_id");
CREATE INDEX "messages_user_id_index" ON "messages" ("user_id");

CREATE TABLE "fcm_tokens" (
    "id"          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "user_id"     INTEGER NOT NULL,
    "device_id"   VARCHAR,
    "token"       VARCHAR NOT NULL,
    "device_type" VARCHAR,
    "app_type"    VARCHAR,
    "is_active"   TINYINT(1) NOT NULL DEFAULT 1 CHECK ("is_active" IN (0, 1)),
    "device_info" TEXT CHECK ("device_info" IS NULL OR json_valid("device_info")),
    "created_at"  DATETIME,
    "updated_at"  DATETIME,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "fcm_tokens_app_type_index" ON "fcm_tokens" ("app_type");
CREATE INDEX "fcm_tokens_device_id_index" ON "fcm_tokens" ("device_id");
CREATE INDEX "fcm_tokens_is_active_index" ON "fcm_tokens" ("is_active");
CREATE INDEX "fcm_tokens_token_index" ON "fcm_tokens" ("token");
CREATE UNIQUE INDEX "fcm_tokens_token_unique" ON "fcm_tokens" ("token");
CREATE INDEX "fcm_tokens_user_id_index" ON "fcm_tokens" ("user_id");

CREATE TABLE "return_items" (
    "id"                INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "order_id"          INTEGER NOT NULL,
    "order_item_id"     INTEGER NOT NULL,
    "product_id"        INTEGER NOT NULL,
    "size_id"           INTEGER NOT NULL,
    "quantity_returned" INTEGER NOT NULL,
    "return_reason"     TEXT NOT NULL,
    "created_at"        DATETIME,
    "updated_at"        DATETIME,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("order_item_id") REFERENCES "order_items" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("size_id") REFERENCES "product_sizes" ("id") ON DELETE RESTRICT
);
CREATE INDEX "return_items_order_id_fk_idx" ON "return_items" ("order_id");
CREATE INDEX "return_items_order_item_id_fk_idx" ON "return_items" ("order_item_id");
CREATE INDEX "return_items_product_id_fk_idx" ON "return_items" ("product_id");
CREATE INDEX "return_items_size_id_fk_idx" ON "return_items" ("size_id");

CREATE TABLE "exchange_items" (
    "id"              INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "order_id"        INTEGER NOT NULL,
    "order_item_id"   INTEGER NOT NULL,
    "old_product_id"  INTEGER NOT NULL,
    "old_size_id"     INTEGER NOT NULL,
    "old_quantity"    INTEGER NOT NULL,
    "new_product_id"  INTEGER NOT NULL,
    "new_size_id"     INTEGER NOT NULL,
    "new_quantity"    INTEGER NOT NULL,
    "exchange_reason" TEXT NOT NULL,
    "created_at"      DATETIME,
    "updated_at"      DATETIME,
    FOREIGN KEY ("new_product_id") REFERENCES "products" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("new_size_id") REFERENCES "product_sizes" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("old_product_id") REFERENCES "products" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("old_size_id") REFERENCES "product_sizes" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("order_item_id") REFERENCES "order_items" ("id") ON DELETE CASCADE
);
CREATE INDEX "exchange_items_new_product_id_fk_idx" ON "exchange_items" ("new_product_id");
CREATE INDEX "exchange_items_new_size_id_fk_idx" ON "exchange_items" ("new_size_id");
CREATE INDEX "exchange_items_old_product_id_fk_idx" ON "exchange_items" ("old_product_id");
CREATE INDEX "exchange_items_old_size_id_fk_idx" ON "exchange_items" ("old_size_id");
CREATE INDEX "exchange_items_order_id_fk_idx" ON "exchange_items" ("order_id");
CREATE INDEX "exchange_items_order_item_id_fk_idx" ON "exchange_items" ("order_item_id");

CREATE TABLE "product_movements" (
    "id"            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "product_id"    INTEGER NOT NULL,
    "size_id"       INTEGER,
    "warehouse_id"  INTEGER NOT NULL,
    "order_id"      INTEGER,
    "user_id"       INTEGER NOT NULL,
    "delegate_id"   INTEGER,
    "movement_type" VARCHAR CHECK ("movement_type" IN ('add', 'sale', 'sell', 'confirm', 'cancel', 'return', 'delete', 'restore', 'transfer_out', 'transfer_in', 'return_bulk', 'increase', 'decrease', 'order_edit_add', 'order_edit_remove', 'order_edit_increase', 'order_edit_decrease', 'partial_return', 'adjustment', 'return_exchange_bulk')),
    "quantity"      INTEGER NOT NULL,
    "balance_after" INTEGER NOT NULL,
    "order_status"  VARCHAR,
    "notes"         TEXT,
    "created_at"    DATETIME,
    "updated_at"    DATETIME,
    FOREIGN KEY ("delegate_id") REFERENCES "users" ("id") ON DELETE SET NULL,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE SET NULL,
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("size_id") REFERENCES "product_sizes" ("id") ON DELETE SET NULL,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE INDEX "product_movements_delegate_id_fk_idx" ON "product_movements" ("delegate_id");
CREATE INDEX "product_movements_movement_type_created_at_index" ON "product_movements" ("movement_type", "created_at");
CREATE INDEX "product_movements_order_id_created_at_index" ON "product_movements" ("order_id", "created_at");
CREATE INDEX "product_movements_product_id_created_at_index" ON "product_movements" ("product_id", "created_at");
CREATE INDEX "product_movements_size_id_fk_idx" ON "product_movements" ("size_id");
CREATE INDEX "product_movements_user_id_created_at_index" ON "product_movements" ("user_id", "created_at");
CREATE INDEX "product_movements_warehouse_id_created_at_index" ON "product_movements" ("warehouse_id", "created_at");

CREATE TABLE "profit_records" (
    "id"                          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "warehouse_id"                INTEGER,
    "product_id"                  INTEGER,
    "order_id"                    INTEGER,
    "delegate_id"                 INTEGER,
    "return_item_id"              INTEGER,
    "record_date"                 DATE NOT NULL,
    "warehouse_value"             NUMERIC NOT NULL DEFAULT 0.00,
    "product_value"               NUMERIC NOT NULL DEFAULT 0.00,
    "expected_profit"             NUMERIC NOT NULL DEFAULT 0.00,
    "actual_profit"               NUMERIC NOT NULL DEFAULT 0.00,
    "gross_profit"                NUMERIC NOT NULL DEFAULT 0.00,
    "expenses_amount"             NUMERIC NOT NULL DEFAULT 0.00,
    "items_count"                 INTEGER NOT NULL DEFAULT 0,
    "return_amount"               NUMERIC NOT NULL DEFAULT 0.00,
    "total_amount"                NUMERIC NOT NULL DEFAULT 0.00,
    "record_type"                 VARCHAR NOT NULL CHECK ("record_type" IN ('warehouse', 'product', 'order')),
    "status"                      VARCHAR CHECK ("status" IN ('pending', 'confirmed', 'returned', 'cancelled')),
    "investor_profit_distributed" TINYINT(1) NOT NULL DEFAULT 0 CHECK ("investor_profit_distributed" IN (0, 1)),
    "created_at"                  DATETIME,
    "updated_at"                  DATETIME,
    FOREIGN KEY ("delegate_id") REFERENCES "users" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("return_item_id") REFERENCES "return_items" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE INDEX "profit_records_delegate_id_index" ON "profit_records" ("delegate_id");
CREATE INDEX "profit_records_order_id_index" ON "profit_records" ("order_id");
CREATE INDEX "profit_records_product_id_index" ON "profit_records" ("product_id");
CREATE INDEX "profit_records_record_date_index" ON "profit_records" ("record_date");
CREATE INDEX "profit_records_record_date_record_type_index" ON "profit_records" ("record_date", "record_type");
CREATE INDEX "profit_records_return_item_id_fk_idx" ON "profit_records" ("return_item_id");
CREATE INDEX "profit_records_warehouse_id_index" ON "profit_records" ("warehouse_id");

CREATE TABLE "investor_profits" (
    "id"                   INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "investor_id"          INTEGER NOT NULL,
    "investment_id"        INTEGER NOT NULL,
    "profit_record_id"     INTEGER NOT NULL,
    "order_id"             INTEGER,
    "product_id"           INTEGER,
    "warehouse_id"         INTEGER,
    "private_warehouse_id" INTEGER,
    "profit_amount"        NUMERIC NOT NULL,
    "base_profit"          NUMERIC NOT NULL,
    "profit_percentage"    NUMERIC NOT NULL,
    "profit_date"          DATE NOT NULL,
    "status"               VARCHAR NOT NULL DEFAULT 'pending' CHECK ("status" IN ('pending', 'paid', 'cancelled')),
    "payment_date"         DATE,
    "payment_notes"        TEXT,
    "created_at"           DATETIME,
    "updated_at"           DATETIME,
    -- foreign key investment_id -> investments(id) ON DELETE CASCADE left out: that table is outside this file
    -- foreign key investor_id -> investors(id) ON DELETE CASCADE left out: that table is outside this file
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE CASCADE,
    -- foreign key private_warehouse_id -> private_warehouses(id) ON DELETE CASCADE left out: that table is outside this file
    FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("profit_record_id") REFERENCES "profit_records" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") ON DELETE CASCADE
);
CREATE INDEX "investor_profits_investment_id_fk_idx" ON "investor_profits" ("investment_id");
CREATE INDEX "investor_profits_investor_id_fk_idx" ON "investor_profits" ("investor_id");
CREATE INDEX "investor_profits_order_id_fk_idx" ON "investor_profits" ("order_id");
CREATE INDEX "investor_profits_private_warehouse_id_fk_idx" ON "investor_profits" ("private_warehouse_id");
CREATE INDEX "investor_profits_product_id_fk_idx" ON "investor_profits" ("product_id");
CREATE INDEX "investor_profits_profit_record_id_fk_idx" ON "investor_profits" ("profit_record_id");
CREATE INDEX "investor_profits_warehouse_id_fk_idx" ON "investor_profits" ("warehouse_id");

CREATE TABLE "jobs" (
    "id"           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "queue"        VARCHAR NOT NULL,
    "payload"      TEXT NOT NULL,
    "attempts"     INTEGER NOT NULL,
    "reserved_at"  INTEGER,
    "available_at" INTEGER NOT NULL,
    "created_at"   INTEGER NOT NULL
);
CREATE INDEX "jobs_queue_index" ON "jobs" ("queue");

CREATE TABLE "failed_jobs" (
    "id"         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "uuid"       VARCHAR NOT NULL,
    "connection" TEXT NOT NULL,
    "queue"      TEXT NOT NULL,
    "payload"    TEXT NOT NULL,
    "exception"  TEXT NOT NULL,
    "failed_at"  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "failed_jobs_uuid_unique" ON "failed_jobs" ("uuid");
