#include "networks/event_learning/event_chunk.hpp"

namespace ranvier {
namespace {

/// The loss looks at the first spike of each output neuron, and at no other.
SpikeTimeSlopes slopes_of(const CircuitSpikes& spikes, std::span<const double> first,
                          std::span<const double> of_class) {
  SpikeTimeSlopes slopes;
  for (const auto& train : spikes.populations) slopes.emplace_back(train.size());
  const auto& output = spikes.populations.back();
  for (std::size_t k = 0; k < output.size(); ++k) {
    const auto n = output.neurons[k];
    if (output.times[k] == first[n]) slopes.back()[k] = of_class[n];
  }
  return slopes;
}

void note_fired(const CircuitSpikes& spikes, EventChunk& chunk) {
  for (std::size_t p = 0; p < spikes.populations.size(); ++p) {
    for (const auto n : spikes.populations[p].neurons) chunk.fired[p][n] = 1;
  }
}

}  // namespace

void EventChunk::clear(const EventCircuit& circuit) {
  gradient.assign(weight_offsets(circuit).back(), 0.0);
  fired.clear();
  for (const auto& population : circuit.populations) fired.emplace_back(population.size, 0);
  objective = {};
}

EventChunkPass::EventChunkPass(const EventClassifier& classifier, std::span<const double> weights)
    : classifier_(classifier),
      runner_(classifier.circuit, weights),
      adjoint_(classifier.circuit, weights) {}

void EventChunkPass::differentiate(const Examples& examples, std::size_t i, std::uint32_t epoch,
                                   EventChunk& chunk) {
  const auto spikes =
      runner_.run_until_all_answered(classifier_.encoding.times(examples, i, epoch));
  const auto first = first_output_spikes(classifier_, spikes);
  std::vector<double> of_class(first.size());
  chunk.objective.loss +=
      classifier_.loss.evaluate(first, examples.label(i), classifier_.silent(), of_class);
  chunk.objective.correct += first_to_spike(first) == examples.label(i) ? 1 : 0;
  auto slopes = slopes_of(spikes, first, of_class);
  note_fired(spikes, chunk);
  adjoint_.pull_back(spikes, slopes, chunk.gradient);
}

}  // namespace ranvier
