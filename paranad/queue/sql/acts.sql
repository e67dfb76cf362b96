-- name: cancel_waiting  jobs that have not started, those among them that are claimed and wait for a worker
UPDATE jobs
SET
    state = 'cancelled',
    finished_at = :now,
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
RETURNING id, task, queue;

-- name: states  where jobs stand
SELECT id, state, task, queue, unique_key
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
RETURNING id, task, queue;

-- name: flush  deletes failed jobs by filter
DELETE FROM jobs
WHERE
    state = 'failed'
    AND state IN ('scheduled', 'retryable', 'failed', 'cancelled')  -- names the index jobs_set_aside
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
RETURNING id;

-- name: pause  claim no more from a queue
INSERT INTO paused_queues (queue)
SELECT value
FROM json_each(:queues)
WHERE true
ON CONFLICT (queue) DO NOTHING;

-- name: resume  go on with a queue
DELETE FROM paused_queues
WHERE queue IN (SELECT value FROM json_each(:queues));
