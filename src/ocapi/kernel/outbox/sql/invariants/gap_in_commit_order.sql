-- Purpose: facts are numbered in commit order without a gap between the oldest kept and the newest.
-- Columns: numbered, first, last
SELECT numbered, first_one, last_one
FROM (
    SELECT COUNT(sequence) AS numbered, MIN(sequence) AS first_one, MAX(sequence) AS last_one FROM outbox_event
) AS found
WHERE numbered > 0 AND numbered <> last_one - first_one + 1
