-- Purpose: no reader remembers a fact that does not exist: it would miss the next one under that number.
-- Columns: reader, sequence
SELECT reader, sequence
FROM outbox_position
WHERE sequence > (SELECT COALESCE(MAX(sequence), 0) FROM outbox_event)
