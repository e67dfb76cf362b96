-- name: cancel_waiting  jobs that have not started, those among them that are claimed and wait for a worker
UPDATE jobs
SET
    state = 'cancelled',
    finished_at = :now,
    error = coalesce(:error, error),
    why = iif(:error IS NULL, why, :why),
    attempt = attempt - (state = 'running'),
    started_at = CASE
        WHEN state = 'running'
            THEN (SELECT max(attempts.started_at) FROM attempts WHERE attempts.job_id = jobs.id)
        ELSE started_at
    END
WHERE
    id IN (SELECT value FROM json_each(:ids))
    AND (
        state IN ('scheduled', 'available', 'retryable')
        OR (state = 'running' AND id IN (SELECT value FROM json_each(:claimed)))
    )
RETURNING id, task, queue, iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) AS order_id;

-- name: states  where jobs stand
SELECT id, state, task, queue, unique_key, iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) AS order_id
FROM jobs
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: failed_ids  failed jobs by filter, newest first
SELECT id
FROM jobs
WHERE
    state = 'failed'
    AND state IN ('scheduled', 'retryable', 'failed', 'cancelled')  -- names the index jobs_set_aside
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
ORDER BY id DESC;

-- name: retry  puts failed jobs back, with fresh tries
UPDATE jobs
SET
    state = 'available',
    set_apart = task IN (SELECT paused_tasks.task FROM paused_tasks),
    tries_spent = 0,
    snoozes = 0,
    strikes = 0,
    due_at = :now,
    enqueued_at = :now,
    finished_at = NULL,
    error = NULL,
    why = NULL
WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 'failed'
RETURNING id;

-- name: forget  deletes failed jobs
DELETE FROM jobs
WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 'failed'
RETURNING id, task, queue, iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) AS order_id;

-- name: flush  deletes failed jobs by filter
DELETE FROM jobs
WHERE
    state = 'failed'
    AND state IN ('scheduled', 'retryable', 'failed', 'cancelled')  -- names the index jobs_set_aside
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
RETURNING id;

-- name: pause  claim no more from a queue; one that is paused gets the new instants and reason
INSERT INTO paused_queues (queue, paused_at, paused_until, paused_why, paused_by)
VALUES (:queue, :since, :until, :reason, :by)
ON CONFLICT (queue) DO UPDATE SET
    paused_at = excluded.paused_at,
    paused_until = excluded.paused_until,
    paused_why = excluded.paused_why,
    paused_by = excluded.paused_by;

-- name: resume  go on with a queue
DELETE FROM paused_queues
WHERE queue = :queue;

-- name: pause_all  claim no more at all
INSERT INTO paused_all (id, paused_at, paused_until, paused_why, paused_by)
VALUES (1, :since, :until, :reason, :by)
ON CONFLICT (id) DO UPDATE SET
    paused_at = excluded.paused_at,
    paused_until = excluded.paused_until,
    paused_why = excluded.paused_why,
    paused_by = excluded.paused_by;

-- name: resume_all  claim again, but for what is paused by name
DELETE FROM paused_all;

-- name: pause_task  start no more jobs of a task; one that is paused gets the new instants and reason
INSERT INTO paused_tasks (task, paused_at, paused_until, paused_why, paused_by)
VALUES (:task, :since, :until, :reason, :by)
ON CONFLICT (task) DO UPDATE SET
    paused_at = excluded.paused_at,
    paused_until = excluded.paused_until,
    paused_why = excluded.paused_why,
    paused_by = excluded.paused_by;

-- name: set_apart  the available jobs of a task leave the indexes by which jobs are claimed
UPDATE jobs
SET set_apart = 1
WHERE id IN (
    SELECT id
    FROM jobs INDEXED BY jobs_claimable
    WHERE state = 'available' AND strikes = 0 AND set_apart = 0 AND task = :task
    UNION ALL
    SELECT id
    FROM jobs INDEXED BY jobs_suspected
    WHERE state = 'available' AND strikes > 0 AND set_apart = 0 AND task = :task
);

-- name: resume_task  start jobs of a task again
DELETE FROM paused_tasks
WHERE task = :task;

-- name: count_set_apart  how many due jobs of a paused task wait
SELECT count(*) AS jobs
FROM jobs INDEXED BY jobs_set_apart
WHERE state = 'available' AND set_apart = 1 AND task = :task;

-- name: queues_set_apart  queues with jobs that are set apart
SELECT DISTINCT queue
FROM jobs
WHERE state = 'available' AND set_apart = 1 AND task = :task;

-- name: put_together  the available jobs of a task may be claimed again, in their old order
UPDATE jobs INDEXED BY jobs_set_apart
SET set_apart = 0
WHERE state = 'available' AND set_apart = 1 AND task = :task;

-- name: wake  waiting jobs become due now, those too that a person put off
UPDATE jobs
SET due_at = min(due_at, :now)
WHERE id IN (SELECT value FROM json_each(:ids)) AND state IN ('scheduled', 'retryable')
RETURNING id, task, queue, iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) AS order_id;

-- name: wake_all  the same by filter, without those that a person put off
UPDATE jobs
SET due_at = :now
WHERE state IN ('scheduled', 'retryable') AND due_at > :now AND attempt > 0 AND (:task IS NULL OR task = :task)
RETURNING id, task, queue, iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) AS order_id;
