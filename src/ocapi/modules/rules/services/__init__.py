"""Operations on rules: saving a version with its test cases, answering, and telling why."""
