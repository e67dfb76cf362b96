-- name: keep_originals  what a delivery was made of
INSERT INTO originals (source, job_id, original)
SELECT value ->> 0, value ->> 1, value ->> 2
FROM json_each(:originals)
WHERE true
ON CONFLICT (source) DO UPDATE SET
    job_id = excluded.job_id,
    original = excluded.original,
    step = iif(failed_at IS NULL, NULL, 'take back');

-- name: failed_originals  those whose job has failed and that are not given back yet, oldest failure first
SELECT
    originals.source, originals.original, originals.failed_at, jobs.id, jobs.error,
    (SELECT traceback FROM attempts WHERE attempts.job_id = jobs.id ORDER BY number DESC LIMIT 1) AS traceback
FROM originals
INNER JOIN jobs ON jobs.id = originals.job_id
WHERE originals.step = 'give back'
ORDER BY originals.failed_at
LIMIT :limit;

-- name: give_back_originals  unless its job has failed again since, or was retried
UPDATE originals
SET step = NULL
WHERE (source, failed_at) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:originals)) AND +step = 'give back'
RETURNING source;

-- name: revoked_originals  those whose job has failed no longer, though they may stand where they came from
SELECT source, original, failed_at
FROM originals
WHERE step = 'take back'
ORDER BY failed_at
LIMIT :limit;

-- name: drop_originals  taken back ones of jobs that need them no more
DELETE FROM originals
WHERE
    (source, failed_at) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:originals))
    AND +step = 'take back'
    AND +job_id IS NULL
RETURNING source;

-- name: take_back_originals  unless its job has failed again since
UPDATE originals
SET failed_at = NULL, step = NULL
WHERE (source, failed_at) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:originals)) AND +step = 'take back'
RETURNING source;

-- name: revoke_forgotten  before failed jobs are deleted: what they were made of is to be taken back
UPDATE originals
SET job_id = NULL, step = 'take back'
WHERE job_id IN (SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 'failed')
RETURNING source;

-- name: revoke_flushed  the same by filter
UPDATE originals
SET job_id = NULL, step = 'take back'
WHERE
    job_id IN (
        SELECT id
        FROM jobs
        WHERE
            state = 'failed'
            AND state IN ('scheduled', 'retryable', 'failed', 'cancelled')  -- names the index jobs_set_aside
            AND (:task IS NULL OR task = :task)
            AND (:queue IS NULL OR queue = :queue)
    )
RETURNING source;
