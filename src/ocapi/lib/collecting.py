"""When Python looks for cycles of garbage: not while a process loads its code, of which nothing can go.

A sixth of what a process does before it is ready would else be looking through what it has just loaded.
"""

import gc


def pause() -> None:
    """Look for none from now on; before anything large is imported."""
    gc.disable()


def resume(*after: int) -> None:
    """Look again, never at what is there by now. after: objects, young, middle rounds; else Python's."""
    gc.freeze()
    if after:
        gc.set_threshold(*after)
    gc.enable()
