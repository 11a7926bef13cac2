#pragma once

/// The divisor a_t of the accumulated scores z_t before the softmax: constant, growing with time, or
/// one per step. Since z_t grows about as t, the divisor that calibrates best grows as well; the
/// constant one of Dynamic Confidence turns the confidence into a test of accumulated evidence.

#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "networks/agent/calibration/temperature.hpp"
#include "networks/agent/record/trace.hpp"

namespace ranvier::agent {

/// Where the divisor comes from, in the order of the choices of `temperature_fit`.
enum class TemperatureFrom {
  fixed,
  fit_final,
  fit_all_steps,
  horizon,
  mean_logits,
  fit_each_step,
  fit_linear,
  grid
};

struct SmoothingParameters {
  double temperature = 1.0;
  int temperature_fit = static_cast<int>(TemperatureFrom::fit_all_steps);
};

/// Declarations for a `P` that inherits from SmoothingParameters; with or without the choice `grid`.
template <class P>
std::vector<Field<P>> smoothing_fields(bool with_grid = false) {
  std::vector<std::string> choices{"fixed",       "fit_final",     "fit_all_steps", "horizon",
                                   "mean_logits", "fit_each_step", "fit_linear"};
  std::string doc =
      "divisor of the scores: as given; of least negative log-likelihood on held-out data at the "
      "end, over all steps, at each step, or linear in the step; the number of steps of a run; the "
      "step itself (mean logits)";
  if (with_grid) {
    choices.emplace_back("grid");
    doc += "; or the quickest of a grid";
  }
  return {
      choice<P>("temperature_fit", &P::temperature_fit, choices, doc),
      real<P>("temperature", &P::temperature, "", positive,
              "divisor of the accumulated scores, used where temperature_fit is fixed"),
  };
}

class Smoothing {
 public:
  /// The same divisor throughout.
  explicit Smoothing(double temperature = 1.0) : offset_(temperature) {}
  /// offset + slope t; at time 0 that of the first moment after it.
  static Smoothing linear(double offset, double slope);
  /// One per decision; the last holds on.
  static Smoothing each(std::vector<double> temperatures);

  double at(std::size_t decision, double time) const;

  /// A constant as one value, a line as offset and slope, or all of the table.
  std::vector<double> values() const;

 private:
  double offset_ = 1.0, slope_ = 0.0;
  std::vector<double> table_;
};

/// a_t = a_0 + a_1 t of least negative log-likelihood summed over the decision points, by a pattern
/// search from the line through the ends of the fits per step: the loss is not convex in the two.
/// Throws Unsupported for an event trace.
Smoothing fit_linear_smoothing(const TraceView& trace);

/// As `temperature_fit` says; `grid` is for scores with variants and throws InvalidValue here.
/// Throws Unsupported for a fit per step of an event trace.
Smoothing fit_smoothing(const TraceView& held_out, const SmoothingParameters& parameters);

/// The source needs no data.
bool known_without_data(const SmoothingParameters& parameters);

}  // namespace ranvier::agent
