-- name: forget_absent  entries that the configuration no longer has; once added again they start from now
DELETE FROM schedule_entries
WHERE paused = 0 AND name NOT IN (SELECT value ->> 0 FROM json_each(:entries));

-- name: adopt  the configuration's entries; new, re-enabled and changed ones start from now
INSERT INTO schedule_entries (name, cron, enabled, last_at)
SELECT value ->> 0, value ->> 1, value ->> 2, :now
FROM json_each(:entries)
WHERE true
ON CONFLICT (name) DO UPDATE SET
    cron = excluded.cron,
    enabled = excluded.enabled,
    last_at = CASE
        WHEN schedule_entries.enabled = 1 AND schedule_entries.cron = excluded.cron THEN schedule_entries.last_at
        ELSE excluded.last_at
    END;

-- name: marks  where every entry stands
SELECT name, paused, last_at, paused_at, paused_until, paused_why, paused_by
FROM schedule_entries;

-- name: pause  enqueue nothing more for an entry; one that is paused gets the new instants and reason
UPDATE schedule_entries
SET paused = 1, paused_at = :since, paused_until = :until, paused_why = :reason, paused_by = :by
WHERE name = :name;

-- name: resume  go on with a paused entry, from now
UPDATE schedule_entries
SET paused = 0, last_at = max(last_at, :now)
WHERE name = :name AND paused = 1
RETURNING name;

-- name: set_back  entries whose last handled occurrence lies too far in the future
UPDATE schedule_entries
SET last_at = :now
WHERE name IN (SELECT value FROM json_each(:names));

-- name: unkey  their runs of instants that are still to come, since these come again
UPDATE schedule_runs
SET keyed = 0
WHERE entry IN (SELECT value FROM json_each(:names)) AND occurrence > :now AND keyed = 1;

-- name: move_on  entries whose last handled occurrence lies before an instant up to which another daemon handled them
UPDATE schedule_entries
SET last_at = :at
WHERE last_at < :at;
