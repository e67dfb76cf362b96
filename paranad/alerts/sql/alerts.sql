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

-- name: failed_by_task  the last job of each task that has failed for good since an instant
SELECT task, id AS job_id, error, why, max(finished_at) AS finished_at
FROM jobs
WHERE
    state = 'failed'
    AND finished_at >= :since
    AND task <> :own_kind
    AND iif(why ->> 'text' = error, why ->> 'code', NULL) IS NOT :took_daemon_down
GROUP BY task
ORDER BY max(finished_at);

-- name: last_of_task  how the newest jobs of a task stand
SELECT state, finished_at
FROM jobs INDEXED BY jobs_of_task
WHERE task = :task
ORDER BY id DESC
LIMIT 100;

-- name: still_failed  how many of the jobs that failed since an instant are a task's; cut: there are more than are looked at
SELECT sum(task = :task) AS of_task, count(*) = 1000 AS is_cut
FROM (
    SELECT task
    FROM jobs INDEXED BY jobs_finished
    WHERE state = 'failed' AND finished_at >= :since
    ORDER BY finished_at
    LIMIT 1000
);

-- name: last_runs  how long the last completed runs of a task took, of its newest jobs
SELECT finished_at - started_at AS took_us
FROM (SELECT id, state, started_at, finished_at FROM jobs INDEXED BY jobs_of_task WHERE task = :task ORDER BY id DESC LIMIT 200)
WHERE state = 'completed' AND id <> :job_id AND finished_at >= started_at
ORDER BY id DESC
LIMIT 20;

-- name: run_of  how a job's last run went
SELECT state, finished_at, max(finished_at - started_at, 0) AS took_us FROM jobs WHERE id = :job_id;

-- name: oldest_waiting  the oldest job of each queue that could be claimed, those that ran when a daemon died among them
SELECT oldest.queue, jobs.id AS job_id, jobs.task, jobs.due_at
FROM (
    SELECT
        value AS queue,
        (
            SELECT id
            FROM (
                SELECT id, due_at
                FROM (
                    SELECT id, due_at
                    FROM jobs
                    WHERE state = 'available' AND strikes = 0 AND set_apart = 0 AND queue = value
                    ORDER BY due_at, id
                    LIMIT 1
                )
                UNION ALL
                SELECT id, due_at
                FROM (
                    SELECT id, due_at
                    FROM jobs
                    WHERE state = 'available' AND strikes > 0 AND set_apart = 0 AND queue = value
                    ORDER BY due_at, id
                    LIMIT 1
                )
            )
            ORDER BY due_at, id
            LIMIT 1
        ) AS id
    FROM json_each(:queues)
) AS oldest
INNER JOIN jobs ON jobs.id = oldest.id;
