"""Brackets and tests: lists, ranges, parentheses, what stands behind `in`, and cells of decision tables."""

from ocapi.lib.feel import syntax
from ocapi.lib.feel.lexer import END, SYMBOL
from ocapi.lib.feel.parser_types import TypeStream

COMPARING = 30  # how strong comparisons bind
COMPARATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})


class TestStream(TypeStream):
    """A stream that can read brackets and tests."""

    def expression(self, binding: int = 0) -> syntax.Node:
        """Read an expression whose operators bind stronger than `binding`."""
        raise NotImplementedError

    def bracket(self) -> syntax.Node:
        """Read a list, a range or what stands in parentheses."""
        opening = self.token
        self.place += 1
        outer, self.in_range_end = self.in_range_end, False
        if opening.text == "(" and self.token.text in COMPARATORS:
            node: syntax.Node = self._unary_range()
            self.expect(")")
        elif opening.text == "[" and self.take("]"):
            node = syntax.ListNode((), position=opening.start)
        else:
            node = self._after_opening(opening.text, opening.start)
        self.in_range_end = outer
        return node

    def _after_opening(self, opening: str, position: int) -> syntax.Node:
        first = self.expression()
        if self.take(".."):
            return self._range_rest(opening, first, position)
        if opening == "(":
            self.expect(")")
            return first
        if opening == "]":
            self.refuse("expected '..'")
        items = [first]
        while self.take(","):
            items.append(self.expression())
        self.expect("]")
        return syntax.ListNode(tuple(items), position=position)

    def _range_rest(self, opening: str, low: syntax.Node, position: int) -> syntax.Node:
        self.in_range_end = True
        high = self.expression()
        self.in_range_end = False
        closing = self.token.text
        if closing not in ("]", ")", "["):
            self.refuse("expected the end of the range")
        self.place += 1
        return syntax.RangeNode(low, high, opening == "[", closing == "]", position=position)

    def _unary_range(self) -> syntax.Node:
        token = self.token
        self.place += 1
        return syntax.UnaryRange(token.text, self.expression(COMPARING), position=token.start)

    def in_tests(self) -> tuple[syntax.Node, ...]:
        """Read what stands behind `in`."""
        if self.token.text in COMPARATORS and self.token.kind == SYMBOL:
            return (self._unary_range(),)
        if not self.at("("):
            return (self.expression(COMPARING),)
        opening = self.token
        self.place += 1
        outer, self.in_range_end = self.in_range_end, False
        tests = [self._test()]
        if self.take(".."):
            tests = [self._range_rest("(", tests[0], opening.start)]
        else:
            while self.take(","):
                tests.append(self._test())
            self.expect(")")
        self.in_range_end = outer
        return tuple(tests)

    def _test(self) -> syntax.Node:
        if self.token.text in COMPARATORS and self.token.kind == SYMBOL:
            return self._unary_range()
        return self.expression()

    def unary_tests(self) -> syntax.Tests:
        """Read the text of a cell."""
        position = self.token.start
        if self.at("-") and self.after(1).kind == END:
            self.place += 1
            return syntax.Tests((), position=position)
        if self.at("not") and self.after(1).text == "(" and self._closes_last():
            self.place += 2
            tests = self._test_list()
            self.expect(")")
            return syntax.Tests(tests, negated=True, position=position)
        return syntax.Tests(self._test_list(), position=position)

    def _closes_last(self) -> bool:
        """Say whether the bracket after `not` closes at the very end, so that it negates the whole cell."""
        depth = 0
        for index in range(self.place + 1, len(self.tokens)):
            text = self.tokens[index].text if self.tokens[index].kind == SYMBOL else ""
            depth += (text == "(") - (text == ")")
            if depth == 0:
                return self.tokens[index + 1].kind == END
        return False

    def _test_list(self) -> tuple[syntax.Node, ...]:
        tests = [self._test()]
        while self.take(","):
            tests.append(self._test())
        return tuple(tests)
