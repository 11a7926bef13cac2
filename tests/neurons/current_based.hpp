#pragma once

/// The three current-based models side by side with their references.

#include <random>
#include <string>
#include <vector>

#include "tests/neurons/circuit.hpp"
#include "tests/neurons/reference_membrane.hpp"

namespace ranvier::testing {

struct CurrentBasedCase {
  std::string model;
  ReferenceParameters reference;
  double scale;  ///< of weights that move the membrane by some mV
};

inline CurrentBasedCase delta_case() {
  return {"iaf_psc_delta", {.synapses = Synapses::delta, .tau_m = 10.0L}, 3.0};
}
inline CurrentBasedCase exponential_case() {
  return {"iaf_psc_exp",
          {.synapses = Synapses::exponential, .tau_m = 10.0L, .tau_syn = {0.5L, 3.25L}},
          400.0};
}
inline CurrentBasedCase alpha_case() {
  return {"iaf_psc_alpha",
          {.synapses = Synapses::alpha, .tau_m = 8.0L, .tau_syn = {2.0L, 13.0L}},
          150.0};
}

inline ValueMap value_map(const CurrentBasedCase& c) {
  const auto& r = c.reference;
  const auto as_double = [](long double x) { return Value(static_cast<double>(x)); };
  ValueMap values{{"E_L", as_double(r.E_L)},         {"C_m", as_double(r.C_m)},
                  {"tau_m", as_double(r.tau_m)},     {"V_th", as_double(r.V_th)},
                  {"V_reset", as_double(r.V_reset)}, {"t_ref", as_double(r.t_ref)},
                  {"I_e", as_double(r.I_e)}};
  if (r.synapses != Synapses::delta) {
    values["tau_syn_ex"] = as_double(r.tau_syn[0]);
    values["tau_syn_in"] = as_double(r.tau_syn[1]);
  }
  return values;
}

/// Random spikes in order of time; on multiples of `grid` where it is not zero.
inline std::vector<ReferenceInput> random_inputs(const CurrentBasedCase& c, std::mt19937_64& random,
                                                 std::size_t n, double duration, double mean_weight,
                                                 double grid = 0.0) {
  std::uniform_real_distribution<double> time(0.0, duration);
  std::normal_distribution<double> weight(mean_weight * c.scale, c.scale);
  std::vector<ReferenceInput> inputs;
  for (std::size_t k = 0; k < n; ++k) {
    double when = time(random);
    if (grid > 0.0) when = std::max(1.0, std::round(when / grid)) * grid;
    const double w = weight(random);
    inputs.push_back({when, w, w < 0.0 ? std::size_t{1} : std::size_t{0}});
  }
  std::ranges::sort(inputs, {}, &ReferenceInput::time);
  return inputs;
}

inline std::vector<Input> as_inputs(const CurrentBasedCase& c,
                                    const std::vector<ReferenceInput>& inputs) {
  std::vector<Input> result;
  for (const auto& input : inputs) {
    const std::string port = c.reference.synapses == Synapses::delta ? "membrane"
                             : input.port == 0                       ? "excitatory"
                                                                     : "inhibitory";
    result.push_back({static_cast<double>(input.time), static_cast<double>(input.weight), port});
  }
  return result;
}

}  // namespace ranvier::testing
