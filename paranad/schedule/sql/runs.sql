-- name: unhandled  places in a list of occurrences that are still to be handled
SELECT item.key AS place
FROM json_each(:occurrences) AS item
LEFT JOIN schedule_entries AS entry ON entry.name = item.value ->> 0
WHERE
    item.value ->> 2
    OR (
        item.value ->> 3
        AND entry.enabled
        AND NOT entry.paused
        AND EXISTS (
            SELECT 1
            FROM schedule_waiting AS waiting
            WHERE waiting.entry = entry.name AND waiting.occurrence = item.value ->> 1
        )
    )
    OR (
        entry.enabled
        AND NOT entry.paused
        AND entry.last_at < item.value ->> 1
        AND NOT EXISTS (
            SELECT 1
            FROM schedule_runs AS run
            WHERE run.entry = entry.name AND run.occurrence = item.value ->> 1 AND run.keyed = 1
        )
    );

-- name: record  what became of occurrences
INSERT INTO schedule_runs (entry, occurrence, keyed, outcome, reason, job_id, why)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
FROM json_each(:runs);

-- name: advance  everything up to an entry's newest handled occurrence is handled
UPDATE schedule_entries
SET last_at = handled.at
FROM (
    SELECT value ->> 0 AS entry, max(value ->> 1) AS at
    FROM json_each(:handled)
    GROUP BY value ->> 0
) AS handled
WHERE schedule_entries.name = handled.entry AND schedule_entries.last_at < handled.at;

-- name: prune  an entry's runs beyond the newest
DELETE FROM schedule_runs
WHERE
    entry = :entry
    AND id <= (SELECT id FROM schedule_runs WHERE entry = :entry ORDER BY id DESC LIMIT 1 OFFSET :kept);

-- name: newest  the last run of every entry, with how its job stands; one that was backfilled is of the past
SELECT run.entry, run.occurrence, run.outcome, run.reason, run.why, run.job_id, jobs.state AS job_state
FROM schedule_entries AS entry
INNER JOIN schedule_runs AS run
    ON run.id = (
        SELECT each.id
        FROM schedule_runs AS each
        WHERE each.entry = entry.name AND coalesce(each.why ->> 'code', '') != 'schedule.backfilled'
        ORDER BY each.id DESC
        LIMIT 1
    )
LEFT JOIN jobs ON jobs.id = run.job_id;

-- name: successes  when every entry last succeeded, as far as its jobs are kept; its newest runs are looked at first
SELECT
    entry.name AS entry,
    (
        SELECT jobs.finished_at
        FROM schedule_runs AS run
        CROSS JOIN jobs ON jobs.id = run.job_id
        WHERE
            run.entry = entry.name
            AND jobs.state = 'completed'
            AND coalesce(run.why ->> 'code', '') != 'schedule.backfilled'
        ORDER BY run.id DESC
        LIMIT 1
    ) AS succeeded_at
FROM schedule_entries AS entry;

-- name: history  an entry's runs, the last handled first, with how their jobs stand
SELECT run.id, run.occurrence, run.outcome, run.reason, run.why, run.job_id, jobs.state AS job_state
FROM schedule_runs AS run
LEFT JOIN jobs ON jobs.id = run.job_id
WHERE run.entry = :entry AND run.id < :before
ORDER BY run.id DESC
LIMIT :limit;
