-- name: job  one job
SELECT *
FROM jobs
WHERE id = :id;

-- name: attempts  a job's attempts, in order
SELECT number, started_at, finished_at, outcome, counted, error, why, traceback
FROM attempts
WHERE job_id = :job_id
ORDER BY number;

-- name: find  jobs by filter, newest first
SELECT *
FROM jobs
WHERE
    id < :before
    AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
ORDER BY id DESC
LIMIT :limit;

-- name: find_set_aside  the same where only states off the busy path are asked for: they have an index of their own
SELECT *
FROM jobs
WHERE
    id IN (
        SELECT id
        FROM jobs
        WHERE
            state IN ('scheduled', 'retryable', 'failed', 'cancelled')
            AND state IN (SELECT value FROM json_each(:states))
            AND id < :before
    )
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
ORDER BY id DESC
LIMIT :limit;

-- name: find_few  the same where few jobs can be meant and none is completed: each state has indexes of its own
SELECT *
FROM jobs
WHERE
    id IN (
        SELECT id FROM jobs WHERE state = 'running'
        UNION ALL
        SELECT id FROM jobs WHERE state = 'available' AND strikes = 0 AND set_apart = 0
        UNION ALL
        SELECT id FROM jobs WHERE state = 'available' AND strikes > 0 AND set_apart = 0
        UNION ALL
        SELECT id FROM jobs WHERE state = 'available' AND set_apart = 1
        UNION ALL
        SELECT id
        FROM jobs
        WHERE
            state IN ('scheduled', 'retryable', 'failed', 'cancelled')
            AND state IN (SELECT value FROM json_each(:states))
    )
    AND state IN (SELECT value FROM json_each(:states))
    AND id < :before
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
ORDER BY id DESC
LIMIT :limit;

-- name: find_of_task  jobs of one task, newest first
SELECT *
FROM jobs
WHERE
    task = :task
    AND id < :before
    AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
    AND (:queue IS NULL OR queue = :queue)
ORDER BY id DESC
LIMIT :limit;

-- name: find_of_order  jobs about one order, newest first; `order_id` stands in the arguments of any task about one
SELECT *
FROM jobs
WHERE
    iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) = :order
    AND id < :before
    AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
    AND (:text IS NULL OR instr(lower(task || ' ' || args || ' ' || coalesce(error, '') || ' ' || coalesce(result, '')), lower(:text)))
ORDER BY id DESC
LIMIT :limit;

-- name: find_of_orders  jobs of one task about several orders
SELECT jobs.*
FROM json_each(:orders) AS asked
CROSS JOIN jobs
WHERE iif(json_type(jobs.args, '$.order_id') = 'integer' AND jobs.args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, jobs.args ->> 'order_id', NULL) = asked.value AND jobs.task = :task
ORDER BY jobs.id;

-- name: scan_bounds  the lowest id of the next so many jobs, and how many they are
SELECT min(id) AS lowest, count(*) AS jobs
FROM (SELECT id FROM jobs WHERE id < :before ORDER BY id DESC LIMIT :scan);

-- name: find_text  jobs between two ids that hold a text, newest first
SELECT *
FROM jobs
WHERE
    id >= :lowest AND id < :before
    AND instr(lower(task || ' ' || args || ' ' || coalesce(error, '') || ' ' || coalesce(result, '')), lower(:text))
    AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
    AND (:task IS NULL OR task = :task)
    AND (:queue IS NULL OR queue = :queue)
ORDER BY id DESC
LIMIT :limit;

-- name: counts  jobs by queue and state
SELECT queue, state, jobs
FROM job_counts
WHERE jobs > 0;

-- name: oldest_due  since when the oldest available job of each queue is due, those of paused tasks left out
SELECT
    value AS queue,
    (
        SELECT min(due_at)
        FROM (
            SELECT min(due_at) AS due_at
            FROM jobs
            WHERE state = 'available' AND strikes = 0 AND set_apart = 0 AND queue = value
            UNION ALL
            SELECT min(due_at)
            FROM jobs
            WHERE state = 'available' AND strikes > 0 AND set_apart = 0 AND queue = value
        )
    ) AS due_at
FROM json_each(:queues);

-- name: waiting_alone  how many due jobs of these queues ran when a daemon died; they start one at a time
SELECT count(*) AS jobs
FROM jobs
WHERE state = 'available' AND strikes > 0 AND set_apart = 0 AND queue IN (SELECT value FROM json_each(:queues));

-- name: last_delivery  when the newest of the deliveries came whose sources lie between two texts
SELECT max(at) AS at
FROM intake
WHERE source >= :first AND source < :beyond;

-- name: deliveries_between  the sources of deliveries that lie between the two texts of a pair
SELECT source
FROM json_each(:between)
CROSS JOIN intake
WHERE source >= value ->> 0 AND source < value ->> 1;

-- name: paused  queues from which nothing is claimed
SELECT queue AS name, paused_at, paused_until, paused_why, paused_by
FROM paused_queues
ORDER BY queue;

-- name: paused_tasks  tasks of which no job starts
SELECT task AS name, paused_at, paused_until, paused_why, paused_by
FROM paused_tasks
ORDER BY task;

-- name: all_paused  the pause of everything, if it stands
SELECT paused_at, paused_until, paused_why, paused_by
FROM paused_all;

-- name: due_set_apart  how many due jobs of each paused task wait, by queue
SELECT task, queue, count(*) AS jobs
FROM jobs
WHERE state = 'available' AND set_apart = 1
GROUP BY task, queue;
