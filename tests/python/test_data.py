"""Data sets from Python."""

import numpy as np
import pytest

import ranvier


def test_the_built_in_digits_are_arrays_in_the_unit_interval():
    data = ranvier.load_data("digits8x8")
    x, y, shape, classes = data.train
    assert x.dtype == np.float32 and x.shape == (len(y), 64)
    assert (shape, classes) == ((8, 8), 10)
    assert x.min() >= 0.0 and x.max() == 1.0
    assert set(np.unique(y)) == set(range(10))
    assert data.train.images.shape == (len(y), 8, 8)
    assert np.shares_memory(data.train.images, x)


def test_fewer_samples_are_chosen_by_the_seed():
    first, again, other = (
        ranvier.load_data("digits8x8", train_samples=100, seed=seed).train for seed in (1, 1, 2)
    )
    assert first.inputs.shape == (100, 64)
    np.testing.assert_array_equal(first.inputs, again.inputs)
    assert (first.inputs != other.inputs).any()


def test_a_data_set_that_is_not_known_or_not_there_is_told(tmp_path):
    with pytest.raises(LookupError, match="did you mean 'digits8x8'"):
        ranvier.load_data("digits8x9")
    with pytest.raises(FileNotFoundError):
        ranvier.load_data("mnist", folder=tmp_path)
    with pytest.raises(ValueError, match="more|only|samples"):
        ranvier.load_data("digits8x8", train_samples=10**6)


def test_data_sets_are_described():
    assert "digits8x8" in ranvier.list("data")
    assert ranvier.describe("digits8x8").entry["classes"] == 10
