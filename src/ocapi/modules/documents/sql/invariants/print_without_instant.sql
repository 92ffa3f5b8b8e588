-- Purpose: a document has its PDF and the instant it was made together, or neither.
-- Columns: uuid
SELECT uuid FROM documents_document WHERE (pdf IS NULL) <> (pdf_at IS NULL)
