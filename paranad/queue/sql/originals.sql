-- name: keep_originals  what a delivery was made of
INSERT INTO originals (source, job_id, original)
SELECT value ->> 0, value ->> 1, value ->> 2
FROM json_each(:originals)
WHERE true
ON CONFLICT (source) DO UPDATE SET job_id = excluded.job_id, original = excluded.original, failed_at = NULL;

-- name: failed_originals  those whose job has failed and that are not given back yet, oldest failure first
SELECT
    originals.source, originals.original, originals.failed_at, jobs.id, jobs.error,
    (SELECT traceback FROM attempts WHERE attempts.job_id = jobs.id ORDER BY number DESC LIMIT 1) AS traceback
FROM originals
INNER JOIN jobs ON jobs.id = originals.job_id
WHERE originals.failed_at IS NOT NULL AND jobs.state = 'failed'
ORDER BY originals.failed_at
LIMIT :limit;

-- name: give_back_originals  unless its job has failed again since
UPDATE originals
SET failed_at = NULL
WHERE (source, failed_at) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:originals))
RETURNING source;
