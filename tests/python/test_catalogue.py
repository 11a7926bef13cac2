"""Factories made from the registries."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import ranvier

root = Path(__file__).parents[2]
kinds = list(ranvier._factories)


def everything():
    return [(kind, name) for kind in kinds for name in ranvier.list(kind)]


@pytest.mark.parametrize(("kind", "name"), everything())
def test_every_entry_has_a_signature_and_a_page(kind, name):
    factory = getattr(importlib.import_module(f"ranvier.{kind}"), name)
    description = ranvier.describe(name, kind)
    declared = {parameter["name"]: parameter for parameter in description.parameters}
    signature = inspect.signature(factory)
    assert list(signature.parameters) == list(declared)
    for parameter in signature.parameters.values():
        assert parameter.default == declared[parameter.name]["default"]
        assert parameter.annotation in ("float", "int", "bool", "str")
        assert declared[parameter.name]["doc"] in factory.__doc__
    assert description.summary[1:] in factory.__doc__
    assert factory().name == name


def test_a_model_tells_its_units_bounds_state_and_ports():
    page = str(ranvier.describe("iaf_psc_exp"))
    assert "tau_m : float, default 10.0 ms" in page
    assert "greater than 0 ms" in page
    assert "V_m (mV)" in page
    assert "Rotter & Diesmann 1999" in page
    assert "clock, event, gradient" in page


def test_values_may_be_given_by_place_or_by_name():
    by_name = ranvier.normal(mean=20.0, std=2.0)
    assert ranvier.distributions.normal(20.0, 2.0) == by_name
    assert repr(by_name) == "ranvier.distributions.normal(mean=20.0, std=2.0)"
    with pytest.raises(TypeError, match="twice"):
        ranvier.normal(20.0, mean=1.0)
    with pytest.raises(TypeError, match="takes 2 values"):
        ranvier.normal(1.0, 2.0, 3.0)


def test_a_keyword_that_is_not_there_gets_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'tau_m'"):
        ranvier.models.iaf_psc_exp(tau_n=1.0)
    with pytest.raises(ValueError, match="greater than 0"):
        ranvier.models.iaf_psc_exp(tau_m=-1.0)
    with pytest.raises(AttributeError, match="did you mean 'iaf_psc_exp'"):
        ranvier.models.iaf_psc_exq  # noqa: B018
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        ranvier.nothing_of_the_kind  # noqa: B018
    with pytest.raises(LookupError, match="did you mean 'models'"):
        ranvier.list("model")
    with pytest.raises(LookupError, match="iaf_psc_exp"):
        ranvier.describe("iaf_psc_exq")


def test_a_name_of_several_kinds_asks_which():
    kinds_of = {}
    for kind, name in everything():
        kinds_of.setdefault(name, []).append(kind)
    for name, owners in kinds_of.items():
        if len(owners) == 1 and name not in ranvier.list("data"):
            assert ranvier.describe(name).kind == owners[0]
        elif len(owners) > 1:
            with pytest.raises(LookupError, match="kind="):
                ranvier.describe(name)


def test_star_imports_bring_the_factories():
    space = {}
    exec("from ranvier.models import *", space)
    assert space["lif"](tau_m=3.0).parameters == {"tau_m": 3.0}


def test_every_public_name_is_there_and_documented():
    for name in ranvier.__all__:
        assert inspect.getdoc(getattr(ranvier, name)), name
    assert set(ranvier.__all__) <= set(dir(ranvier))


def stub_script(*arguments):
    command = [sys.executable, root / "scripts" / "python_stubs", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_stub_of_the_package_is_up_to_date():
    assert stub_script("init") == (Path(ranvier.__file__).parent / "__init__.pyi").read_text()


def test_every_factory_has_a_stub(tmp_path):
    stub_script("factories", tmp_path)
    for kind in kinds:
        functions = ast.parse((tmp_path / f"{kind}.pyi").read_text()).body
        stubs = {f.name: [a.arg for a in f.args.args] for f in functions if hasattr(f, "args")}
        assert stubs == {
            name: [parameter["name"] for parameter in ranvier.describe(name, kind).parameters]
            for name in ranvier.list(kind)
        }
