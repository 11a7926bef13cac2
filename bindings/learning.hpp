#pragma once

/// Trainable networks and labelled samples across the border.

#include <cstdint>
#include <string_view>

#include <pybind11/pybind11.h>

#include "bindings/arrays.hpp"
#include "networks/sequential.hpp"
#include "networks/trainer.hpp"

namespace ranvier::bindings {

/// From a pair (name, parameters).
Choice to_choice(const pybind11::tuple& choice);

/// Inputs [N][D] and labels [N] as the caller's arrays hold them. Throws InvalidValue where their
/// numbers of samples or the number of features do not fit.
Examples to_examples(const ArrayIn<float>& inputs, const ArrayIn<std::uint8_t>& labels,
                     std::size_t features, std::string_view what);

}  // namespace ranvier::bindings
