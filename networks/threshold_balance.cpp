#include "networks/threshold_balance.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "networks/stages/activation.hpp"

namespace ranvier {
namespace {

constexpr std::size_t chunk_size = 32;

/// The place of a percentile among `count` ascending values; between two it has a fraction.
double rank_of(double percentile, std::size_t count) {
  return percentile / 100.0 * static_cast<double>(count - 1);
}

/// The largest of the values met, so many that their percentile can be told.
class UpperTail {
 public:
  explicit UpperTail(std::size_t kept) : kept_(kept) {}

  void add(std::span<const float> values) {
    largest_.insert(largest_.end(), values.begin(), values.end());
    if (largest_.size() > 2 * kept_ + values.size()) trim();
  }

  std::vector<float> take() {
    trim();
    return std::move(largest_);
  }

 private:
  void trim() {
    if (largest_.size() <= kept_) return;
    const auto end = largest_.begin() + static_cast<std::ptrdiff_t>(kept_);
    std::ranges::nth_element(largest_, end, std::greater<>{});
    largest_.erase(end, largest_.end());
  }

  std::size_t kept_;
  std::vector<float> largest_;
};

/// Layers whose activation has no levels.
std::vector<std::size_t> unbounded_layers(const Sequential<float>& network) {
  std::vector<std::size_t> layers;
  for (const auto& node : network.graph()) {
    const auto* activation = dynamic_cast<const ActivationStage<float>*>(node.stage);
    if (activation != nullptr && !activation->levels(node.numbers.trained)) {
      layers.push_back(node.layer);
    }
  }
  return layers;
}

/// Samples `first` and on, up to `last`, sent through the network.
void run(const Sequential<float>& network, const Examples& examples, std::size_t first,
         std::size_t last, SequentialTrace<float>& trace) {
  const auto size = network.inputs();
  trace.samples.resize(last - first);
  std::iota(trace.samples.begin(), trace.samples.end(), static_cast<std::uint32_t>(first));
  trace.values.assign((last - first) * size, 0.0F);
  trace.events.resize(examples.has_events() ? last - first : 0);
  for (std::size_t i = first; i < last; ++i) {
    if (examples.has_events()) {
      examples.events(i, 0, trace.events[i - first]);
    } else {
      examples.values(i, 0, std::span(trace.values).subspan((i - first) * size, size));
    }
  }
  network.forward(1, 0, trace);
}

}  // namespace

std::size_t values_above(double percentile, std::size_t count) {
  return count - static_cast<std::size_t>(std::floor(rank_of(percentile, count)));
}

double percentile_of_largest(std::vector<float> largest, double percentile, std::size_t count) {
  std::ranges::sort(largest, std::greater<>{});
  const double rank = rank_of(percentile, count);
  const std::size_t from_top = values_above(percentile, count) - 1;
  const double below = largest.at(from_top);
  const double above = from_top == 0 ? below : static_cast<double>(largest.at(from_top - 1));
  return below + (above - below) * (rank - std::floor(rank));
}

bool needs_balance(const Sequential<float>& network) { return !unbounded_layers(network).empty(); }

std::vector<double> balanced_thresholds(const Sequential<float>& network, const Examples& examples,
                                        double percentile, std::size_t samples, int threads) {
  require_fit(examples, network.description(), "the samples that thresholds are balanced on");
  samples = std::min(samples, examples.size());
  std::vector<double> thresholds(network.layer_count());
  const auto layers = unbounded_layers(network);
  if (layers.empty()) return thresholds;
  if (samples == 0) {
    throw InvalidValue("thresholds are to be balanced on no samples; expected at least one");
  }
  const auto values_of = [&](std::size_t layer) {
    return samples * network.steps() * network.layer(layer).outputs();
  };
  std::vector<UpperTail> tails;
  for (const auto layer : layers) tails.emplace_back(values_above(percentile, values_of(layer)));

  // A round at a time, so that no more activity is held than threads make.
  const auto per_round = static_cast<std::size_t>(std::max(threads, 1));
  std::vector<SequentialTrace<float>> traces(per_round);
  for (std::size_t first = 0; first < samples; first += per_round * chunk_size) {
    const auto chunks = std::min(per_round, (samples - first + chunk_size - 1) / chunk_size);
    in_parallel(chunks, threads, [&](std::size_t c) {
      const auto begin = first + c * chunk_size;
      run(network, examples, begin, std::min(begin + chunk_size, samples), traces[c]);
    });
    for (std::size_t c = 0; c < chunks; ++c) {
      for (std::size_t k = 0; k < layers.size(); ++k) {
        tails[k].add(network.layer_output(layers[k], traces[c]));
      }
    }
  }
  for (std::size_t k = 0; k < layers.size(); ++k) {
    auto& threshold = thresholds[layers[k]];
    threshold = percentile_of_largest(tails[k].take(), percentile, values_of(layers[k]));
    if (threshold > 0.0) continue;
    throw InvalidValue(fmt::format(
        "layer '{}' is silent at percentile {} of its activations over {} samples, which makes no "
        "threshold; expected a higher percentile",
        network.layer(layers[k]).name, percentile, samples));
  }
  return thresholds;
}

}  // namespace ranvier
