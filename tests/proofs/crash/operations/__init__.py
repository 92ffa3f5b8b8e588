"""What the product is asked to do, in the process to be killed; each operation carries the client's key.

An operation that its client may repeat gives the same result the second time. `stored` tells what is there.
"""

from importlib import import_module

from tests.proofs.crash.operations.register import KEY, NOW, OPERATIONS

__all__ = ["KEY", "NOW", "OPERATIONS"]
SUBJECTS = ("carrying", "evidence", "filling", "keys", "organizations", "sensing", "serving", "telling")
for _subject in SUBJECTS:
    import_module(f"{__name__}.{_subject}")
