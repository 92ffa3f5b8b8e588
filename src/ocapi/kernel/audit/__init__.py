"""Evidence: who looked at what and who changed what, in a log that shows every later alteration."""
