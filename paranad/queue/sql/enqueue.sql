-- name: enqueue  stores a list of like jobs; those whose unique key is taken drop out, put off ones and others apart
INSERT INTO jobs (
    task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at, unique_key, put_off_key,
    set_apart
)
SELECT
    :task, value ->> 0, :queue, :origin, :state, :tries, :timeout_us, :due_at, :created_at, :created_at,
    value ->> 1, value ->> 2, :task IN (SELECT task FROM paused_tasks)
FROM json_each(:jobs)
WHERE true
ON CONFLICT DO NOTHING;

-- name: last_job  the highest id that a job has
SELECT coalesce(max(id), 0) FROM jobs;

-- name: stored_after  the jobs stored after another one, in order of id
SELECT id, unique_key, put_off_key
FROM jobs
WHERE id > :id
ORDER BY id;

-- name: pass_on  what a request that dropped out knows goes into the job that does its work
UPDATE jobs
SET args = json_patch(args, :args)
WHERE id = :id AND state IN ('scheduled', 'available', 'running', 'retryable');

-- name: bring_forward  a job that somebody put off becomes due earlier; one that waits for its next try does not
UPDATE jobs
SET due_at = :due
WHERE id = :id AND state = 'scheduled' AND attempt = 0 AND due_at > :due
RETURNING id;

-- name: unfinished_by_key  the unfinished job of each unique key
SELECT unique_key, id
FROM jobs
WHERE
    unique_key IN (SELECT value FROM json_each(:keys))
    AND unique_key IS NOT NULL
    AND state IN ('scheduled', 'available', 'running', 'retryable');

-- name: put_off_by_key  the job of each unique key that is put off
SELECT put_off_key AS unique_key, id
FROM jobs
WHERE
    put_off_key IN (SELECT value FROM json_each(:keys))
    AND put_off_key IS NOT NULL
    AND state = 'scheduled';

-- name: taken_in  what earlier deliveries from these sources were answered
SELECT source, place, job_id, duplicate, digest
FROM intake
WHERE source IN (SELECT value FROM json_each(:sources))
ORDER BY source, place;

-- name: take_in  remembers deliveries
INSERT INTO intake (source, place, job_id, duplicate, digest, at)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
FROM json_each(:deliveries);
