"""A row of tokens with a place in it: looking, taking, refusing, and putting names together."""

from typing import NoReturn

from ocapi.lib.feel.budget import MAX_DEPTH
from ocapi.lib.feel.errors import FeelSyntaxError
from ocapi.lib.feel.lexer import NAME, NUMBER, SYMBOL, Token, tokens
from ocapi.lib.feel.names import RESERVED, Known

NAME_SYMBOLS = frozenset("./-'+*?")


class Stream:
    """The tokens of one text."""

    def __init__(self, text: str, *, known: Known, properties: Known) -> None:
        self.text = text
        self.tokens, self.strings = tokens(text)
        self.place = 0
        self.depth = 0
        self.known = known
        self.properties = properties.plus(())  # a layer of its own for the keys of contexts in this text

    @property
    def token(self) -> Token:
        """The token at the place."""
        return self.tokens[self.place]

    def after(self, steps: int) -> Token:
        """The token some steps further, the end token when there is none."""
        return self.tokens[min(self.place + steps, len(self.tokens) - 1)]

    def refuse(self, reason: str, position: int | None = None) -> NoReturn:
        """Raise FeelSyntaxError at the place."""
        place = self.token.start if position is None else position
        raise FeelSyntaxError(reason, text=self.text, position=place)

    def deeper(self) -> None:
        """Count one level of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(f"nested deeper than {MAX_DEPTH}")

    def at(self, text: str) -> bool:
        """Say whether the token is this symbol or word."""
        token = self.tokens[self.place]
        return token.text == text and token.kind in (SYMBOL, NAME)

    def take(self, text: str) -> bool:
        """Go past the symbol or word when it stands here."""
        if self.at(text):
            self.place += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Go past the symbol or word, or refuse."""
        if not self.take(text):
            self.refuse(f"expected {text!r}" + (f", found {self.token.text!r}" if self.token.text else ""))

    def words(self) -> str | None:
        """Read adjacent words as one name that nobody declared: two names side by side mean nothing else."""
        if self.token.kind != NAME or self.token.text in RESERVED:
            return None
        parts = [self.token.text]
        self.place += 1
        while (self.token.kind == NAME and self.token.text not in RESERVED) or (
            self.token.kind == NUMBER and self.token.text.isdigit()
        ):
            parts.append(self.token.text)
            self.place += 1
        return " ".join(parts)

    def name_in(self, *layers: Known) -> str | None:
        """Read the longest name that one of the layers knows, else adjacent words."""
        found = [match for match in (layer.longest(self.tokens, self.place) for layer in layers) if match]
        start = self.place
        words = self.words()
        if found:
            name, end = max(found, key=lambda match: match[1])
            if end >= self.place:
                self.place = end
                return name
        if words is None:
            self.place = start
        return words

    def declared_name(self, *closers: str) -> str:
        """Read a name that is being declared: everything up to one of the closers."""
        start = self.place
        parts: list[str] = []
        while self.token.kind in (NAME, NUMBER) or (
            self.token.kind == SYMBOL and self.token.text in NAME_SYMBOLS
        ):
            if parts and self.token.text in closers:
                break
            parts.append(self.token.text)
            self.place += 1
        if not parts or self.tokens[start].kind != NAME:
            self.refuse("expected a name", self.tokens[start].start)
        raw = self.text[self.tokens[start].start:self.tokens[self.place - 1].end]
        return " ".join(raw.split())
