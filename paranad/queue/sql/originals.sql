-- name: keep_originals  stores the originals of deliveries, each a part of the texts
INSERT INTO originals (source, job_id, original)
SELECT value ->> 0, value ->> 1, cast(substr(:texts, value ->> 2, value ->> 3) AS TEXT)
FROM json_each(:originals)
WHERE true
ON CONFLICT (source) DO UPDATE SET
    job_id = excluded.job_id,
    original = excluded.original,
    step = iif(failed_at IS NULL, NULL, 'take back');

-- name: failed_originals  originals of failed jobs that are not written to failed_jobs yet, oldest failure first
SELECT
    originals.source, originals.original, originals.failed_at, jobs.id, jobs.error,
    (SELECT traceback FROM attempts WHERE attempts.job_id = jobs.id ORDER BY number DESC LIMIT 1) AS traceback
FROM originals
INNER JOIN jobs ON jobs.id = originals.job_id
WHERE originals.step = 'give back'
ORDER BY originals.failed_at
LIMIT :limit;

-- name: originals_written  notes it, unless the job has failed again since or was retried
UPDATE originals
SET step = NULL
WHERE (source, failed_at) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:originals)) AND +step = 'give back'
RETURNING source;

-- name: revoked_originals  originals whose job was retried or forgotten, but which may stand in failed_jobs
SELECT source, original, failed_at
FROM originals
WHERE step = 'take back' AND (job_id IS NULL OR NOT :ended)
ORDER BY failed_at
LIMIT :limit;

-- name: drop_originals  deletes removed originals of jobs that are gone
DELETE FROM originals
WHERE
    (source, failed_at) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:originals))
    AND +step = 'take back'
    AND +job_id IS NULL
RETURNING source;

-- name: originals_removed  notes it, unless the job has failed again since
UPDATE originals
SET failed_at = NULL, step = NULL
WHERE (source, failed_at) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:originals)) AND +step = 'take back'
RETURNING source;

-- name: revoke_forgotten  before failed jobs are deleted: their originals are to be removed from failed_jobs
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
