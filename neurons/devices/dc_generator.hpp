#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/stimulus.hpp"
#include "neurons/devices/active_interval.hpp"

namespace ranvier {

/// A constant current into every target from `start` to `stop`: a jump by the amplitude at `start`,
/// and back at `stop`. On the grid what is on at time zero comes on with the end of the first step.
class DcGenerator final : public BlockStimulus<DcGenerator> {
 public:
  static constexpr ModelInfo info{"dc_generator", "constant current from start to stop", "",
                                  "NEST's dc_generator"};
  static constexpr std::string_view default_port = "current";

  struct Parameters : ActiveInterval {
    double amplitude = 0.0;

    static std::vector<Field<Parameters>> fields() {
      auto fields = active_interval_fields<Parameters>();
      fields.push_back(real("amplitude", &Parameters::amplitude, "", any_real,
                            "current, in the unit of the port (pA, or drive per step)"));
      return fields;
    }
  };

  /// Throws InvalidValue where `stop` comes before `start`.
  DcGenerator(const Parameters& p, const StimulusSetup& setup)
      : p_(p),
        on_(std::max<Step>(1, reachable_step(setup.grid, p.start))),
        off_(std::max<Step>(1, reachable_step(setup.grid, p.stop))) {
    p.validate(setup.where);
  }

  double amount(NeuronId /*target*/, Step step) const override {
    if (on_ == off_) return 0.0;
    if (step == on_) return p_.amplitude;
    return step == off_ ? -p_.amplitude : 0.0;
  }

  Step next_step(NeuronId /*target*/, Step after, Step last) const override {
    if (after < on_ && on_ <= last) return on_;
    if (after < off_ && off_ <= last) return off_;
    return last + 1;
  }

  Arrival next(NeuronId /*target*/, const Arrival& previous) const override {
    if (p_.start == p_.stop) return {};
    if (previous.ordinal == 0) return {p_.start, p_.amplitude, 1};
    if (previous.ordinal == 1) return {p_.stop, -p_.amplitude, 2};
    return {};
  }

  template <class Real>
  void add(Step step, NeuronRange targets, Real* arrived) const {
    const auto jump = static_cast<Real>(amount(targets.begin, step));
    if (jump == Real(0)) return;
    for (std::size_t k = 0; k < targets.size(); ++k) arrived[k] += jump;
  }

 private:
  Parameters p_;
  Step on_, off_;
};

RANVIER_STIMULUS(DcGenerator)

}  // namespace ranvier
