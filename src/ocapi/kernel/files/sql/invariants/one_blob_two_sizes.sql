-- Purpose: rows that share a blob say the same of it.
-- Columns: sha256
SELECT sha256 FROM files_file GROUP BY sha256 HAVING MIN(size_bytes) <> MAX(size_bytes)
