"""Types and algorithms both planes share: no Django, no I/O at import, testable without a database."""
