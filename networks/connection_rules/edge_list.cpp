/// edge_list: synapses listed one by one, in arrays or in a CSV file with a header and columns
/// `source` and `target`. The key of a synapse is its place in the list.

#include <algorithm>
#include <charconv>
#include <fstream>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/connection_rules.hpp"
#include "networks/connection_rules/synapse_batch.hpp"

namespace ranvier {
namespace {

struct Edges {
  std::vector<NeuronId> sources, targets;
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c != ' ' && c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

std::size_t column_of(const std::vector<std::string>& header, std::string_view name,
                      const std::string& file) {
  const auto found = std::ranges::find(header, name);
  if (found == header.end()) {
    throw CorruptFile(
        fmt::format("{} has no column '{}'; expected a header with source and target", file, name));
  }
  return static_cast<std::size_t>(found - header.begin());
}

NeuronId neuron_in(const std::vector<std::string>& cells, std::size_t column,
                   const std::string& file, std::size_t line) {
  NeuronId neuron = 0;
  if (column < cells.size()) {
    const auto& text = cells[column];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), neuron);
    if (error == std::errc{} && end == text.data() + text.size()) return neuron;
  }
  throw CorruptFile(fmt::format("{}:{}: '{}' is no neuron; expected a whole number of at least 0",
                                file, line, column < cells.size() ? cells[column] : ""));
}

Edges read_edges(const std::string& file) {
  std::ifstream stream(file);
  if (!stream)
    throw FileNotFound(fmt::format("{} cannot be read; expected a CSV of synapses", file));
  std::string line;
  std::getline(stream, line);
  const auto header = cells_of(line);
  const auto source = column_of(header, "source", file);
  const auto target = column_of(header, "target", file);
  Edges edges;
  for (std::size_t number = 2; std::getline(stream, line); ++number) {
    if (line.empty() || line == "\r") continue;
    const auto cells = cells_of(line);
    edges.sources.push_back(neuron_in(cells, source, file, number));
    edges.targets.push_back(neuron_in(cells, target, file, number));
  }
  return edges;
}

class EdgeList final : public ConnectionRule {
 public:
  struct Parameters {
    std::string file;

    static std::vector<Field<Parameters>> fields() {
      return {text("file", &Parameters::file, "CSV file with columns source and target")};
    }
  };
  explicit EdgeList(const Parameters& parameters) : EdgeList(read_edges(parameters.file)) {}
  explicit EdgeList(Edges edges) : edges_(std::move(edges)) {}

  void check(const ConnectionProblem& problem, std::string_view where) const override {
    for (std::size_t k = 0; k < edges_.sources.size(); ++k) {
      if (edges_.sources[k] < problem.sources && edges_.targets[k] < problem.targets) continue;
      throw InvalidValue(fmt::format(
          "synapse {} of {} leads from neuron {} to neuron {}; expected numbers below {} and {}", k,
          where, edges_.sources[k], edges_.targets[k], problem.sources, problem.targets));
    }
  }

  /// Listed synapses are wanted as they stand, so the switches for autapses and multapses, which
  /// restrict random choices, leave them alone.
  void generate(const ConnectionProblem& /*problem*/, NeuronRange targets,
                const SynapseSink& sink) const override {
    SynapseBatch batch(sink);
    for (std::size_t k = 0; k < edges_.sources.size(); ++k) {
      if (edges_.targets[k] < targets.begin || edges_.targets[k] >= targets.end) continue;
      batch.add(edges_.sources[k], edges_.targets[k], k);
    }
    batch.flush();
  }

  double expected_synapses(const ConnectionProblem& /*problem*/) const override {
    return static_cast<double>(edges_.sources.size());
  }

 private:
  Edges edges_;
};

const auto& registered =
    add_connection_rule<EdgeList>("edge_list", "synapses listed one by one in a CSV file");

}  // namespace

ConnectionRulePtr listed_synapses(std::vector<NeuronId> sources, std::vector<NeuronId> targets) {
  if (sources.size() != targets.size()) {
    throw InvalidValue(fmt::format("{} sources and {} targets; expected as many of both",
                                   sources.size(), targets.size()));
  }
  return std::make_shared<EdgeList>(Edges{std::move(sources), std::move(targets)});
}

}  // namespace ranvier
