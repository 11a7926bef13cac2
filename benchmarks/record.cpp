#include "benchmarks/record.hpp"

#include <algorithm>
#include <functional>

namespace ranvier {
namespace {

using nlohmann::ordered_json;

double median(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  const auto n = numbers.size();
  return n % 2 == 1 ? numbers[n / 2] : 0.5 * (numbers[n / 2 - 1] + numbers[n / 2]);
}

/// null where nothing was counted.
ordered_json ratio(double numerator, double denominator) {
  if (!(numerator > 0.0) || !(denominator > 0.0)) return nullptr;
  return numerator / denominator;
}

}  // namespace

ordered_json spread(std::vector<double> numbers) {
  return {{"median", median(numbers)},
          {"min", std::ranges::min(numbers)},
          {"max", std::ranges::max(numbers)}};
}

ordered_json record_of(const Case& benchmark, const CaseSettings& settings,
                       const std::vector<Measurement>& repetitions, const ordered_json& machine) {
  const auto each = [&](const std::function<double(const Measurement&)>& figure) {
    std::vector<double> numbers;
    for (const auto& repetition : repetitions) numbers.push_back(figure(repetition));
    return numbers;
  };
  const auto& first = repetitions.front();
  const auto synapses = static_cast<double>(first.synapses);
  const auto events = static_cast<double>(first.events);
  const auto build = each([](const auto& m) { return m.build.wall; });
  const auto run = each([](const auto& m) { return m.run.wall; });
  const auto build_processor = each([](const auto& m) { return m.build.processor; });
  const auto run_processor = each([](const auto& m) { return m.run.processor; });
  const double resident = std::ranges::max(each([](const auto& m) { return m.resident_bytes; }));
  return {{"case", benchmark.name},
          {"parameters", benchmark.parameters(settings)},
          {"scale", settings.scale},
          {"threads", first.threads},
          {"repetitions", repetitions.size()},
          {"build_seconds", spread(build)},
          {"run_seconds", spread(run)},
          {"build_processor_seconds", spread(build_processor)},
          {"run_processor_seconds", spread(run_processor)},
          {"biological_seconds", first.biological_seconds},
          {"real_time_factor", first.biological_seconds > 0.0
                                   ? ordered_json(median(run) / first.biological_seconds)
                                   : ordered_json(nullptr)},
          {"neurons", first.neurons},
          {"synapses", first.synapses},
          {"synapses_per_second_per_core", ratio(synapses, median(build_processor))},
          {"resident_bytes", resident},
          {"bytes_per_synapse", ratio(resident, synapses)},
          {"events", first.events},
          {"events_per_second", ratio(events, median(run))},
          {"events_per_second_per_core", ratio(events, median(run_processor))},
          {"digest", first.digest},
          {"machine", machine}};
}

}  // namespace ranvier
