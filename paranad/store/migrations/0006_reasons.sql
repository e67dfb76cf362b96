-- readable from: 1
-- Why a shipment stands where it stands: a code with values beside the sentence, so that no decision rests on wording.
-- What the courier's last list said of an unclear shipment. A person's word that the courier could not confirm.
-- Times are microseconds since the epoch.

ALTER TABLE shipments ADD COLUMN reason_code TEXT;
ALTER TABLE shipments ADD COLUMN reason_values TEXT; -- a JSON object
ALTER TABLE shipments ADD COLUMN looked_at INTEGER; -- when the list was asked for that was last held against it
ALTER TABLE shipments ADD COLUMN look_code TEXT; -- why that list settled nothing
ALTER TABLE shipments ADD COLUMN look_values TEXT; -- a JSON object
ALTER TABLE shipments ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0 CHECK (unconfirmed IN (0, 1));

ALTER TABLE shipment_attempts ADD COLUMN code TEXT;
ALTER TABLE shipment_attempts ADD COLUMN code_values TEXT; -- a JSON object
ALTER TABLE shipment_attempts ADD COLUMN source TEXT; -- of a suspicion (elsewhere = 1): what raised it, once for each

-- The sentences of the versions before, read once. What is in none of them keeps its sentence alone.
UPDATE shipment_attempts SET code = 'tried_by_php', source = 'job:' || trim(substr(detail, instr(detail, '(job:') + 5), ')')
WHERE elsewhere = 1 AND detail LIKE 'a worker of the shop had the order before%';
UPDATE shipment_attempts SET code = 'restored'
WHERE elsewhere = 1 AND code IS NULL;
UPDATE shipment_attempts SET code = 'permission'
WHERE elsewhere = 0 AND outcome = 'refused' AND instr(detail, 'says this account may not do that');

CREATE INDEX shipments_acknowledged ON shipments (created_at) WHERE created_at IS NOT NULL;

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
            'answered_at', answered_at, 'outcome', outcome, 'detail', detail, 'elsewhere', elsewhere,
            'code', code, 'values', json(code_values), 'source', source
        ))
        FROM shipment_attempts
        WHERE shipment_attempts.order_id = shipments.order_id
    ) AS attempts
FROM shipments;
