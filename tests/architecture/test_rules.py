"""The house as it stands, and that each rule bites. Not covered here: import contracts (test_contracts)."""

from pathlib import Path

import pytest

from tests.architecture import addresses, interpreted, rules, scripts

PLANTED = {
    "library_away_from_home": ("modules/cases/services.py", "def f():\n    import duckdb\n"),
    "oversized": ("lib/long.py", "x = 1\n" * 601),
    "module_state": ("modules/cases/queries.py", "seen = {}\n"),
    "literal_default_alias": ("modules/cases/queries.py", "row = Case.objects.using('default')\n"),
    "model_lookup_by_name": (
        "web/x.py",
        "from django.apps import apps\nM = apps.get_model('cases', 'Case')\n",
    ),
    "broad_except": ("web/x.py", "try:\n    pass\nexcept Exception:\n    pass\n"),
    "stray_durability_words": ("kernel/jobs/x.py", "SQL = 'PRAGMA synchronous = off'\n"),
    "writes_around_the_door": ("kernel/jobs/x.py", "open('f', 'w').write('x')\n"),
    "time_around_the_door": ("kernel/jobs/x.py", "from datetime import datetime\nnow = datetime.now()\n"),
    "foreign_templates": ("modules/cases/templates/cases/a.html", '{% extends "portal/base.html" %}'),
    "inline_code": ("web/templates/web/a.html", "<p style='color:red' onclick='x()'>"),
    "patterns_from_data": ("modules/cases/queries.py", "def f(word):\n    re.search(f'^{word}', 'x')\n"),
    "formats_from_data": ("modules/notify/x.py", "def f(text, person):\n    return text.format(p=person)\n"),
    "polluting": ("modules/cases/static/cases/a.js", "found[row.name] = row.value;\n"),
    "secrets_compared_openly": ("kernel/accounts/x.py", "def f(a, b):\n    return a.signature == b\n"),
    "values_in_addresses": ("web/x.py", "def f(name):\n    return f'/zoeken?q={name}'\n"),
    "unsafe_markup": ("web/templates/web/a.html", "{{ name|safe }}"),
}


RULES = (*rules.RULES, *interpreted.RULES, *scripts.RULES, *addresses.RULES)


class TestRules:
    def test_hold_for_the_source_tree(self, monkeypatch):
        trees = list(rules.parsed(rules.SOURCE))  # to parse it takes longer than to look at it by every rule
        monkeypatch.setattr(rules, "parsed", lambda root: iter(trees))
        broken = {rule.__name__: list(rule(rules.SOURCE)) for rule in RULES}
        assert {name: found for name, found in broken.items() if found} == {}

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
    def test_turn_red_on_a_planted_fault(self, rule, tmp_path: Path):
        where, text = PLANTED[rule.__name__]
        (tmp_path / where).parent.mkdir(parents=True)
        (tmp_path / where).write_text(text)
        assert list(rule(tmp_path)) != []


class TestRuleList:
    def test_has_a_planted_fault_for_every_rule(self):
        assert {rule.__name__ for rule in RULES} == set(PLANTED)


class TestInterpreted:
    @pytest.mark.parametrize("line", [
        "re2.compile(word)", "re.compile('a' + word)", "re.sub(word, '', 'x')", "re.fullmatch(words[0], 'x')",
        "word.format(1)", "(word + '%s') % (1,)", "f'{word} {{}}'.format(1)", "word.format_map({})",
    ])
    def test_turns_red_on_what_came_from_outside(self, line, tmp_path: Path):
        (tmp_path / "lib").mkdir()
        (tmp_path / "lib" / "x.py").write_text(f"def f(word, words):\n    return {line}\n")
        assert [found for rule in interpreted.RULES for found in rule(tmp_path)] != []

    @pytest.mark.parametrize("line", [
        "re.compile(rf'{re.escape(word)}-[0-9]')", "_('{n} cases').format(n=word)", "'%s' % (word,)",
    ])
    def test_passes_what_is_escaped_or_only_put_in(self, line, tmp_path: Path):
        (tmp_path / "lib").mkdir()
        (tmp_path / "lib" / "x.py").write_text(f"def f(word):\n    return {line}\n")
        assert [found for rule in interpreted.RULES for found in rule(tmp_path)] == []


class TestAddresses:
    @pytest.mark.parametrize("line", [
        "f'?q={name}'", "f'{base}?q=a&x={name}'", "f'?q={name.strip()}'", "f'?q={name!s}'", "f'?q={name:>4}'",
        "f'?q={name if is_x else ONE}'",
    ])
    def test_turn_red_on_a_value_as_it_came(self, line, tmp_path: Path):
        (tmp_path / "x.py").write_text(f"def f(base, name):\n    return {line}\n")
        assert list(addresses.values_in_addresses(tmp_path)) == ["x:2"]

    @pytest.mark.parametrize("line", [
        "f'?q={quote(name)}'", "f'?q={name:d}'", "f'?q={ONE}'", "f'?{urlencode(name)}'", "f'?q=1 {name}'",
    ])
    def test_pass_what_is_encoded_a_number_or_ours(self, line, tmp_path: Path):
        (tmp_path / "x.py").write_text(f"def f(base, name):\n    return {line}\n")
        assert list(addresses.values_in_addresses(tmp_path)) == []

    def test_turn_red_on_a_value_in_a_template_that_is_not_encoded(self, tmp_path: Path):
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates" / "a.html").write_text('<a href="?q={{ q|urlencode }}&amp;p={{ page }}">')
        assert list(addresses.values_in_addresses(tmp_path)) == ["templates/a.html:1"]


class TestScripts:
    @pytest.mark.parametrize("line", [
        "a[name] = 1;", "a.b[key] += 1;", "x.__proto__.y = 1;", "for (const k in told) { b = k; }",
        "Object.assign(settings, JSON.parse(text));", "Array.prototype.last = f;", "a[b][c] = d;",
    ])
    def test_turns_red_on_what_data_could_name(self, line, tmp_path: Path):
        (tmp_path / "web" / "static").mkdir(parents=True)
        (tmp_path / "web" / "static" / "a.js").write_text(line)
        assert list(scripts.polluting(tmp_path)) != []

    @pytest.mark.parametrize("line", [
        "if (a[name] === 1) b();", "seen.set(name, 1);", "const [a, b] = pair;", "rows[0] = first;",
        "const f = (a) => a[name] ?? '';",
    ])
    def test_passes_reading_maps_and_places(self, line, tmp_path: Path):
        (tmp_path / "web" / "static").mkdir(parents=True)
        (tmp_path / "web" / "static" / "a.js").write_text(line)
        assert list(scripts.polluting(tmp_path)) == []
