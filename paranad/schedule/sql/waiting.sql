-- name: waiting  the oldest waiting occurrence of every entry that has one, and how many wait
SELECT entry, min(occurrence) AS occurrence, reason, why, count(*) AS waiting
FROM schedule_waiting
GROUP BY entry;

-- name: line_up  occurrences that wait for the last job of their entry
INSERT INTO schedule_waiting (entry, occurrence, reason, why)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3
FROM json_each(:occurrences)
WHERE true
ON CONFLICT DO NOTHING;

-- name: leave_line  occurrences that wait no longer
DELETE FROM schedule_waiting
WHERE EXISTS (
    SELECT 1
    FROM json_each(:occurrences) AS item
    WHERE item.value ->> 0 = schedule_waiting.entry AND item.value ->> 1 = schedule_waiting.occurrence
);

-- name: give_up_waiting  occurrences whose entry the configuration no longer has, disables or makes due at other times
DELETE FROM schedule_waiting
WHERE NOT EXISTS (
    SELECT 1
    FROM json_each(:entries) AS given
    INNER JOIN schedule_entries AS entry ON entry.name = given.value ->> 0
    WHERE entry.name = schedule_waiting.entry AND given.value ->> 2 AND entry.cron = given.value ->> 1
)
RETURNING entry, occurrence;

-- name: forget_waiting  occurrences that are still to come, since they come again
DELETE FROM schedule_waiting
WHERE entry IN (SELECT value FROM json_each(:names)) AND occurrence > :now;

-- name: forget_waiting_before  occurrences up to an instant until which another daemon handled what was due
DELETE FROM schedule_waiting
WHERE occurrence <= :at;
