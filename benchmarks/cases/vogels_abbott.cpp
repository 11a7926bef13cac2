/// CUBA and COBA of Brette et al. 2007, J. Comput. Neurosci. 23:349-398, in both runtimes: 4,000
/// neurons after Vogels & Abbott 2005. The scale counts for the neurons; the probability of a
/// connection stays.

#include <fmt/format.h>

#include "benchmarks/configured_case.hpp"

namespace ranvier {
namespace {

constexpr double excitatory = 3200.0, inhibitory = 800.0;

struct Variant {
  const char* network;
  const char* summary;
  const char* runtime;
  double duration;  ///< ms
};

Case case_of(const Variant& variant) {
  return configured_case({.name = fmt::format("{}/{}", variant.network, variant.runtime),
                          .summary = fmt::format("Brette et al. 2007, {}, runtime {}",
                                                 variant.summary, variant.runtime),
                          .configuration = variant.network,
                          .duration = variant.duration,
                          .overrides = [runtime = std::string(variant.runtime)](
                                           double scale) -> std::vector<std::string> {
                            return {scaled("populations.excitatory.size", excitatory, scale),
                                    scaled("populations.inhibitory.size", inhibitory, scale),
                                    "simulation.runtime=" + runtime};
                          }});
}

}  // namespace

std::vector<Case> vogels_abbott_cases() {
  const char* const current = "4,000 neurons with current synapses";
  const char* const conductance = "4,000 neurons with conductance synapses";
  // The event runtime brackets every crossing of a conductance neuron numerically: a tenth of the
  // time is enough of it.
  return {case_of({"cuba", current, "clock", 1000.0}), case_of({"cuba", current, "event", 1000.0}),
          case_of({"coba", conductance, "clock", 1000.0}),
          case_of({"coba", conductance, "event", 100.0})};
}

}  // namespace ranvier
