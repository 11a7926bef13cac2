#include "plasticity/schedule.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace ranvier {
namespace {

struct ConstantParameters {
  double warm_up = 0.0;

  static std::vector<Field<ConstantParameters>> fields() { return fields_of<>(); }

  template <class P = ConstantParameters>
  static std::vector<Field<P>> fields_of() {
    return {real<P>("warm_up", &P::warm_up, "", unit_interval,
                    "share of the updates over which the factor rises linearly to one")};
  }
};

struct CosineParameters : ConstantParameters {
  double final_factor = 0.0;

  static std::vector<Field<CosineParameters>> fields() {
    auto fields = fields_of<CosineParameters>();
    fields.push_back(real("final_factor", &CosineParameters::final_factor, "", unit_interval,
                          "factor at the end of the run"));
    return fields;
  }
};

/// A rise that reaches one with its last update, then `shape(p)` with p from 0 towards 1.
template <class Shape>
Schedule after_warm_up(double share, Shape shape) {
  return [share, shape](std::int64_t update, std::int64_t updates) {
    const auto rise = std::llround(share * static_cast<double>(updates));
    if (update < rise) return static_cast<double>(update + 1) / static_cast<double>(rise);
    return shape(static_cast<double>(update - rise) / static_cast<double>(updates - rise));
  };
}

Schedule constant(const ConstantParameters& p) {
  return after_warm_up(p.warm_up, [](double) { return 1.0; });
}

Schedule cosine(const CosineParameters& p) {
  return after_warm_up(p.warm_up, [end = p.final_factor](double progress) {
    return end + (1.0 - end) * 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
  });
}

template <class P>
void add(Registry<ScheduleKind>& registry, const std::string& name, std::string summary,
         std::string source, Schedule (*schedule)(const P&)) {
  registry.add(name, {name, std::move(summary), std::move(source), parameters_of<P>(),
                      [where = name + " schedule", schedule](const ValueMap& values) {
                        return schedule(configured<P>(values, where));
                      }});
}

Registry<ScheduleKind> built_in() {
  Registry<ScheduleKind> registry("schedule");
  add(registry, "constant", "the same learning rate throughout", "", constant);
  add(registry, "cosine", "half a cosine from the full learning rate to its end",
      "Loshchilov & Hutter 2017, ICLR, arXiv:1608.03983", cosine);
  return registry;
}

}  // namespace

Registry<ScheduleKind>& schedules() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
