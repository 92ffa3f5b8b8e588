import pytest

from ocapi.kernel.registry import api as registry
from ocapi.main import commands


def test_help_names_each_module_that_brings_commands(capsys):
    with pytest.raises(SystemExit) as ended:
        commands.run(["--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    brings = [each.name for each in registry.list_manifests() if each.commands]
    assert brings == list(commands.modules_with_commands())
    assert f"commands of their own: {', '.join(brings)}." in said


@pytest.mark.parametrize("before", [[], ["--tenant", "aalter"], ["--tenant=aalter"]])
def test_a_module_tells_its_commands(capsys, before):
    with pytest.raises(SystemExit) as ended:
        commands.run([*before, "processes", "--help"])
    assert ended.value.code == 0
    assert "inspect" in capsys.readouterr().out


def test_a_command_tells_that_it_needs_an_organization(capsys):
    with pytest.raises(SystemExit):
        commands.run(["linkeddata", "create", "--help"])
    assert "ocapi --tenant KEY linkeddata create" in " ".join(capsys.readouterr().out.split())


def test_a_file_may_be_called_as_a_command_is(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").write_text("no drawing")
    assert commands.run(["processes", "inspect", "demo"]) == 1
    assert "demo: can't be read" in capsys.readouterr().err


def test_a_word_that_is_no_command_is_answered_with_all_that_are(capsys):
    with pytest.raises(SystemExit) as ended:
        commands.run(["proceses"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "proceses" in said and "processes" in said and "tenant" in said
