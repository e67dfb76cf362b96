-- name: enqueue  stores a list of jobs; those whose unique key an unfinished job carries drop out
INSERT INTO jobs (
    task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at, unique_key
)
SELECT
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 8, value ->> 9
FROM json_each(:jobs)
WHERE true
ON CONFLICT (unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'available', 'running', 'retryable')
    DO NOTHING
RETURNING id, unique_key;

-- name: unfinished_by_key  the unfinished job of each unique key
SELECT unique_key, id
FROM jobs
WHERE
    unique_key IN (SELECT value FROM json_each(:keys))
    AND unique_key IS NOT NULL
    AND state IN ('scheduled', 'available', 'running', 'retryable');

-- name: taken_in  what earlier deliveries from these sources were answered
SELECT source, place, job_id, duplicate, digest
FROM intake
WHERE source IN (SELECT value FROM json_each(:sources))
ORDER BY source, place;

-- name: take_in  remembers deliveries
INSERT INTO intake (source, place, job_id, duplicate, digest, at)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
FROM json_each(:deliveries);
