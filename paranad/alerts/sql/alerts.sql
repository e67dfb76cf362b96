-- Looks at what the other rooms keep; changes nothing.

-- name: held  orders whose shipment waits for a person
SELECT order_id, reference, reason, reason_code, reason_values
FROM shipments
WHERE state <> 'recorded' AND state = 'held'
ORDER BY order_id;

-- name: shipments  how the shipments of these orders stand
SELECT order_id, state FROM shipments WHERE order_id IN (SELECT value FROM json_each(:orders));

-- name: unsent  orders whose job has failed for good since an instant, and that have no shipment and are not held
SELECT jobs.id AS job_id, jobs.args ->> 'order_id' AS order_id, jobs.error, jobs.why
FROM jobs
LEFT JOIN shipments ON shipments.order_id = jobs.args ->> 'order_id'
WHERE
    jobs.state = 'failed'
    AND jobs.finished_at >= :since
    AND jobs.task = :task
    AND iif(jobs.why ->> 'text' = jobs.error, jobs.why ->> 'code', NULL) IS NOT :took_daemon_down
    AND coalesce(shipments.state, 'none') NOT IN ('held', 'created', 'recorded')
ORDER BY jobs.finished_at, jobs.id;

-- name: fatal  jobs that took the daemon down, since an instant
SELECT id AS job_id, task, queue, strikes
FROM jobs
WHERE state = 'failed' AND finished_at >= :since AND why ->> 'code' = :took_daemon_down AND why ->> 'text' = error
ORDER BY id;

-- name: jobs  how these jobs stand
SELECT id, state, iif(why ->> 'text' = error, why ->> 'code', NULL) AS code FROM jobs WHERE id IN (SELECT value FROM json_each(:ids));
