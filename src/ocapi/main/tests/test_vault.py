"""Secrets from files, and what is refused. Not covered: the vault itself, which is the operator's."""

from pathlib import Path

import pytest

from ocapi.main import environment, vault

SECRET = "s" * 48


def a_file(tmp_path: Path, text: str = SECRET + "\n", *, mode: int = 0o600) -> Path:
    path = tmp_path / "kept"
    path.write_text(text)
    path.chmod(mode)
    return path


class TestFiles:
    def test_of_an_agent_give_the_secret(self, tmp_path: Path) -> None:
        env = {"OCAPI_SECRET_FILE": str(a_file(tmp_path)), "OCAPI_DATA": str(tmp_path)}
        assert environment.read(env).secret == SECRET

    @pytest.mark.parametrize("name", vault.SECRETS)
    def test_serve_each_setting_that_holds_a_secret(self, tmp_path: Path, name: str) -> None:
        assert vault.filled_in({f"{name}_FILE": str(a_file(tmp_path))})[name] == SECRET

    def test_of_systemd_are_found_by_name(self, tmp_path: Path) -> None:
        (tmp_path / "OCAPI_SECRET").write_text(SECRET)
        env = {"CREDENTIALS_DIRECTORY": str(tmp_path), "OCAPI_DATA": str(tmp_path)}
        assert environment.read(env).secret == SECRET

    def test_leave_what_is_in_the_environment_alone_when_there_are_none(self, tmp_path: Path) -> None:
        env = {"OCAPI_SECRET": SECRET, "CREDENTIALS_DIRECTORY": str(tmp_path)}
        assert vault.filled_in(env) == env


class TestRefusals:
    def refusal(self, env: dict[str, str], tmp_path: Path) -> str:
        with pytest.raises(environment.SettingRefused) as refused:
            environment.read({"OCAPI_DATA": str(tmp_path), **env})
        assert SECRET not in str(refused.value)
        return str(refused.value)

    def test_name_both_sources_of_one_secret(self, tmp_path: Path) -> None:
        path = a_file(tmp_path)
        told = self.refusal({"OCAPI_SECRET": SECRET, "OCAPI_SECRET_FILE": str(path)}, tmp_path)
        assert "keep one of both" in told

    def test_say_how_to_close_a_file_that_everybody_may_read(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, mode=0o644)
        assert "chmod o=" in self.refusal({"OCAPI_SECRET_FILE": str(path)}, tmp_path)

    def test_do_not_start_without_a_file_that_was_named(self, tmp_path: Path) -> None:
        missing = str(tmp_path / "missing")
        assert "cannot be read" in self.refusal({"OCAPI_SECRET_FILE": missing, "OCAPI_DEMO": "1"}, tmp_path)

    @pytest.mark.parametrize("text", ["", "\n", f"{SECRET}\n{SECRET}", "x" * 5000])
    def test_take_one_line_and_nothing_else(self, tmp_path: Path, text: str) -> None:
        assert "one line" in self.refusal({"OCAPI_SECRET_FILE": str(a_file(tmp_path, text))}, tmp_path)

    def test_ask_as_much_of_a_secret_in_a_file(self, tmp_path: Path) -> None:
        short = str(a_file(tmp_path, "short"))
        assert "32 characters" in self.refusal({"OCAPI_SECRET_FILE": short}, tmp_path)
