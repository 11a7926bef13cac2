#pragma once

/// The clock runtime in a checkpoint, included where it is instantiated. Spikes still under way are saved; calendars are filled from
/// them again.

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/runtime/clock_runtime.hpp"

namespace ranvier {

template <class Real>
void ClockRuntime<Real>::save(Archive& archive) const {
  archive.put("clock/now", std::vector<std::int64_t>{now_});
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    const auto& data = populations_[p];
    const auto prefix = fmt::format("clock/population{}/", p);
    for (std::size_t v = 0; v < data.state.columns.size(); ++v) {
      archive.put(prefix + data.model->state[v].name, data.state.columns[v]);
    }
    archive.put(prefix + "refractory",
                std::vector<std::int64_t>(data.refractory.begin(), data.refractory.end()));
    save_emitted(p, prefix, archive);
    std::vector<std::int64_t> steps;
    std::vector<std::uint32_t> neurons;
    for (const auto& worker : workers_) {
      for (const auto& spike : worker.record[p]) {
        steps.push_back(spike.step);
        neurons.push_back(spike.neuron);
      }
    }
    archive.put(prefix + "spike_steps", steps);
    archive.put(prefix + "spike_neurons", neurons);
    archive.put(prefix + "spike_count", std::vector<std::uint64_t>{spike_count(p)});
  }
  save_plastic(archive);
  save_recordings(recorders_, "clock", archive);
  save_totals(counters(), digest(), "clock", archive);
}

template <class Real>
void ClockRuntime<Real>::load(const Archive& archive) {
  reset();
  now_ = archive.get<std::int64_t>("clock/now", 1)[0];
  for (std::size_t p = 0; p < populations_.size(); ++p) load_population(archive, p);
  load_plastic(archive);
  enter_emitted();
  load_recordings(archive, "clock", recorders_);
  workers_[0].counters = load_totals(archive, "clock", workers_[0].digest);
}

/// Spikes of a population that are still under way, in order of (step, neuron).
template <class Real>
std::vector<RecordedSpike> ClockRuntime<Real>::under_way(std::size_t p) const {
  std::vector<RecordedSpike> all;
  for (const auto& worker : workers_) {
    all.insert(all.end(), worker.emitted[p].begin(), worker.emitted[p].end());
  }
  std::ranges::sort(all, std::less<>{});
  return all;
}

template <class Real>
void ClockRuntime<Real>::save_emitted(std::size_t p, const std::string& prefix,
                                      Archive& archive) const {
  std::vector<std::int64_t> steps;
  std::vector<std::uint32_t> neurons;
  for (const auto& spike : under_way(p)) {
    steps.push_back(spike.step);
    neurons.push_back(spike.neuron);
  }
  archive.put(prefix + "under_way_steps", steps);
  archive.put(prefix + "under_way_neurons", neurons);
}

/// Fills the calendars from the spikes under way, in the order in which a run would have.
template <class Real>
void ClockRuntime<Real>::enter_emitted() {
  std::vector<std::vector<RecordedSpike>> spikes;
  for (std::size_t p = 0; p < populations_.size(); ++p) spikes.push_back(under_way(p));
  Step earliest = now_ + 1;
  for (const auto& list : spikes) {
    if (!list.empty()) earliest = std::min(earliest, list.front().step);
  }
  std::vector<std::size_t> next(bundles_.size(), 0);
  for (Step step = earliest; step <= now_; ++step) {
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      if (bundles_[b].instantaneous) continue;
      const auto& list = spikes[bundles_[b].source];
      for (auto& k = next[b]; k < list.size() && list[k].step == step; ++k) {
        for (auto& worker : workers_) enter(b, list[k].neuron, step, now_, worker);
      }
    }
  }
}

template <class Real>
void ClockRuntime<Real>::load_population(const Archive& archive, std::size_t p) {
  auto& data = populations_[p];
  const auto n = data.state.size;
  const auto prefix = fmt::format("clock/population{}/", p);
  for (std::size_t v = 0; v < data.state.columns.size(); ++v) {
    data.state.columns[v] = archive.get<Real>(prefix + data.model->state[v].name, n);
  }
  const auto& refractory = archive.get<std::int64_t>(prefix + "refractory", n);
  std::ranges::transform(refractory, data.refractory.begin(),
                         [](auto steps) { return static_cast<std::int32_t>(steps); });
  load_emitted(archive, p, prefix);
  const auto& steps = archive.get<std::vector<std::int64_t>>(prefix + "spike_steps");
  const auto& neurons = archive.get<std::uint32_t>(prefix + "spike_neurons", steps.size());
  auto& worker = workers_[0];
  for (std::size_t k = 0; k < steps.size(); ++k) worker.record[p].push_back({steps[k], neurons[k]});
  worker.spike_count[p] = archive.get<std::uint64_t>(prefix + "spike_count", 1)[0];
}

/// Throws CorruptFile for a spike that cannot be under way.
template <class Real>
void ClockRuntime<Real>::load_emitted(const Archive& archive, std::size_t p,
                                      const std::string& prefix) {
  const auto& data = populations_[p];
  const auto& steps = archive.get<std::vector<std::int64_t>>(prefix + "under_way_steps");
  const auto& neurons = archive.get<std::uint32_t>(prefix + "under_way_neurons", steps.size());
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (steps[k] > now_ || steps[k] + static_cast<Step>(data.reach) < now_ ||
        neurons[k] >= data.state.size) {
      throw CorruptFile(fmt::format(
          "{}under_way has a spike of neuron {} in step {}; expected a neuron below {} and one "
          "of the {} steps up to {}",
          prefix, neurons[k], steps[k], data.state.size, data.reach, now_));
    }
    workers_[0].emitted[p].push_back({steps[k], neurons[k]});
  }
}

}  // namespace ranvier
