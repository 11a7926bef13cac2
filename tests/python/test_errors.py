"""What is raised can be caught as Ranvier's own or as Python's."""

import pytest

import ranvier


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("InvalidValue", ValueError),
        ("InvalidConfig", ValueError),
        ("UnknownName", ValueError),
        ("UnknownName", LookupError),
        ("Unsupported", NotImplementedError),
        ("FileNotFound", FileNotFoundError),
        ("CorruptFile", OSError),
        ("OutputError", OSError),
        ("Interrupted", KeyboardInterrupt),
    ],
)
def test_every_error_refines_a_builtin(name, builtin):
    kind = getattr(ranvier, name)
    assert issubclass(kind, builtin)
    assert issubclass(kind, ranvier.Error) == (name != "Interrupted")
    assert str(kind("a sentence")) == "a sentence"


def test_an_interruption_passes_handlers_of_ordinary_errors():
    assert not issubclass(ranvier.Interrupted, Exception)


def test_a_plugin_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        ranvier.load_plugin(tmp_path / "libabsent.so")
    (tmp_path / "libnoise.so").write_bytes(b"noise")
    with pytest.raises(ranvier.CorruptFile, match="libnoise"):
        ranvier.load_plugin(tmp_path / "libnoise.so")
