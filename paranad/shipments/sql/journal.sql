-- The shipment journal. Every change names the state it starts from.

-- name: find_one  one order's shipment
SELECT * FROM shipment_records WHERE order_id = :order_id;

-- name: find_several  those of several orders
SELECT * FROM shipment_records WHERE order_id IN (SELECT value FROM json_each(:orders));

-- name: find_recorded_among  which of these orders are recorded
SELECT order_id FROM shipments
WHERE order_id IN (SELECT value FROM json_each(:orders)) AND state = 'recorded';

-- name: find_unrecorded  those not yet recorded, newest order first
SELECT * FROM shipment_records
WHERE state <> 'recorded' AND (:state IS NULL OR state = :state) AND order_id < :before
ORDER BY order_id DESC
LIMIT :limit;

-- name: find_recorded  those recorded, newest order first
SELECT * FROM shipment_records
WHERE state = 'recorded' AND order_id < :before
ORDER BY order_id DESC
LIMIT :limit;

-- name: find_created  those whose row the shop lacks
SELECT * FROM shipment_records WHERE state <> 'recorded' AND state = 'created' ORDER BY order_id;

-- name: count_unrecorded  how many stand where
SELECT state, count(*) AS shipments FROM shipments WHERE state <> 'recorded' GROUP BY state;

-- name: count_postponed  withdrawn ones whose last request never left
SELECT count(*) AS shipments FROM shipments WHERE state = 'withdrawn' AND reason_code = 'not_sent';

-- name: count_all  the same with the recorded ones: the rest of all, so that their rows are not read
SELECT state, count(*) AS shipments FROM shipments WHERE state <> 'recorded' GROUP BY state
UNION ALL
SELECT 'recorded', (SELECT count(*) FROM shipments) - (SELECT count(*) FROM shipments WHERE state <> 'recorded');

-- name: find_held_orders  whom a person must decide on, oldest order first
SELECT order_id FROM shipments WHERE state <> 'recorded' AND state = 'held' ORDER BY order_id LIMIT :limit;

-- name: find_holders  which orders hold these ids of the courier
SELECT courier_id, order_id FROM shipment_ids WHERE courier_id IN (SELECT value FROM json_each(:ids));

-- name: find_sure_holders  as before, without ids that a person named and the courier did not confirm
SELECT shipment_ids.courier_id AS held_id, shipment_records.*
FROM shipment_ids
JOIN shipment_records USING (order_id)
WHERE shipment_records.unconfirmed = 0 AND shipment_ids.courier_id IN (SELECT value FROM json_each(:ids));

-- name: intend  the first intent of an order
INSERT INTO shipments (order_id, state, reference, intended_at)
VALUES (:order_id, 'intended', :reference, :at)
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id;

-- name: begin_attempt  the request that is about to leave
INSERT INTO shipment_attempts (order_id, number, phone, price, sent_at, outcome)
SELECT :order_id, coalesce(max(number), 0) + 1, :phone, :price, :at, 'sent'
FROM shipment_attempts
WHERE order_id = :order_id;

-- name: forget_attempt  nothing left the machine
DELETE FROM shipment_attempts WHERE order_id = :order_id AND outcome = 'sent';

-- name: foreign_ids  ids that another order holds
SELECT courier_id, order_id FROM shipment_ids
WHERE courier_id IN (SELECT value FROM json_each(:ids)) AND order_id <> :order_id
ORDER BY courier_id;

-- name: keep_ids  the ids under which the courier knows it
INSERT INTO shipment_ids (courier_id, order_id)
SELECT value, :order_id FROM json_each(:ids) WHERE TRUE
ON CONFLICT (courier_id) DO NOTHING;

-- name: drop_ids  a person said that it is another one
DELETE FROM shipment_ids WHERE order_id = :order_id;

-- name: find_unsettled  those that a list of the courier's may tell about
SELECT * FROM shipment_records
WHERE state <> 'recorded' AND state IN ('intended', 'held', 'withdrawn') AND courier_id IS NULL
ORDER BY order_id;

-- name: find_last_right  how the courier answered last to whether the account may create orders
SELECT outcome, detail, answered_at FROM shipment_attempts
WHERE elsewhere = 0 AND (outcome = 'created' OR code = 'permission')
ORDER BY answered_at DESC
LIMIT 1;

-- name: find_owners  the shipments whose references these are
SELECT * FROM shipment_records WHERE reference IN (SELECT value FROM json_each(:references));

-- name: any_reference  whether one of these references is ours, of a shipment begun since an instant
SELECT order_id FROM shipments
WHERE reference IN (SELECT value FROM json_each(:references)) AND intended_at >= :since
LIMIT 1;

-- name: find_parcels  what the courier is known to have, acknowledged since an instant
SELECT
    order_id, ids, created_at,
    (
        SELECT max(sent_at) FROM shipment_attempts
        WHERE shipment_attempts.order_id = shipment_records.order_id AND elsewhere = 0
    ) AS sent_at
FROM shipment_records
WHERE created_at >= :since AND state IN ('created', 'recorded') AND unconfirmed = 0
ORDER BY created_at;

-- name: find_last_sent  when the newest of the parcels was sent that the courier is known to have
SELECT max(shipment_attempts.sent_at) AS sent_at
FROM shipments
JOIN shipment_attempts USING (order_id)
WHERE
    shipments.created_at >= :since AND shipments.state IN ('created', 'recorded') AND shipments.unconfirmed = 0
    AND shipment_attempts.elsewhere = 0;

-- name: intend_again  after a refusal, or after enough lists without it
UPDATE shipments
SET
    state = 'intended', reason = NULL, reason_code = NULL, reason_values = NULL, absences = 0, absent_at = NULL,
    looked_at = NULL, look_code = NULL, look_values = NULL
WHERE
    order_id = :order_id
    AND reference = :reference
    AND (state = 'withdrawn' OR state = 'intended' AND absences >= :absences)
RETURNING order_id;

-- name: suspect  somebody else may have sent it, perhaps with another reference, which is ours from now on
INSERT INTO shipments (order_id, state, reference, reason, reason_code, reason_values, intended_at)
VALUES (:order_id, 'intended', :reference, :reason, :reason_code, :reason_values, :at)
ON CONFLICT (order_id) DO UPDATE
SET
    state = 'intended', reference = excluded.reference, reason = excluded.reason, reason_code = excluded.reason_code,
    reason_values = excluded.reason_values, absences = 0, absent_at = NULL,
    looked_at = NULL, look_code = NULL, look_values = NULL
WHERE
    shipments.state IN ('withdrawn', 'intended')
    AND NOT EXISTS (
        SELECT 1 FROM shipment_attempts
        WHERE shipment_attempts.order_id = shipments.order_id AND shipment_attempts.outcome = 'sent'
    )
RETURNING order_id;

-- name: note_suspicion  what somebody else may have sent
INSERT INTO shipment_attempts
    (order_id, number, phone, price, sent_at, answered_at, outcome, detail, elsewhere, code, source)
SELECT :order_id, coalesce(max(number), 0) + 1, :phone, :price, :since, :at, 'unclear', :reason, 1, :reason_code, :source
FROM shipment_attempts
WHERE order_id = :order_id;

-- name: adopt  the courier has it, and the journal does not know
INSERT INTO shipments (order_id, state, reference, reason, reason_code, reason_values, intended_at)
VALUES (:order_id, 'held', :reference, :reason, :reason_code, :reason_values, :at)
ON CONFLICT (order_id) DO UPDATE
SET
    state = 'held', reason = excluded.reason, reason_code = excluded.reason_code,
    reason_values = excluded.reason_values, absences = 0, absent_at = NULL
WHERE shipments.state IN ('intended', 'withdrawn')
RETURNING order_id;

-- name: end_attempt  what became of the request that was under way
UPDATE shipment_attempts
SET outcome = :outcome, answered_at = :at, detail = :reason, code = :reason_code, code_values = :reason_values
WHERE order_id = :order_id AND outcome = 'sent';

-- name: mark_unclear  stays intended, with why
UPDATE shipments SET reason = :reason, reason_code = :reason_code, reason_values = :reason_values
WHERE order_id = :order_id AND state = 'intended'
RETURNING order_id;

-- name: withdraw  the courier did not take it
UPDATE shipments
SET
    state = 'withdrawn', reason = :reason, reason_code = :reason_code, reason_values = :reason_values,
    absences = 0, absent_at = NULL, looked_at = NULL, look_code = NULL, look_values = NULL
WHERE order_id = :order_id AND state = 'intended'
RETURNING order_id;

-- name: create  the courier has it
UPDATE shipments
SET
    state = 'created', courier_id = :courier_id, created_at = :at, recorded_at = NULL,
    reason = NULL, reason_code = NULL, reason_values = NULL,
    decided_at = coalesce(:decided_at, decided_at), unconfirmed = :unconfirmed
WHERE order_id = :order_id AND state IN (SELECT value FROM json_each(:from))
RETURNING order_id;

-- name: disown  the courier answered with another order's id
UPDATE shipments
SET
    state = 'intended', courier_id = NULL, created_at = NULL,
    reason = :reason, reason_code = :reason_code, reason_values = :reason_values,
    absences = 0, absent_at = NULL, looked_at = NULL, look_code = NULL, look_values = NULL
WHERE order_id = :order_id AND state = 'created' AND decided_at IS NULL
RETURNING order_id;

-- name: disown_attempt  so the answer to the last request says nothing
UPDATE shipment_attempts
SET outcome = 'unclear', answered_at = :at, detail = :reason, code = :reason_code, code_values = :reason_values
WHERE order_id = :order_id AND outcome = 'created';

-- name: hold  a person must decide
UPDATE shipments
SET
    state = 'held', reason = :reason, reason_code = :reason_code, reason_values = :reason_values,
    absences = 0, absent_at = NULL
WHERE order_id = :order_id AND state IN ('intended', 'created', 'withdrawn')
RETURNING order_id;

-- name: hold_repeat  another order has its phone and price: a person must decide before it is sent
INSERT INTO shipments (order_id, state, reference, reason, reason_code, reason_values, intended_at)
VALUES (:order_id, 'held', :reference, :reason, :reason_code, :reason_values, :at)
ON CONFLICT (order_id) DO UPDATE
SET
    state = 'held', reason = excluded.reason, reason_code = excluded.reason_code,
    reason_values = excluded.reason_values, absences = 0, absent_at = NULL
WHERE
    shipments.state IN ('intended', 'withdrawn')
    AND NOT EXISTS (
        SELECT 1 FROM shipment_attempts
        WHERE shipment_attempts.order_id = shipments.order_id AND shipment_attempts.outcome = 'sent'
    )
RETURNING order_id;

-- name: release_repeat  it need not wait for a person any longer
UPDATE shipments
SET
    state = 'withdrawn', reason = :reason, reason_code = :reason_code, reason_values = :reason_values,
    looked_at = NULL, look_code = NULL, look_values = NULL
WHERE order_id = :order_id AND state = 'held' AND reason_code = :repeat
RETURNING order_id;

-- name: record  the shop's row is written
UPDATE shipments
SET state = 'recorded', recorded_at = :at, reason = NULL, reason_code = NULL, reason_values = NULL
WHERE order_id = :order_id AND state = 'created'
RETURNING order_id;

-- name: note_look  what a list said that settled nothing
UPDATE shipments
SET looked_at = :looked_at, look_code = :reason_code, look_values = :reason_values
WHERE order_id = :order_id AND state = 'intended' AND :version = (
    SELECT max(number) FROM shipment_attempts WHERE shipment_attempts.order_id = :order_id
)
RETURNING order_id;

-- name: count_absence  a list proved it absent, and nothing has happened to it meanwhile
UPDATE shipments
SET
    absences = absences + 1, absent_at = :looked_at,
    looked_at = :looked_at, look_code = NULL, look_values = NULL
WHERE
    order_id = :order_id
    AND state = 'intended'
    AND absences = :absences
    AND :version = (SELECT max(number) FROM shipment_attempts WHERE shipment_attempts.order_id = :order_id)
RETURNING order_id;

-- name: send_again  a person decided
UPDATE shipments
SET
    state = 'withdrawn', reason = :reason, reason_code = :reason_code, reason_values = :reason_values,
    courier_id = NULL, created_at = NULL, absences = 0, absent_at = NULL,
    looked_at = NULL, look_code = NULL, look_values = NULL, decided_at = :at, unconfirmed = 0
WHERE order_id = :order_id AND state = 'held'
RETURNING order_id;
