-- name: claimable  the next due jobs of one queue, in the order they should start, as one text: see `Turn`
SELECT
    json_group_array(json_array(
        id, task, json(args), origin, tries, tries_spent, timeout_us, due_at, created_at, enqueued_at, unique_key, snoozes, attempt
    )) AS jobs
FROM (
    SELECT *
    FROM jobs
    WHERE state = 'available' AND strikes = 0 AND set_apart = 0 AND queue = :queue
    ORDER BY due_at, id
    LIMIT :limit
);

-- name: suspect  the next job of one queue that was found running when a daemon had died, as `claimable`
SELECT
    json_group_array(json_array(
        id, task, json(args), origin, tries, tries_spent, timeout_us, due_at, created_at, enqueued_at, unique_key, snoozes, attempt
    )) AS jobs
FROM (
    SELECT *
    FROM jobs
    WHERE state = 'available' AND strikes > 0 AND set_apart = 0 AND queue = :queue
    ORDER BY due_at, id
    LIMIT 1
);

-- name: claim  jobs that were just found claimable
UPDATE jobs
SET state = 'running', started_at = :now, attempt = attempt + 1
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: record_attempts  one row per attempt that ended otherwise; before finish, guarded by the same condition
INSERT INTO attempts (job_id, number, started_at, finished_at, outcome, counted, error, traceback, why)
SELECT
    finished.value ->> 0, finished.value ->> 1, finished.value ->> 2, finished.value ->> 3, finished.value ->> 4,
    finished.value ->> 5, finished.value ->> 6, finished.value ->> 7, finished.value ->> 14
FROM json_each(:finished) AS finished
WHERE
    EXISTS (
        SELECT 1
        FROM jobs
        WHERE
            jobs.id = finished.value ->> 0 AND jobs.state = 'running' AND jobs.attempt = finished.value ->> 1
    );

-- name: record_completed  one row per completed attempt; before complete, guarded by the same condition
INSERT INTO attempts (job_id, number, started_at, finished_at, outcome, counted)
SELECT finished.value ->> 0, finished.value ->> 1, finished.value ->> 2, finished.value ->> 3, 'completed', 0
FROM json_each(:finished) AS finished
WHERE
    EXISTS (
        SELECT 1
        FROM jobs
        WHERE
            jobs.id = finished.value ->> 0 AND jobs.state = 'running' AND jobs.attempt = finished.value ->> 1
    );

-- name: complete  what became of each job whose attempt has completed
UPDATE jobs
SET
    state = 'completed',
    started_at = finished.value ->> 2,
    finished_at = finished.value ->> 3,
    result = finished.value ->> 4,
    error = NULL,
    why = NULL,
    strikes = 0
FROM json_each(:finished) AS finished
WHERE jobs.id = finished.value ->> 0 AND jobs.state = 'running' AND jobs.attempt = finished.value ->> 1;

-- name: finish  what became of each other job
UPDATE jobs
SET
    state = finished.value ->> 8,
    started_at = finished.value ->> 2,
    due_at = finished.value ->> 9,
    finished_at = finished.value ->> 10,
    tries_spent = finished.value ->> 11,
    snoozes = finished.value ->> 12,
    result = finished.value ->> 13,
    error = finished.value ->> 6,
    why = finished.value ->> 14,
    strikes = 0,
    set_apart = (finished.value ->> 8 = 'available' AND task IN (SELECT paused_tasks.task FROM paused_tasks))
FROM json_each(:finished) AS finished
WHERE jobs.id = finished.value ->> 0 AND jobs.state = 'running' AND jobs.attempt = finished.value ->> 1;

-- name: recorded  which outcomes were recorded, if not all of them were
SELECT attempts.job_id, attempts.number
FROM json_each(:finished) AS finished
JOIN attempts ON attempts.job_id = finished.value ->> 0 AND attempts.number = finished.value ->> 1;

-- name: return_claims  makes claimed jobs available again that have not started
UPDATE jobs
SET
    state = 'available',
    set_apart = task IN (SELECT paused_tasks.task FROM paused_tasks),
    attempt = attempt - 1,
    started_at = (SELECT max(attempts.started_at) FROM attempts WHERE attempts.job_id = jobs.id)
WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 'running';

-- name: promote  jobs whose due instant has come; one that was put off waits while another job holds its unique key
UPDATE jobs
SET
    state = 'available',
    set_apart = task IN (SELECT paused_tasks.task FROM paused_tasks),
    unique_key = coalesce(unique_key, put_off_key),
    put_off_key = NULL
WHERE id IN (
    SELECT id
    FROM jobs AS waiting
    WHERE
        state IN ('scheduled', 'retryable')
        AND due_at <= :now
        AND NOT EXISTS (
            SELECT 1
            FROM jobs AS holder
            WHERE
                holder.unique_key = waiting.put_off_key
                AND holder.unique_key IS NOT NULL
                AND holder.state IN ('scheduled', 'available', 'running', 'retryable')
        )
    ORDER BY due_at
    LIMIT :limit
)
RETURNING queue;

-- name: pull_back  jobs that are due later than their own wait from now, as after a clock was ahead; none that a person put off
UPDATE jobs
SET due_at = :now + wait.longest
FROM (
    SELECT
        asked.id,
        CASE
            WHEN asked.state = 'retryable' AND asked.us BETWEEN 0 AND :backoff THEN asked.us
            WHEN asked.state = 'retryable' THEN :backoff
            WHEN asked.attempt = 0 AND asked.us BETWEEN 0 AND :delay THEN asked.us
            WHEN asked.us BETWEEN 0 AND :limit THEN asked.us
            ELSE :snooze
        END AS longest
    FROM (
        SELECT
            jobs.id,
            jobs.state,
            jobs.attempt,
            jobs.due_at - iif(
                jobs.attempt = 0,
                jobs.created_at,
                (
                    SELECT attempts.finished_at
                    FROM attempts
                    WHERE attempts.job_id = jobs.id AND attempts.number = jobs.attempt
                )
            ) AS us
        FROM jobs
        WHERE
            jobs.state IN ('scheduled', 'retryable')
            AND (jobs.attempt > 0 OR jobs.origin = 'schedule')
            AND jobs.due_at > :now + :step
    ) AS asked
) AS wait
WHERE jobs.id = wait.id AND jobs.due_at > :now + wait.longest + :step
RETURNING jobs.due_at;

-- name: next_due  the earliest instant at which something can be promoted, and whether a due job's key is held
SELECT
    (
        SELECT due_at
        FROM jobs AS waiting
        WHERE
            state IN ('scheduled', 'retryable')
            AND NOT (
                due_at <= :now
                AND EXISTS (
                    SELECT 1
                    FROM jobs AS holder
                    WHERE
                        holder.unique_key = waiting.put_off_key
                        AND holder.unique_key IS NOT NULL
                        AND holder.state IN ('scheduled', 'available', 'running', 'retryable')
                )
            )
        ORDER BY due_at
        LIMIT 1
    ) AS due_at,
    EXISTS (
        SELECT 1
        FROM jobs
        WHERE state IN ('scheduled', 'retryable') AND due_at <= :now AND put_off_key IS NOT NULL
    ) AS held;
