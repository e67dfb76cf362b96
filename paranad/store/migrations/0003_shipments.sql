-- readable from: 1
-- The shipment journal: what keeps a shipment from being sent twice blindly. Never pruned.
-- Times are microseconds since the epoch, prices whole dinars, phones +9647XXXXXXXXX.

CREATE TABLE shipments (
    order_id INTEGER PRIMARY KEY CHECK (order_id > 0),
    state TEXT NOT NULL CHECK (state IN ('intended', 'created', 'recorded', 'withdrawn', 'held')),
    reference TEXT NOT NULL UNIQUE,
    courier_id TEXT,
    reason TEXT,
    absences INTEGER NOT NULL DEFAULT 0 CHECK (absences >= 0),
    absent_at INTEGER,
    intended_at INTEGER NOT NULL,
    created_at INTEGER,
    recorded_at INTEGER,
    decided_at INTEGER,
    CHECK ((absences = 0) = (absent_at IS NULL)),
    CHECK (state NOT IN ('created', 'recorded') OR (courier_id IS NOT NULL AND created_at IS NOT NULL)),
    CHECK (state NOT IN ('intended', 'withdrawn') OR (courier_id IS NULL AND created_at IS NULL)),
    CHECK ((state = 'recorded') = (recorded_at IS NOT NULL)),
    CHECK (state NOT IN ('withdrawn', 'held') OR reason IS NOT NULL)
) STRICT;

CREATE INDEX shipments_unrecorded ON shipments (order_id) WHERE state <> 'recorded';

CREATE TABLE shipment_attempts (
    order_id INTEGER NOT NULL REFERENCES shipments (order_id),
    number INTEGER NOT NULL CHECK (number >= 1),
    phone TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price > 0),
    sent_at INTEGER NOT NULL,
    answered_at INTEGER,
    outcome TEXT NOT NULL CHECK (outcome IN ('sent', 'created', 'refused', 'unclear')),
    detail TEXT,
    PRIMARY KEY (order_id, number),
    CHECK ((outcome = 'sent') = (answered_at IS NULL)),
    CHECK (outcome NOT IN ('refused', 'unclear') OR detail IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE shipment_ids (
    courier_id TEXT PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES shipments (order_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX shipment_ids_of_order ON shipment_ids (order_id);

CREATE VIEW shipment_records AS
SELECT
    shipments.*,
    (
        SELECT json_group_array(courier_id)
        FROM shipment_ids
        WHERE shipment_ids.order_id = shipments.order_id
    ) AS ids,
    (
        SELECT json_group_array(json_object(
            'number', number, 'phone', phone, 'price', price, 'sent_at', sent_at,
            'answered_at', answered_at, 'outcome', outcome, 'detail', detail
        ))
        FROM shipment_attempts
        WHERE shipment_attempts.order_id = shipments.order_id
    ) AS attempts
FROM shipments;
