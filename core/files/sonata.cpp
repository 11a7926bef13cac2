#include "core/files/sonata.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

constexpr std::uint32_t magic = 0x0A7A;

bool in_order(const SpikeTrain& train) {
  for (std::size_t k = 1; k < train.size(); ++k) {
    if (train.times[k] < train.times[k - 1]) return false;
    if (train.times[k] == train.times[k - 1] && train.neurons[k] < train.neurons[k - 1]) {
      return false;
    }
  }
  return true;
}

SpikeTrain ordered(SpikeTrain train) {
  if (in_order(train)) return train;
  std::vector<std::size_t> order(train.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return train.times[a] != train.times[b] ? train.times[a] < train.times[b]
                                            : train.neurons[a] < train.neurons[b];
  });
  SpikeTrain sorted;
  for (const auto k : order) {
    sorted.times.push_back(train.times[k]);
    sorted.neurons.push_back(train.neurons[k]);
  }
  return sorted;
}

}  // namespace

void mark_as_sonata(hdf5::Group& root) {
  root.set_attribute("magic", std::span(&magic, 1));
  constexpr std::array<std::uint32_t, 2> version{0, 1};
  root.set_attribute("version", version);
}

void write_spikes(hdf5::Group& root, std::string_view population, const SpikeTrain& train) {
  auto group = root.create_group(fmt::format("spikes/{}", population));
  group.write("timestamps", train.times);
  group.set_attribute("units", "ms", "timestamps");
  group.write("node_ids", std::vector<std::uint64_t>(train.neurons.begin(), train.neurons.end()));
  const std::vector<std::string> sortings{"none", "by_id", "by_time"};
  constexpr std::uint8_t by_time = 2;
  group.set_enumeration("sorting", sortings, by_time);
}

SpikeTrain read_spikes(const hdf5::Group& root, std::string_view population) {
  const auto group = root.group(fmt::format("spikes/{}", population));
  SpikeTrain train;
  train.times = group.read<double>("timestamps");
  const auto ids = group.read<std::uint64_t>("node_ids");
  if (ids.size() != train.times.size()) {
    throw CorruptFile(fmt::format("spikes of '{}': {} timestamps and {} node_ids; expected as many",
                                  population, train.times.size(), ids.size()));
  }
  for (const auto id : ids) {
    if (id > std::numeric_limits<NeuronId>::max()) {
      throw CorruptFile(fmt::format("spikes of '{}': node id {} is too large", population, id));
    }
    train.neurons.push_back(static_cast<NeuronId>(id));
  }
  return ordered(std::move(train));
}

void write_trace(hdf5::Group& root, std::string_view folder, const Trace& trace) {
  auto group = root.create_group(folder);
  group.write("data", trace.values, {trace.times.size(), trace.neurons.size()});
  group.set_attribute("units", trace.unit, "data");
  group.set_attribute("variable", trace.variable, "data");

  const auto n = trace.neurons.size();
  std::vector<std::uint64_t> pointers(n + 1);
  std::iota(pointers.begin(), pointers.end(), std::uint64_t{0});
  auto mapping = group.create_group("mapping");
  mapping.write("node_ids", std::vector<std::uint64_t>(trace.neurons.begin(), trace.neurons.end()));
  mapping.write("index_pointers", pointers);
  mapping.write("element_ids", std::vector<std::uint32_t>(n, 0));
  // SONATA's stop is excluded: the first sample that was not taken.
  const double first = trace.times.empty() ? trace.interval : trace.times.front();
  const double stop = first + trace.interval * static_cast<double>(trace.times.size());
  mapping.write("time", std::vector<double>{first, stop, trace.interval});
  mapping.set_attribute("units", "ms", "time");
}

void write_edges(hdf5::Group& root, std::string_view projection, const EdgeTable& edges) {
  auto group = root.create_group(fmt::format("edges/{}", projection));
  const auto count = edges.source_ids.size();
  group.write("source_node_id", edges.source_ids);
  group.set_attribute("node_population", edges.source, "source_node_id");
  group.write("target_node_id", edges.target_ids);
  group.set_attribute("node_population", edges.target, "target_node_id");
  group.write("edge_type_id", std::vector<std::int32_t>(count, 0));
  group.write("edge_group_id", std::vector<std::int32_t>(count, 0));
  std::vector<std::uint64_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::uint64_t{0});
  group.write("edge_group_index", rows);
  group.write("0/syn_weight", edges.weights);
  group.write("0/delay", edges.delays);
}

}  // namespace ranvier
