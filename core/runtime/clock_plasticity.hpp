#pragma once

/// Plastic projections in the clock runtime: settling what is pending, weights in and out,
/// checkpoints. Included where it is instantiated.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/runtime/clock_runtime.hpp"

namespace ranvier {
namespace clock_plasticity {

/// Settling costs a pass over all weights, waiting costs memory for spikes of the targets.
inline constexpr double settling_ms = 500.0;

inline std::string prefix_of(const Bundle& bundle) {
  return fmt::format("clock/projection{}/", bundle.projections.front());
}

/// A synapse where a thread stores it.
struct SynapsePlace {
  NeuronId target;
  std::uint16_t delay;
  std::uint64_t index;
};

/// The synapses of a row in order of (target, delay); equal ones as they were drawn.
inline void collect_row(const PackedRows& rows, NeuronId source, NeuronId first_target,
                        std::vector<SynapsePlace>& row) {
  row.clear();
  rows.for_segments(source, [&](std::size_t delay, std::uint64_t begin, std::uint64_t count) {
    rows.with_cells(begin, [&](const auto* cells) {
      for (std::uint64_t k = 0; k < count; ++k) {
        row.push_back({static_cast<NeuronId>(first_target + cells[k]),
                       static_cast<std::uint16_t>(delay), begin + k});
      }
    });
  });
  std::ranges::stable_sort(row, {}, &SynapsePlace::target);
}

/// Calls `visit(worker, source, place)` for every synapse of a plastic bundle, in the order of a
/// SynapseTable.
template <class Workers, class Visit>
void for_synapses(Workers& workers, std::size_t bundle, std::size_t target_population,
                  Visit&& visit) {
  std::vector<SynapsePlace> row;
  const auto sources = workers.front().rows[bundle].sources();
  for (NeuronId source = 0; source < sources; ++source) {
    for (auto& worker : workers) {
      collect_row(worker.rows[bundle], source, worker.layout.range(target_population).begin, row);
      for (const auto& place : row) visit(worker, source, place);
    }
  }
}

}  // namespace clock_plasticity

using namespace clock_plasticity;

template <class Real>
void ClockRuntime<Real>::find_settling_interval() {
  const bool plastic = std::ranges::any_of(
      bundles_, [](const Bundle& bundle) { return bundle.storage == WeightStorage::plastic; });
  // Below what 32 bits can count, for resolutions that nobody uses.
  constexpr Step most = Step{1} << 28;
  if (plastic) settling_ = std::clamp(grid_.nearest(settling_ms), Step{1}, most);
}

template <class Real>
std::size_t ClockRuntime<Real>::target_of(std::size_t bundle) const {
  const auto& spec = network_.projections()[bundles_[bundle].projections.front()];
  return network_.population_index(spec.target);
}

/// Settles all weights of a thread, so that older spikes can be forgotten. The steps at which this
/// happens are multiples of an interval that follows from the resolution.
template <class Real>
void ClockRuntime<Real>::settle(Step step, ClockWorker<Real>& worker) const {
  for (std::size_t b = 0; b < bundles_.size(); ++b) {
    if (!worker.plastic[b]) continue;
    settle(b, step, worker, worker.rows[b].template plastic_weights<Real>().data());
    worker.plastic[b]->set_settled(step, populations_[bundles_[b].source].reach);
  }
}

/// `weights`: of all synapses of the bundle and thread.
template <class Real>
void ClockRuntime<Real>::settle(std::size_t bundle, Step step, const ClockWorker<Real>& worker,
                                Real* weights) const {
  const auto& rows = worker.rows[bundle];
  const auto& plastic = *worker.plastic[bundle];
  const auto coming = not_yet_arrived(bundle, step, worker);
  auto next = coming.begin();
  for (NeuronId source = 0; source < rows.sources(); ++source) {
    const auto latest = plastic.latest(source);
    rows.for_segments(source, [&](std::size_t delay, std::uint64_t begin, std::uint64_t count) {
      const bool waits = next != coming.end() && next->first == begin;
      plastic.settle(rows, {.begin = begin, .count = count, .delay = delay},
                     waits ? next->second : latest, step, weights + begin);
      if (waits) ++next;
    });
  }
}

/// For every piece that a spike is on its way to, where it begins and the first of these spikes, in
/// order of the pieces.
template <class Real>
std::vector<std::pair<std::uint64_t, PreSpike>> ClockRuntime<Real>::not_yet_arrived(
    std::size_t bundle, Step step, const ClockWorker<Real>& worker) const {
  std::vector<std::pair<std::uint64_t, PreSpike>> coming;
  const auto reach = static_cast<Step>(populations_[bundles_[bundle].source].reach);
  for (Step arrival = step + 1; arrival <= step + reach; ++arrival) {
    const auto& day = worker.calendar.at(arrival);
    std::size_t k = 0;
    for (const auto& due : day.due) {
      if (!worker.plastic[due.bundle]) continue;
      if (due.bundle == bundle) coming.emplace_back(due.begin, day.spikes[k]);
      ++k;
    }
  }
  std::stable_sort(coming.begin(), coming.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  coming.erase(std::unique(coming.begin(), coming.end(),
                           [](const auto& a, const auto& b) { return a.first == b.first; }),
               coming.end());
  return coming;
}

template <class Real>
std::size_t ClockRuntime<Real>::plastic_bundle(std::size_t projection) const {
  const auto found = std::ranges::find_if(bundles_, [&](const Bundle& bundle) {
    return bundle.projections.front() == projection && bundle.storage == WeightStorage::plastic;
  });
  return static_cast<std::size_t>(found - bundles_.begin());
}

template <class Real>
std::size_t ClockRuntime<Real>::size_of(std::size_t bundle) const {
  std::size_t size = 0;
  for (const auto& worker : workers_) size += worker.rows[bundle].size();
  return size;
}

template <class Real>
SynapseTable ClockRuntime<Real>::plastic_weights(std::size_t projection) const {
  const auto b = plastic_bundle(projection);
  std::vector<LargeArray<Real>> settled;
  for (const auto& worker : workers_) {
    settled.push_back(worker.rows[b].template plastic_weights<Real>());
    settle(b, now_, worker, settled.back().data());
  }
  // A bound rounded to a float may lie beyond the bound.
  const auto bounds = network_.projections()[projection].plasticity->weight_bounds();
  SynapseTable table;
  for_synapses(workers_, b, target_of(b),
               [&](const ClockWorker<Real>& worker, NeuronId source, const SynapsePlace& place) {
                 table.sources.push_back(source);
                 table.targets.push_back(place.target);
                 const auto thread = static_cast<std::size_t>(&worker - workers_.data());
                 const auto weight = static_cast<double>(settled[thread][place.index]);
                 table.weights.push_back(std::clamp(weight, bounds.lower, bounds.upper));
                 table.delays.push_back(grid_.ms(place.delay));
               });
  return table;
}

template <class Real>
void ClockRuntime<Real>::set_plastic_weights(std::size_t projection,
                                             std::span<const double> values) {
  const auto b = plastic_bundle(projection);
  if (values.size() != size_of(b)) {
    throw InvalidValue(fmt::format("{} weights for projection '{}'; expected {}", values.size(),
                                   network_.projections()[projection].name, size_of(b)));
  }
  auto value = values.begin();
  for_synapses(workers_, b, target_of(b),
               [&](ClockWorker<Real>& worker, NeuronId, const SynapsePlace& place) {
                 worker.rows[b].template plastic_weights<Real>()[place.index] =
                     static_cast<Real>(*value++);
               });
  weights_moved_ = true;
  // What is pending belonged to the weights before.
  for (auto& worker : workers_) {
    worker.plastic[b]->set_settled(now_, populations_[bundles_[b].source].reach);
  }
}

template <class Real>
void ClockRuntime<Real>::save_plastic(Archive& archive) const {
  for (std::size_t b = 0; b < bundles_.size(); ++b) {
    if (bundles_[b].storage != WeightStorage::plastic) continue;
    const auto prefix = prefix_of(bundles_[b]);
    std::vector<Real> weights;
    for_synapses(workers_, b, target_of(b),
                 [&](const ClockWorker<Real>& worker, NeuronId, const SynapsePlace& place) {
                   weights.push_back(worker.rows[b].template plastic_weights<Real>()[place.index]);
                 });
    archive.put(prefix + "weights", std::move(weights));
    archive.put(prefix + "settled",
                std::vector<std::int64_t>{workers_.front().plastic[b]->settled()});
    save_sources(b, prefix, archive);
    save_histories(b, prefix, archive);
  }
}

/// Every thread has the traces of all sources, and the same ones.
template <class Real>
void ClockRuntime<Real>::save_sources(std::size_t bundle, const std::string& prefix,
                                      Archive& archive) const {
  const auto& worker = workers_.front();
  std::vector<std::int64_t> last;
  std::vector<double> before;
  for (NeuronId source = 0; source < worker.rows[bundle].sources(); ++source) {
    const auto latest = worker.plastic[bundle]->latest(source);
    last.push_back(latest.previous);
    before.push_back(latest.before);
  }
  archive.put(prefix + "source_spike", std::move(last));
  archive.put(prefix + "source_trace", std::move(before));

  std::vector<std::uint32_t> sources;
  std::vector<std::int64_t> previous;
  std::vector<double> traces;
  const auto reach = static_cast<Step>(populations_[bundles_[bundle].source].reach);
  for (const auto& [source, spike] : worker.plastic_under_way[bundle]) {
    if (spike.emitted + reach <= now_) continue;
    sources.push_back(source);
    previous.push_back(spike.previous);
    traces.push_back(spike.before);
  }
  archive.put(prefix + "under_way_sources", std::move(sources));
  archive.put(prefix + "under_way_previous", std::move(previous));
  archive.put(prefix + "under_way_traces", std::move(traces));
}

template <class Real>
void ClockRuntime<Real>::save_histories(std::size_t bundle, const std::string& prefix,
                                        Archive& archive) const {
  std::vector<std::uint32_t> counts;
  std::vector<std::int64_t> steps;
  std::vector<double> traces;
  for (const auto& worker : workers_) {
    for (NeuronId j = 0; j < worker.layout.range(target_of(bundle)).size(); ++j) {
      const auto spikes = worker.plastic[bundle]->history(j);
      counts.push_back(static_cast<std::uint32_t>(spikes.size()));
      for (const auto& spike : spikes) {
        steps.push_back(spike.step);
        traces.push_back(spike.trace);
      }
    }
  }
  archive.put(prefix + "history_counts", std::move(counts));
  archive.put(prefix + "history_steps", std::move(steps));
  archive.put(prefix + "history_traces", std::move(traces));
}

/// To be followed by `enter_emitted`, which lets the sources emit what is under way once more.
template <class Real>
void ClockRuntime<Real>::load_plastic(const Archive& archive) {
  weights_moved_ = settling_ > 0;
  for (std::size_t b = 0; b < bundles_.size(); ++b) {
    if (bundles_[b].storage != WeightStorage::plastic) continue;
    const auto prefix = prefix_of(bundles_[b]);
    auto weight = archive.get<Real>(prefix + "weights", size_of(b)).begin();
    for_synapses(workers_, b, target_of(b),
                 [&](ClockWorker<Real>& worker, NeuronId, const SynapsePlace& place) {
                   worker.rows[b].template plastic_weights<Real>()[place.index] = *weight++;
                 });
    const Step settled = archive.get<std::int64_t>(prefix + "settled", 1)[0];
    if (settled > now_ || settled < 0) {
      throw CorruptFile(
          fmt::format("{}settled is step {}; expected one up to {}", prefix, settled, now_));
    }
    for (auto& worker : workers_) {
      worker.plastic[b]->set_settled(settled, populations_[bundles_[b].source].reach);
    }
    load_sources(archive, b, prefix);
    load_histories(archive, b, prefix);
  }
}

template <class Real>
void ClockRuntime<Real>::load_sources(const Archive& archive, std::size_t bundle,
                                      const std::string& prefix) {
  const auto size = populations_[bundles_[bundle].source].state.size;
  const auto& last = archive.get<std::int64_t>(prefix + "source_spike", size);
  const auto& before = archive.get<double>(prefix + "source_trace", size);
  const auto& sources = archive.get<std::vector<std::uint32_t>>(prefix + "under_way_sources");
  const auto& previous = archive.get<std::int64_t>(prefix + "under_way_previous", sources.size());
  const auto& traces = archive.get<double>(prefix + "under_way_traces", sources.size());
  const auto rewind = [&](NeuronId source, Step step, double trace) {
    if (source >= size || step > now_) {
      throw CorruptFile(
          fmt::format("{}source_spike has a spike of neuron {} in step {}; expected a "
                      "neuron below {} and a step up to {}",
                      prefix, source, step, size, now_));
    }
    for (auto& worker : workers_) {
      worker.plastic[bundle]->rewind(source,
                                     {.emitted = no_emission, .previous = step, .before = trace});
    }
  };
  for (NeuronId source = 0; source < size; ++source) rewind(source, last[source], before[source]);
  // Newest first: the oldest of a source stays.
  for (auto k = sources.size(); k-- > 0;) rewind(sources[k], previous[k], traces[k]);
}

template <class Real>
void ClockRuntime<Real>::load_histories(const Archive& archive, std::size_t bundle,
                                        const std::string& prefix) {
  const auto targets = populations_[target_of(bundle)].state.size;
  const auto& counts = archive.get<std::uint32_t>(prefix + "history_counts", targets);
  std::size_t total = 0;
  for (const auto count : counts) total += count;
  const auto& steps = archive.get<std::int64_t>(prefix + "history_steps", total);
  const auto& traces = archive.get<double>(prefix + "history_traces", total);
  std::size_t next = 0;
  std::vector<PostSpike> spikes;
  for (auto& worker : workers_) {
    const auto range = worker.layout.range(target_of(bundle));
    for (NeuronId j = range.begin; j < range.end; ++j) {
      spikes.clear();
      for (const auto end = next + counts[j]; next < end; ++next) {
        if (steps[next] > (spikes.empty() ? now_ : spikes.back().step - 1)) {
          throw CorruptFile(
              fmt::format("{}history_steps has a spike in step {}; expected descending "
                          "steps up to {}",
                          prefix, steps[next], now_));
        }
        spikes.push_back({steps[next], traces[next]});
      }
      worker.plastic[bundle]->set_history(j - range.begin, spikes);
    }
  }
}

}  // namespace ranvier
