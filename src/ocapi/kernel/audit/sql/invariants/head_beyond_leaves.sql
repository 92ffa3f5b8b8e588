-- Purpose: no signed head covers more leaves than there are, or fewer than the head before it.
-- Columns: id, size
SELECT head.id, head.size
FROM audit_head AS head
WHERE head.size > (SELECT COUNT(sequence) FROM audit_leaf)
    OR EXISTS (SELECT 1 FROM audit_head AS earlier WHERE earlier.id < head.id AND earlier.size > head.size)
