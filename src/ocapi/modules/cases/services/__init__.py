"""Operations on cases: receiving, handling, letters and case types; each runs in the caller's transaction."""
