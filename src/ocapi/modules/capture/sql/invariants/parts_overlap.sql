-- Purpose: two files of readings never hold the same records of the log.
-- Columns: id
SELECT one.id FROM capture_part one
JOIN capture_part other ON one.id < other.id
WHERE one.first_sequence <= other.last_sequence AND other.first_sequence <= one.last_sequence
