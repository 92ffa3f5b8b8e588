-- Purpose: each placed leaf stands in the tree under its own hash, and the tree holds no other.
-- Columns: place
SELECT leaf.sequence AS place
FROM audit_leaf AS leaf LEFT JOIN audit_node AS node ON node.level = 0 AND node."index" = leaf.sequence
WHERE leaf.sequence IS NOT NULL AND (node.hash IS NULL OR node.hash <> leaf.leaf_hash)
UNION ALL
SELECT node."index" AS place
FROM audit_node AS node LEFT JOIN audit_leaf AS leaf ON leaf.sequence = node."index"
WHERE node.level = 0 AND leaf.sequence IS NULL
