-- What the history counts and notes itself, and what it reads of other rooms, where it changes nothing.
-- Times are microseconds since the epoch.

-- name: began  when the file was made; from when on failures are counted; the newest completed job that was deleted
SELECT
    (SELECT min(applied_at) FROM migrations) AS since,
    (
        SELECT applied_at
        FROM migrations
        WHERE name = 'history' AND EXISTS (SELECT 1 FROM history_marks WHERE history_marks.name = 'uncounted')
    ) AS counted_since,
    (SELECT max(at) FROM history_marks WHERE name GLOB 'dropped*' AND at <= :now) AS dropped;

-- name: lost  what a restored copy lacks, and what was counted under clocks that contradict each other
SELECT start_at, end_at
FROM history_lost;

-- name: lose  a copy was opened for the first time: what was done since it was made is not in it
INSERT INTO history_lost (start_at, end_at)
VALUES (:copied, max(:copied, :now))
ON CONFLICT (start_at) DO UPDATE SET end_at = excluded.end_at
WHERE end_at = start_at; -- it was opened under a clock that was behind

-- name: doubt_failures  failures of instants still to come: nobody knows which clock was wrong, so their days are unknown
-- A clock that is behind the file itself, as one that begins at 1970, is no witness.
INSERT INTO history_lost (start_at, end_at)
SELECT min(quarter) * 900000000, (max(quarter) + 1) * 900000000
FROM failures_by_quarter
WHERE quarter > :now / 900000000 + 1 AND :now >= (SELECT min(applied_at) FROM migrations)
GROUP BY quarter / 96
ON CONFLICT (start_at) DO UPDATE SET end_at = max(end_at, excluded.end_at);

-- name: keep_dropped  a mark that lies ahead is kept apart: it counts once its instant has come
INSERT INTO history_marks (name, at)
SELECT 'dropped:' || at, at
FROM history_marks
WHERE name = 'dropped' AND at > :now
ON CONFLICT (name) DO NOTHING;

-- name: renew_dropped  and what is deleted from now on is marked as ever
UPDATE history_marks
SET at = :now
WHERE name = 'dropped' AND at > :now;

-- name: failures  how often a job failed for good from one instant up to another, for each pair of a list
SELECT
    (
        SELECT coalesce(sum(failures), 0)
        FROM failures_by_quarter
        WHERE quarter >= (span.value ->> 0) / 900000000 AND quarter < (span.value ->> 1) / 900000000
    ) AS failures
FROM json_each(:spans) AS span
ORDER BY span.key;

-- name: shipments  how many the courier was known to have from one instant up to another, for each pair of a list
SELECT
    (
        SELECT count(*)
        FROM shipments
        WHERE created_at >= span.value ->> 0 AND created_at < span.value ->> 1
    ) AS shipments
FROM json_each(:spans) AS span
ORDER BY span.key;

-- name: completed  how many jobs completed in an hour
SELECT count(*) AS jobs
FROM jobs
WHERE state = 'completed' AND finished_at >= :start AND finished_at < :end;

-- name: waits  how long the median and the 95th of 100 of an hour's jobs had waited; of every nth job, none of no job
SELECT wait
FROM (
    SELECT
        max(started_at - due_at, 0) AS wait,
        row_number() OVER (ORDER BY max(started_at - due_at, 0)) AS place,
        count(*) OVER () AS jobs
    FROM jobs
    WHERE state = 'completed' AND finished_at >= :start AND finished_at < :end AND id % :every = 0
)
WHERE place IN ((jobs + 1) / 2, (jobs * 95 + 99) / 100)
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
