-- Purpose: a form that was sent is no open draft any more.
-- Columns: draft
SELECT sent.draft FROM forms_submission AS sent JOIN forms_draft AS open_one ON open_one.uuid = sent.draft
