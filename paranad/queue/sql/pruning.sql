-- name: prune  deletes a batch of finished jobs of one state past their retention
DELETE FROM jobs
WHERE id IN (
    SELECT id
    FROM jobs
    WHERE state = :state AND finished_at IS NOT NULL AND finished_at < :before
    ORDER BY finished_at
    LIMIT :limit
)
RETURNING id;

-- name: prune_failed  the same for failed jobs, of the schedule or of anyone else
DELETE FROM jobs
WHERE id IN (
    SELECT id
    FROM jobs
    WHERE
        state = 'failed'
        AND finished_at IS NOT NULL
        AND finished_at < :before
        AND (origin = 'schedule') = :of_schedule
    ORDER BY finished_at
    LIMIT :limit
)
RETURNING id;

-- name: prune_intake  forgets a batch of old deliveries
DELETE FROM intake
WHERE (source, place) IN (SELECT source, place FROM intake WHERE at < :before ORDER BY at LIMIT :limit)
RETURNING place;
