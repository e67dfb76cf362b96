from pathlib import Path

import pytest

from paranad.cli.session import find_socket
from paranad.errors import DaemonUnreachable
from paranad.places import DEFAULT_SOCKET


def configured(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "paranad.toml"
    file.write_text(text, encoding="utf-8")
    return {"PARANAD_CONFIG": str(file)}


def test_asked_socket_comes_before_the_environment(tmp_path: Path) -> None:
    assert Path("/a") == find_socket("/a", {"PARANAD_DAEMON__SOCKET": "/b"})


def test_environment_comes_before_the_configuration_file(tmp_path: Path) -> None:
    environ = configured(tmp_path, '[daemon]\nsocket = "/c"\n') | {"PARANAD_DAEMON__SOCKET": "/b"}
    assert Path("/b") == find_socket(None, environ)


def test_configuration_file_names_the_socket(tmp_path: Path) -> None:
    assert Path("/c") == find_socket(None, configured(tmp_path, '[daemon]\nsocket = "/c"\n'))


def test_file_that_does_not_say_it_means_the_default(tmp_path: Path) -> None:
    for text in ("", "[daemon]\n", "daemon = 3\n", "[daemon]\nsocket = 3\n", "not toml"):
        assert find_socket(None, configured(tmp_path, text)) == DEFAULT_SOCKET


def test_unreadable_file_means_the_default(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    for file in (tmp_path, tmp_path / "latin"):
        assert find_socket(None, {"PARANAD_CONFIG": str(file)}) == DEFAULT_SOCKET


def test_default_file_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paranad.places.DEFAULT_CONFIG", tmp_path / "gone")
    assert find_socket(None, {}) == DEFAULT_SOCKET


@pytest.mark.parametrize("place", ["gone.toml", "paranad.toml/below"])
def test_file_that_the_environment_names_must_be_there(tmp_path: Path, place: str) -> None:
    environ = {**configured(tmp_path, ""), "PARANAD_CONFIG": str(tmp_path / place)}
    with pytest.raises(DaemonUnreachable) as missing:
        find_socket(None, environ)
    assert str(missing.value).startswith(f"PARANAD_CONFIG names {tmp_path / place}, and there is no such file; correct")
    assert Path("/b") == find_socket(None, environ | {"PARANAD_DAEMON__SOCKET": "/b"})
