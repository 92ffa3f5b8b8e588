-- Purpose: the places of leaves count from 0 without gaps.
-- Columns: placed, last_place
SELECT placed, last_place
FROM (SELECT COUNT(sequence) AS placed, MAX(sequence) AS last_place FROM audit_leaf) AS found
WHERE placed > 0 AND placed <> last_place + 1
