-- name: record_recovered  the attempts that a gone process left
INSERT INTO attempts (job_id, number, started_at, finished_at, outcome, counted)
SELECT id, attempt, started_at, max(started_at, :now), 'recovered', 0
FROM jobs
WHERE state = 'running';

-- name: took_daemon_down  fails jobs that were found running at too many start-ups
UPDATE jobs
SET state = 'failed', strikes = strikes + 1, finished_at = :now, error = :error, why = :why
WHERE state = 'running' AND strikes + 1 >= :strikes
RETURNING id, task, queue, iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) AS order_id, strikes;

-- name: recover  makes available what a gone process left running
UPDATE jobs
SET
    state = 'available',
    set_apart = task IN (SELECT paused_tasks.task FROM paused_tasks),
    strikes = strikes + 1
WHERE state = 'running'
RETURNING id, task, queue, iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) AS order_id, strikes;
