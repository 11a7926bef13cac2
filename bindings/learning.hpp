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

/// From what ranvier.training.training_description makes.
TrainingDescription to_training(const pybind11::dict& description);

/// (epoch, learning rate, loss, penalty, accuracy, validation loss, validation accuracy, seconds);
/// the validation is NaN where there was none.
pybind11::tuple to_tuple(const EpochRecord& record);

/// Inputs [N][D] and labels [N] as the caller's arrays hold them. Throws InvalidValue where their
/// numbers of samples or the number of features do not fit.
ArrayExamples to_examples(const ArrayIn<float>& inputs, const ArrayIn<std::uint8_t>& labels,
                          std::size_t features, std::string_view what);

/// Labelled samples as Python hands them over: inputs [N][D] and labels [N], or a set of events,
/// which knows its own labels. Lives as long as the call.
class GivenExamples {
 public:
  /// Throws as to_examples does.
  GivenExamples(const pybind11::object& inputs, const ArrayIn<std::uint8_t>& labels,
                std::size_t features, std::string_view what);

  const Examples& get() const noexcept { return events_ != nullptr ? *events_ : arrays_; }

 private:
  const Examples* events_ = nullptr;
  ArrayIn<float> inputs_;
  ArrayIn<std::uint8_t> labels_;
  ArrayExamples arrays_;
};

}  // namespace ranvier::bindings
