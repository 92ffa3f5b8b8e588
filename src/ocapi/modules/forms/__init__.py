"""Forms: definitions, drafts, prefilling, validation and the frozen submission."""
