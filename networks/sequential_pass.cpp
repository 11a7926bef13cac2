/// The way of a batch through a layered network.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/parallel.hpp"
#include "networks/activity_rows.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

template <class Real>
std::vector<typename Sequential<Real>::Steps> Sequential<Real>::windows() const {
  const std::size_t longest = description_.window == 0 ? description_.steps : description_.window;
  std::vector<Steps> windows;
  for (std::size_t first = 0; first < description_.steps; first += longest) {
    windows.push_back({first, std::min(longest, description_.steps - first)});
  }
  return windows;
}

template <class Real>
const SpikeFunction<Real>& Sequential<Real>::threshold() const noexcept {
  if (smoothed_) return *smooth_threshold_;
  return *surrogate_;
}

template <class Real>
Presentation Sequential<Real>::presentation(const SequentialTrace<Real>& trace) const {
  return {.steps = description_.steps,
          .step = description_.step,
          .seed = trace.seed,
          .epoch = trace.epoch,
          .samples = trace.samples,
          .events = trace.events};
}

template <class Real>
ChunkWindow Sequential<Real>::chunk_window(const SequentialTrace<Real>& trace) const {
  return {.seed = trace.seed, .epoch = trace.epoch, .samples = trace.samples};
}

template <class Real>
StageNumbers<Real> Sequential<Real>::numbers_of(std::size_t k, const BatchSums& sums) const {
  const auto& node = nodes_[k];
  return {.trained = parameters().subspan(node.first_parameter, node.parameters),
          .statistics = statistics().subspan(node.first_statistic, node.statistics),
          .batch = sums.nodes[k].settled,
          .batch_adjoint = sums.nodes[k].adjoint,
          .batch_count = sums.nodes[k].count};
}

/// A trace of a constant input is none.
template <class Real>
bool Sequential<Real>::constant_input() const {
  return encoding_->constant() && !credit_.presynaptic_trace;
}

template <class Real>
Activity<Real> Sequential<Real>::activity_of(std::size_t node, const SequentialTrace<Real>& trace,
                                             const Steps& steps) const {
  const std::size_t samples = trace.samples.size();
  if (node != encoded) {
    const auto& from = trace.nodes[node];
    return {from.output, steps.count, samples, from.constant};
  }
  if (constant_input()) return {trace.activity, steps.count, samples, true};
  const std::size_t row = trace.values.size();
  return {std::span(trace.activity).subspan(steps.first * row, steps.count * row), steps.count,
          samples, false};
}

template <class Real>
void Sequential<Real>::encode(std::uint64_t seed, std::uint32_t epoch,
                              SequentialTrace<Real>& trace) const {
  trace.seed = seed;
  trace.epoch = epoch;
  trace.activity.resize((encoding_->constant() ? 1 : description_.steps) * trace.values.size());
  encoding_->encode(trace.values, presentation(trace), smoothed_, trace.activity);
  if (encoding_->constant() && !constant_input()) {
    const std::size_t row = trace.values.size();
    trace.activity.resize(description_.steps * row);
    for (std::size_t t = 1; t < description_.steps; ++t) {
      std::copy_n(trace.activity.begin(), row,
                  trace.activity.begin() + static_cast<std::ptrdiff_t>(t * row));
    }
  }
  trace.nodes.resize(nodes_.size());
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    nodes_[k].stage->begin(trace.samples.size(), trace.nodes[k].record);
    trace.nodes[k].spikes = 0.0;
  }
  trace.output.resize(description_.steps * trace.samples.size() * classes());
  trace.starts.clear();
}

template <class Real>
void Sequential<Real>::forward(std::uint64_t seed, std::uint32_t epoch,
                               SequentialTrace<Real>& trace) const {
  ChunkTask<Real> task{.trace = &trace, .labels = {}, .grad_parameters = {}};
  forward(seed, epoch, std::span(&task, 1), trace.sums, 1);
}

template <class Real>
void Sequential<Real>::forward(std::uint64_t seed, std::uint32_t epoch,
                               std::span<ChunkTask<Real>> chunks, BatchSums& sums,
                               int threads) const {
  sums.nodes.assign(nodes_.size(), {});
  sums.found.clear();
  sums.first_pass = true;
  in_parallel(chunks.size(), threads,
              [&](std::size_t c) { encode(seed, epoch, *chunks[c].trace); });
  const auto all = windows();
  for (const auto& steps : all) {
    if (all.size() > 1) {
      for (auto& chunk : chunks) {
        auto& start = chunk.trace->starts.emplace_back();
        for (const auto& node : chunk.trace->nodes) {
          start.push_back({node.record.state, node.record.last});
        }
      }
    }
    run_window(steps, chunks, sums, threads);
    for (auto& chunk : chunks) keep_output(steps, *chunk.trace);
  }
  sums.first_pass = false;
}

template <class Real>
void Sequential<Real>::run_window(const Steps& steps, std::span<ChunkTask<Real>> chunks,
                                  BatchSums& sums, int threads) const {
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    if (nodes_[k].stage->over_batch() != nullptr && chunks.front().trace->epoch > 0) {
      measure(k, steps, chunks, sums, threads);
    }
    in_parallel(chunks.size(), threads, [&](std::size_t c) {
      auto& trace = *chunks[c].trace;
      run_node(k, steps, trace, sums);
      for (const auto from : nodes_[k].last_read) store_spikes(from, trace);
    });
  }
}

template <class Real>
void Sequential<Real>::measure(std::size_t k, const Steps& steps, std::span<ChunkTask<Real>> chunks,
                               BatchSums& sums, int threads) const {
  const auto& stage = *nodes_[k].stage->over_batch();
  std::vector<std::vector<double>> parts(chunks.size(), std::vector<double>(stage.sums()));
  in_parallel(chunks.size(), threads, [&](std::size_t c) {
    stage.collect(activity_of(nodes_[k].input, *chunks[c].trace, steps), parts[c]);
  });
  auto& of_node = sums.nodes[k];
  of_node.settled.assign(stage.sums(), 0.0);
  of_node.count = 0;
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    add_rows<double>(parts[c], of_node.settled);
    of_node.count +=
        activity_of(nodes_[k].input, *chunks[c].trace, steps).rows() * stage.values_per_row();
  }
  stage.settle(of_node.count, of_node.settled);
  if (sums.first_pass) sums.found.push_back({k, of_node.settled, of_node.count});
}

template <class Real>
void Sequential<Real>::run_node(std::size_t k, const Steps& steps, SequentialTrace<Real>& trace,
                                const BatchSums& sums) const {
  const auto& node = nodes_[k];
  const auto& stage = *node.stage;
  auto& to = trace.nodes[k];
  const auto input = activity_of(node.input, trace, steps);
  const bool constant = stage.steady() && input.constant;
  const bool stays = constant && (node.add == encoded || trace.nodes[node.add].constant);
  const std::size_t row = trace.samples.size() * stage.shape().size();
  to.constant = stays;
  to.bits.clear();
  const std::size_t size = (stays ? 1 : steps.count) * row;
  if (to.output.capacity() < size) {
    give_back(trace, to.output);
    to.output = take(trace, size);
  }
  to.output.resize(size);
  const std::span<Real> output(to.output);
  stage.forward({.window = chunk_window(trace),
                 .numbers = numbers_of(k, sums),
                 .input = input,
                 .threshold = threshold(),
                 .record = to.record},
                constant ? output.first(row) : output);
  if (node.add != encoded) {
    if (constant && !stays) {
      for (std::size_t t = 1; t < steps.count; ++t) {
        std::ranges::copy(output.first(row), output.subspan(t * row).begin());
      }
    }
    add_rows<Real>(trace.nodes[node.add].output, output);
  }
  if (stage.spiking() && sums.first_pass) {
    to.spikes += sum_of_spikes<Real>(output);
  }
}

template <class Real>
void Sequential<Real>::keep_output(const Steps& steps, SequentialTrace<Real>& trace) const {
  const auto& last = trace.nodes.back();
  const std::size_t row = trace.samples.size() * classes();
  for (std::size_t t = 0; t < steps.count; ++t) {
    std::copy_n(last.output.data() + (last.constant ? 0 : t * row), row,
                trace.output.data() + (steps.first + t) * row);
  }
}

template <class Real>
Output<Real> Sequential<Real>::output(const SequentialTrace<Real>& trace) const {
  return {trace.output, description_.steps, trace.samples.size(), classes()};
}

template <class Real>
std::vector<Real> Sequential<Real>::layer_output(std::size_t layer,
                                                 const SequentialTrace<Real>& trace) const {
  const auto& from = trace.nodes[outputs_.at(layer)];
  std::vector<Real> room;
  const auto output = stored_output(outputs_.at(layer), trace, room);
  std::vector<Real> values;
  for (std::size_t t = 0; t < (from.constant ? description_.steps : 1); ++t) {
    values.insert(values.end(), output.begin(), output.end());
  }
  return values;
}

template <class Real>
std::vector<double> Sequential<Real>::spike_counts(const SequentialTrace<Real>& trace) const {
  std::vector<double> counts(layers_.size());
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    counts[nodes_[k].layer] += trace.nodes[k].spikes;
  }
  return counts;
}

/// Spiking neurons of hidden layers.
template <class Real>
bool Sequential<Real>::is_regularised(const RateRegularisation& penalty, std::size_t k) const {
  return penalty.strength > 0.0 && nodes_[k].stage->spiking() &&
         nodes_[k].layer + 1 < layers_.size();
}

template <class Real>
Objective Sequential<Real>::objective(std::span<const std::uint8_t> labels,
                                      const RateRegularisation& penalty,
                                      const SequentialTrace<Real>& trace) const {
  const auto readout = loss_->evaluate(output(trace), {labels, trace.samples}, 1.0, {});
  Objective result{readout.loss, 0.0, readout.correct};
  std::vector<Real> room;
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    if (!is_regularised(penalty, k)) continue;
    result.penalty += add_rate_penalty<Real>(penalty, description_.steps, trace.samples.size(),
                                             stored_output(k, trace, room), 1.0, {});
  }
  return result;
}

template <class Real>
std::string Sequential<Real>::first_not_finite(const SequentialTrace<Real>& trace) const {
  for (std::size_t k = 0; k < trace.nodes.size(); ++k) {
    const auto& values = trace.nodes[k].output;
    const auto at = std::ranges::find_if_not(values, [](Real x) { return std::isfinite(x); });
    if (at == values.end()) continue;
    const auto row =
        static_cast<std::size_t>(at - values.begin()) / nodes_[k].stage->shape().size();
    return fmt::format("layer '{}' at step {} of sample {}", layers_[nodes_[k].layer].name,
                       row / trace.samples.size() + 1, trace.samples[row % trace.samples.size()]);
  }
  return {};
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace ranvier
