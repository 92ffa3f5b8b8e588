-- Purpose: the newest version of each reading that is not forgotten; the other queries begin with it.
-- Parameters: entities, attributes (empty for all), property (observedAt | modifiedAt | createdAt).
-- Columns: those of readings, and moment.
WITH known AS (
    SELECT r.*,
        CASE $property WHEN 'modifiedAt' THEN modified_at WHEN 'createdAt' THEN created_at ELSE observed_at END
            AS moment
    FROM readings r
    WHERE r.entity IN (SELECT unnest($entities))
      AND (len($attributes) = 0 OR list_contains($attributes, r.attribute))
      AND NOT EXISTS (
          SELECT 1 FROM forgotten f
          WHERE f.entity = r.entity AND r.sequence < f.sequence
            AND (f.attribute = '' OR f.attribute = r.attribute)
            AND (f.observed_at IS NULL OR f.observed_at = r.observed_at)
            AND (f.observed_at IS NOT NULL OR f.row_sequence < 0
                 OR (f.row_sequence = r.sequence AND f.row_place = r.place)))
    QUALIFY row_number() OVER (
        PARTITION BY r.entity, r.attribute, r.dataset, coalesce(r.observed_at, r.modified_at),
            CASE WHEN r.observed_at IS NULL THEN r.sequence END
        ORDER BY r.sequence DESC, r.place DESC) = 1
)
