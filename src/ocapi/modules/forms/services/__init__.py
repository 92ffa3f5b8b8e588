"""The rules of forms, one file per subject."""
