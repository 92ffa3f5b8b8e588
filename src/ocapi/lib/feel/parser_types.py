"""The types an expression may name: number, list<number>, context<a: string>, function<number>->string, …"""

from ocapi.lib.feel import syntax
from ocapi.lib.feel.lexer import NAME, SYMBOL
from ocapi.lib.feel.names import Known
from ocapi.lib.feel.stream import Stream

TYPE_NAMES = (
    "Any", "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "list", "context", "function", "range", "Null",
)
_BUILT_IN = Known(TYPE_NAMES)


class TypeStream(Stream):
    """A stream that can read a type."""

    def __init__(self, text: str, *, known: Known, properties: Known, types: Known) -> None:
        super().__init__(text, known=known, properties=properties)
        self.types = types
        self.in_filter = 0
        self.in_range_end = False

    def type(self) -> syntax.TypeNode:
        """Read a type."""
        self.deeper()
        position = self.token.start
        name = self.name_in(_BUILT_IN, self.types) if not self.at("function") else self._function_word()
        if name is None:
            self.refuse("expected a type")
        while self.at(".") and self.after(1).kind == NAME:  # the type of an imported model
            self.place += 1
            name = f"{name}.{self.name_in(self.types)}"
        node = self._with_parts(name, position)
        self.depth -= 1
        return node

    def _function_word(self) -> str:
        self.place += 1
        return "function"

    def _with_parts(self, name: str, position: int) -> syntax.TypeNode:
        if name in ("list", "range") and self.take("<"):
            part = self.type()
            self.expect(">")
            return syntax.TypeNode(name, (part,), position=position)
        if name == "context" and self.take("<"):
            keys: list[str] = []
            parts: list[syntax.TypeNode] = []
            while not parts or self.take(","):
                keys.append(self.declared_name())
                self.expect(":")
                parts.append(self.type())
            self.expect(">")
            return syntax.TypeNode(name, tuple(parts), tuple(keys), position=position)
        if name == "function" and self.take("<"):
            return self._function_type(position)
        return syntax.TypeNode(name, position=position)

    def _function_type(self, position: int) -> syntax.TypeNode:
        parts: list[syntax.TypeNode] = []
        while not self.at(">"):
            if parts:
                self.expect(",")
            parts.append(self.type())
        self.expect(">")
        if self.token.kind == SYMBOL and self.take("->"):
            return syntax.TypeNode("function", tuple(parts), result=self.type(), position=position)
        return syntax.TypeNode("function", tuple(parts), position=position)
