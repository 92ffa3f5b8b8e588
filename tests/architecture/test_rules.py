"""The house as it stands, and that each rule bites. Not covered here: import contracts (test_contracts)."""

from pathlib import Path

import pytest

from tests.architecture import rules

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
    "unsafe_markup": ("web/templates/web/a.html", "{{ name|safe }}"),
}


class TestRules:
    def test_hold_for_the_source_tree(self, monkeypatch):
        trees = list(rules.parsed(rules.SOURCE))  # to parse it takes longer than to look at it by every rule
        monkeypatch.setattr(rules, "parsed", lambda root: iter(trees))
        broken = {rule.__name__: list(rule(rules.SOURCE)) for rule in rules.RULES}
        assert {name: found for name, found in broken.items() if found} == {}

    @pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
    def test_turn_red_on_a_planted_fault(self, rule, tmp_path: Path):
        where, text = PLANTED[rule.__name__]
        (tmp_path / where).parent.mkdir(parents=True)
        (tmp_path / where).write_text(text)
        assert list(rule(tmp_path)) != []


class TestRuleList:
    def test_has_a_planted_fault_for_every_rule(self):
        assert {rule.__name__ for rule in rules.RULES} == set(PLANTED)
