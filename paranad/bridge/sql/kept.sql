-- name: keep_rows  rows that were taken, with the jobs that do their work
INSERT INTO kept_rows (row_id, job_id, source, reserved_at, attempts)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
FROM json_each(:rows)
WHERE true
ON CONFLICT (row_id) DO UPDATE SET
    job_id = excluded.job_id,
    source = excluded.source,
    reserved_at = excluded.reserved_at,
    next_at = NULL,
    attempts = excluded.attempts,
    released = 0,
    taken = 0
RETURNING row_id;

-- name: kept_ids  every kept row
SELECT row_id, job_id, taken
FROM kept_rows;

-- name: scheduled_here  jobs of the schedule that wait on this machine alone
SELECT id
FROM jobs
WHERE
    state IN ('available', 'scheduled', 'retryable')
    AND origin = 'schedule'
    AND task <> :sends
    AND NOT EXISTS (SELECT 1 FROM kept_rows WHERE kept_rows.job_id = jobs.id);

-- name: waiting_here  jobs that wait on this machine alone: no kept row lets another do them
SELECT count(*) AS jobs
FROM jobs
WHERE
    state IN ('available', 'scheduled', 'retryable')
    AND NOT EXISTS (SELECT 1 FROM kept_rows WHERE kept_rows.job_id = jobs.id);

-- name: kept_list  the next rows by their ids, and whether their jobs have ended
SELECT *
FROM kept_rows_standing
WHERE row_id > :after
ORDER BY row_id
LIMIT :limit;

-- name: kept_of_jobs  the rows of some jobs, and whether these have ended
SELECT *
FROM kept_rows_standing
WHERE job_id IN (SELECT value FROM json_each(:jobs))
ORDER BY row_id;

-- name: kept_of_sources  the rows of failed jobs, by what their originals are kept under
SELECT kept_rows.*, 'failed' AS standing
FROM kept_rows
WHERE
    kept_rows.job_id IN (SELECT value FROM json_each(:jobs))
    AND kept_rows.source IN (SELECT value FROM json_each(:sources))
ORDER BY kept_rows.row_id;

-- name: intend  what is about to be written to the shop, and what stands there
UPDATE kept_rows
SET
    reserved_at = coalesce(intended.value ->> 1, reserved_at),
    released = (intended.value ->> 1 IS NULL),
    next_at = :at,
    attempts = max(attempts, :attempts)
FROM json_each(:rows) AS intended
WHERE kept_rows.row_id = intended.value ->> 0
RETURNING kept_rows.row_id;

-- name: reserved  it is written
UPDATE kept_rows
SET reserved_at = next_at, next_at = NULL, released = 0
WHERE row_id IN (SELECT value FROM json_each(:ids)) AND next_at = :at
RETURNING row_id;

-- name: untried  their mark is taken back
UPDATE kept_rows
SET attempts = 0
WHERE row_id IN (SELECT value FROM json_each(:ids))
RETURNING row_id;

-- name: released  rows that are about to be freed
UPDATE kept_rows
SET released = 1
WHERE row_id IN (SELECT value FROM json_each(:ids))
RETURNING row_id;

-- name: taken  someone else has these
UPDATE kept_rows
SET taken = 1
WHERE row_id IN (SELECT value FROM json_each(:ids))
RETURNING row_id;

-- name: forget_deliveries  if such a row comes again, it is new work
DELETE FROM intake
WHERE source IN (SELECT source FROM kept_rows WHERE row_id IN (SELECT value FROM json_each(:ids)))
RETURNING place;

-- name: drop_kept  rows that are kept no longer
DELETE FROM kept_rows
WHERE row_id IN (SELECT value FROM json_each(:ids))
RETURNING row_id;

-- name: hand_on_originals  the originals of a job whose work another does from now on
UPDATE originals
SET job_id = :to
WHERE job_id = :job AND source IN (SELECT source FROM kept_rows WHERE kept_rows.job_id = :job)
RETURNING source;

-- name: hand_on_rows  and its rows
UPDATE kept_rows
SET job_id = :to
WHERE job_id = :job
RETURNING row_id;
