"""One token index per organization: Dutch stems, forgiving of spelling, the same on both databases."""
