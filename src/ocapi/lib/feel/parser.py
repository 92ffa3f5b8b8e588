"""Text into a syntax tree: precedence climbing, so that nesting costs few Python frames per level."""

from decimal import Decimal

from ocapi.lib.feel import syntax
from ocapi.lib.feel.budget import MAX_DEPTH
from ocapi.lib.feel.lexer import END, NAME, NUMBER, STRING, SYMBOL
from ocapi.lib.feel.names import NOTHING, Known
from ocapi.lib.feel.numbers import exact
from ocapi.lib.feel.parser_tests import COMPARING, TestStream
from ocapi.lib.feel.stream import NAME_SYMBOLS

OR, AND, ADDING, MULTIPLYING, POWER, INSTANCE = 10, 20, 40, 50, 60, 70
_BINDING = {
    "or": OR, "and": AND, "=": COMPARING, "!=": COMPARING, "<": COMPARING, "<=": COMPARING, ">": COMPARING,
    ">=": COMPARING, "between": COMPARING, "in": COMPARING, "+": ADDING, "-": ADDING, "*": MULTIPLYING,
    "/": MULTIPLYING, "**": POWER, "instance": INSTANCE,
}
_CHAINED = {ADDING: ("+", "-"), MULTIPLYING: ("*", "/"), POWER: ("**",)}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse_expression(
    text: str, *, known: Known = NOTHING, properties: Known = NOTHING, types: Known = NOTHING
) -> syntax.Node:
    """Parse an expression. known: names in scope; properties: fields that may follow a dot; types: of items.

    Raises FeelSyntaxError with the position, for any text that is no expression.
    """
    parser = Parser(text, known=known, properties=properties, types=types)
    return parser.whole(parser.expression)


def parse_condition(
    text: str, *, known: Known = NOTHING, properties: Known = NOTHING, types: Known = NOTHING
) -> syntax.Node:
    """Parse the condition of a filter: what may follow a dot is a name too, a field of the item."""
    parser = Parser(text, known=known, properties=properties, types=types)
    parser.in_filter = 1
    return parser.whole(parser.expression)


def parse_unary_tests(
    text: str, *, known: Known = NOTHING, properties: Known = NOTHING, types: Known = NOTHING
) -> syntax.Tests:
    """Parse the cell of a decision table: `-`, tests separated by commas, or not(tests)."""
    parser = Parser(text, known=known, properties=properties, types=types)
    found = parser.whole(parser.unary_tests)
    assert isinstance(found, syntax.Tests)
    return found


class Parser(TestStream):
    """The parser of one text."""

    def whole(self, rule: "type[object] | object") -> syntax.Node:
        """Apply a rule to the whole text; what is left over is refused."""
        assert callable(rule)
        try:
            found = rule()
        except RecursionError:  # the caller stood deep already
            self.refuse("nested too deep")
        if self.token.kind != END:
            self.refuse(f"did not expect {self.token.text!r}")
        assert isinstance(found, syntax.Node)
        return found

    def expression(self, binding: int = 0) -> syntax.Node:
        """Read an expression whose operators bind stronger than `binding`."""
        self.deeper()
        left = self._prefix()
        while True:
            operator = self.token.text
            strength = _BINDING.get(operator, 0) if self.token.kind in (SYMBOL, NAME) else 0
            if strength <= binding:
                break
            left = self._infix(left, operator, strength)
        self.depth -= 1
        return left

    def _infix(self, left: syntax.Node, operator: str, strength: int) -> syntax.Node:
        position = self.token.start
        if strength in _CHAINED:
            rest = []
            while self.token.kind == SYMBOL and self.token.text in _CHAINED[strength]:
                symbol = self.token.text
                self.place += 1
                rest.append((symbol, self.expression(strength)))
            return syntax.Chain(left, tuple(rest), position=position)
        if operator in ("or", "and"):
            operands = [left]
            while self.take(operator):
                operands.append(self.expression(strength))
            return syntax.Logic(operator, tuple(operands), position=position)
        self.place += 1
        if operator == "between":
            low = self.expression(COMPARING)
            self.expect("and")
            return syntax.Between(left, low, self.expression(COMPARING), position=position)
        if operator == "in":
            return syntax.In(left, self.in_tests(), position=position)
        if operator == "instance":
            self.expect("of")
            return syntax.InstanceOf(left, self.type(), position=position)
        return syntax.Comparison(operator, left, self.expression(COMPARING), position=position)

    def _prefix(self) -> syntax.Node:
        minuses = 0
        position = self.token.start
        while self.take("-"):
            minuses += 1
        node = self._postfix(self._primary())
        if minuses and self.at("instance"):
            node = self._infix(node, "instance", INSTANCE)
        for _ in range(minuses if minuses < 3 else 2 - minuses % 2):
            node = syntax.Negation(node, position=position)
        return node

    def _postfix(self, node: syntax.Node) -> syntax.Node:
        levels = 0
        while self.token.kind == SYMBOL:
            position = self.token.start
            if self.at(".") and self.after(1).kind == NAME:
                self.place += 1
                name = self.name_in(self.properties) or self._any_word()
                node = syntax.Path(node, name, position=position)
            elif self.at("[") and self._opens_filter():
                self.place += 1
                self.in_filter += 1
                outer, self.in_range_end = self.in_range_end, False
                condition = self.expression()
                self.in_filter -= 1
                self.in_range_end = outer
                self.expect("]")
                node = syntax.Filter(node, condition, position=position)
            elif self.at("("):
                node = self._call(node)
            else:
                break
            levels += 1
            self.deeper()
        self.depth -= levels
        return node

    def _any_word(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1].text

    def _opens_filter(self) -> bool:
        """`[` after the end of a range closes it, as in ]1..10[, unless an expression follows."""
        if not self.in_range_end:
            return True
        following = self.after(1)
        if following.kind == END or following.text in _BINDING:
            return following.text == "-"
        return following.text not in (")", "]", ",", "}", "..", "then", "else", "return", "satisfies")

    def _call(self, callee: syntax.Node) -> syntax.Node:
        position = self.token.start
        self.expect("(")
        outer, self.in_range_end = self.in_range_end, False
        arguments: list[syntax.Node] = []
        names: list[str] = []
        while not self.at(")"):
            if arguments:
                self.expect(",")
            start = self.token.start
            if name := self._argument_name():
                names.append(name)
            arguments.append(self.expression())
            if names and len(names) != len(arguments):
                self.refuse("either all arguments are named or none is", start)
        self.expect(")")
        self.in_range_end = outer
        return syntax.Call(callee, tuple(arguments), tuple(names) if names else None, position=position)

    def _argument_name(self) -> str | None:
        """Read `name:` when it stands here."""
        if self.token.kind == STRING and self.after(1).text == ":":
            self.place += 2
            return self.strings[self.tokens[self.place - 2].start]
        place = self.place
        while self.tokens[place].kind in (NAME, NUMBER) or self.tokens[place].text in NAME_SYMBOLS:
            place += 1
        if self.token.kind != NAME or self.tokens[place].text != ":" or self.tokens[place].kind != SYMBOL:
            return None
        name = self.declared_name()
        self.expect(":")
        return name

    # --- what an expression starts with ---

    def _primary(self) -> syntax.Node:
        token = self.token
        if token.kind == NUMBER:
            self.place += 1
            return syntax.Literal(self._number(token.text, token.start), position=token.start)
        if token.kind == STRING:
            self.place += 1
            return syntax.Literal(self.strings[token.start], position=token.start)
        if token.kind == NAME:
            return self._named()
        if token.text in ("(", "[", "]"):
            return self.bracket()
        if token.text == "{":
            return self._context()
        if token.text == "?":
            self.place += 1
            return syntax.Name("?", position=token.start)
        if token.text == "@" and self.after(1).kind == STRING:
            self.place += 2
            return syntax.AtLiteral(self.strings[self.tokens[self.place - 1].start], position=token.start)
        stops = token.kind == END
        return self.refuse("the expression stops too early" if stops else f"did not expect {token.text!r}")

    def _number(self, text: str, position: int) -> Decimal:
        value = exact(text)
        if value is None:
            self.refuse("the number is out of range", position)
        return value

    def _named(self) -> syntax.Node:
        token = self.token
        layers = (self.known, self.properties) if self.in_filter else (self.known,)
        longest = max(
            (match[1] for layer in layers if (match := layer.longest(self.tokens, self.place))),
            default=self.place,
        )
        if longest <= self.place + 1:  # a declared name of several words wins over a keyword
            if token.text in _WORDS:
                self.place += 1
                return syntax.Literal(_WORDS[token.text], position=token.start)
            if token.text == "if":
                return self._if()
            if token.text == "for":
                return self._for()
            if token.text in ("some", "every") and self.after(1).kind == NAME:
                return self._quantified()
            if token.text == "function" and self.after(1).text == "(":
                return self._function()
        name = self.name_in(*layers)
        if name is None:
            self.refuse(f"did not expect {token.text!r}")
        return syntax.Name(name, position=token.start)

    def _if(self) -> syntax.Node:
        position = self.token.start
        branches = []
        while self.take("if"):
            condition = self.expression()
            self.expect("then")
            branches.append((condition, self.expression()))
            self.expect("else")
        return syntax.If(tuple(branches), self.expression(), position=position)

    def _for(self) -> syntax.Node:
        position = self.token.start
        self.expect("for")
        outer = self.known
        iterators = self._iterators("return")
        self.known = self.known.plus(["partial"])
        result = self.expression()
        self.known = outer
        return syntax.For(iterators, result, position=position)

    def _quantified(self) -> syntax.Node:
        position = self.token.start
        quantifier = self._any_word()
        outer = self.known
        iterators = self._iterators("satisfies")
        condition = self.expression()
        self.known = outer
        return syntax.Quantified(quantifier, iterators, condition, position=position)

    def _iterators(self, closer: str) -> tuple[syntax.Iterator, ...]:
        found: list[syntax.Iterator] = []
        while not found or self.take(","):
            position = self.token.start
            name = self.declared_name("in")
            self.expect("in")
            source = self.expression()
            until = self.expression() if self.take("..") else None
            found.append(syntax.Iterator(name, source, until, position=position))
            if len(found) > MAX_DEPTH:
                self.refuse(f"more than {MAX_DEPTH} iterators", position)
            self.known = self.known.plus([name])
        self.expect(closer)
        return tuple(found)

    def _function(self) -> syntax.Node:
        position = self.token.start
        self.expect("function")
        self.expect("(")
        parameters: list[syntax.Parameter] = []
        while not self.at(")"):
            if parameters:
                self.expect(",")
            start = self.token.start
            name = self.declared_name()
            declared = self.type() if self.take(":") else None
            parameters.append(syntax.Parameter(name, declared, position=start))
        self.expect(")")
        external = self.take("external")
        outer = self.known
        self.known = self.known.plus([parameter.name for parameter in parameters])
        body = self.expression()
        self.known = outer
        return syntax.FunctionNode(tuple(parameters), body, external, position=position)

    def _context(self) -> syntax.Node:
        position = self.token.start
        self.expect("{")
        outer, in_range_end = self.known, self.in_range_end
        self.known, self.in_range_end = outer.plus(()), False
        keys: set[str] = set()
        entries: list[tuple[str, syntax.Node]] = []
        while not self.at("}"):
            if entries:
                self.expect(",")
            if self.token.kind == STRING:
                key = self.strings[self.token.start]
                self.place += 1
            else:
                key = self.declared_name()
            self.expect(":")
            if key in keys:
                self.refuse(f"the key {key!r} stands twice")
            keys.add(key)
            entries.append((key, self.expression()))
            self.known.add(key)
            self.properties.add(key)
        self.expect("}")
        self.known, self.in_range_end = outer, in_range_end
        return syntax.ContextNode(tuple(entries), position=position)
