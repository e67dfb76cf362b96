-- readable from: 1
-- Requests that a worker of the shop may have sent before the daemon got the order: without a reference of ours.

ALTER TABLE shipment_attempts ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0 CHECK (elsewhere IN (0, 1));

DROP VIEW shipment_records;

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
            'answered_at', answered_at, 'outcome', outcome, 'detail', detail, 'elsewhere', elsewhere
        ))
        FROM shipment_attempts
        WHERE shipment_attempts.order_id = shipments.order_id
    ) AS attempts
FROM shipments;
