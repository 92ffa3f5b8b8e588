-- Purpose: up to when some of the oldest readings of one series are, all versions counted; reads few files.
-- Parameters: entity, attribute, some.
-- Columns: edge (an instant as text, null for none), found (how many there are of them).
SELECT CAST(max(observed_at) AS VARCHAR) AS edge, count(*) AS found FROM (
    SELECT observed_at FROM readings
    WHERE entity = $entity AND attribute = $attribute AND observed_at IS NOT NULL
    ORDER BY observed_at LIMIT $some
)
