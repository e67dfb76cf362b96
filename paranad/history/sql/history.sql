-- Reads what other rooms wrote; nothing of theirs is changed. Times are microseconds since the epoch.

-- name: began  when the file was made
SELECT min(applied_at) AS at
FROM migrations;

-- name: shipments  how many the courier was known to have from one instant up to another, for each pair of a list
SELECT
    (
        SELECT count(*)
        FROM shipments
        WHERE created_at >= span.value ->> 0 AND created_at < span.value ->> 1
    ) AS shipments
FROM json_each(:spans) AS span
ORDER BY span.key;

-- name: completed  how many jobs completed in an hour, every nth of them
SELECT count(*) AS jobs
FROM jobs
WHERE state = 'completed' AND finished_at >= :start AND finished_at < :end AND id % :every = 0;

-- name: waits  how long the jobs at certain places in the order of waiting had waited, of the same jobs
SELECT wait
FROM (
    SELECT max(started_at - due_at, 0) AS wait, row_number() OVER (ORDER BY max(started_at - due_at, 0)) AS place
    FROM jobs
    WHERE state = 'completed' AND finished_at >= :start AND finished_at < :end AND id % :every = 0
)
WHERE place IN (SELECT value FROM json_each(:places))
ORDER BY place;

-- name: runs  the newest runs of every entry, oldest first, with how each one's job stands
SELECT entry.name, run.occurrence, run.outcome, jobs.state
FROM schedule_entries AS entry
LEFT JOIN schedule_runs AS run
    ON
        run.entry = entry.name
        AND run.id > coalesce(
            (SELECT id FROM schedule_runs WHERE entry = entry.name ORDER BY id DESC LIMIT 1 OFFSET :limit), 0
        )
LEFT JOIN jobs ON jobs.id = run.job_id AND run.outcome = 'enqueued'
ORDER BY entry.name, run.id;
