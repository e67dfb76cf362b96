-- name: ran  occurrences of an entry for which a job was enqueued, as far as its runs are kept, and how the job stands
SELECT runs.occurrence, runs.job_id, jobs.state
FROM (
    SELECT occurrence, max(job_id) AS job_id
    FROM schedule_runs
    WHERE entry = :entry AND outcome = 'enqueued' AND occurrence IN (SELECT value FROM json_each(:occurrences))
    GROUP BY occurrence
) AS runs
LEFT JOIN jobs ON jobs.id = runs.job_id;

-- name: paused  entries of which nothing is enqueued
SELECT name
FROM schedule_entries
WHERE paused;

-- name: in_line  occurrences of an entry that wait for its last job, and then run by themselves
SELECT occurrence
FROM schedule_waiting
WHERE entry = :entry AND occurrence IN (SELECT value FROM json_each(:occurrences));
