/// edge_list: synapses listed one by one, in arrays or in a CSV file with a header and columns
/// `source` and `target`. The key of a synapse is its place in the list.

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/connection_rules.hpp"
#include "networks/connection_rules/synapse_batch.hpp"
#include "networks/csv_file.hpp"

namespace ranvier {
namespace {

struct Edges {
  std::vector<NeuronId> sources, targets;
};

Edges read_edges(const std::string& path) {
  const CsvFile file(path);
  return {.sources = file.neurons("source"), .targets = file.neurons("target")};
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
    if (!problem.autapses && problem.same_population) refuse_autapses(where);
    if (!problem.multapses) refuse_multapses(where);
  }

  void generate(const ConnectionProblem& /*problem*/, NeuronRange targets,
                const SynapseSink& sink) const override {
    SynapseBatch batch(sink);
    for (std::size_t k = 0; k < edges_.sources.size(); ++k) {
      if (edges_.targets[k] < targets.begin || edges_.targets[k] >= targets.end) continue;
      batch.add(edges_.sources[k], edges_.targets[k], k);
    }
    batch.flush();
  }

  std::optional<std::uint64_t> key_count(const ConnectionProblem& /*problem*/) const override {
    return edges_.sources.size();
  }

  double expected_synapses(const ConnectionProblem& /*problem*/) const override {
    return static_cast<double>(edges_.sources.size());
  }

 private:
  void refuse_autapses(std::string_view where) const {
    for (std::size_t k = 0; k < edges_.sources.size(); ++k) {
      if (edges_.sources[k] != edges_.targets[k]) continue;
      throw InvalidValue(fmt::format(
          "synapse {} of {} leads from neuron {} to itself; expected none, as autapses is false", k,
          where, edges_.sources[k]));
    }
  }

  void refuse_multapses(std::string_view where) const {
    std::vector<std::pair<NeuronId, NeuronId>> pairs(edges_.sources.size());
    for (std::size_t k = 0; k < pairs.size(); ++k)
      pairs[k] = {edges_.sources[k], edges_.targets[k]};
    std::ranges::sort(pairs);
    const auto twice = std::ranges::adjacent_find(pairs);
    if (twice == pairs.end()) return;
    throw InvalidValue(fmt::format(
        "{} lists a synapse from neuron {} to neuron {} twice; expected it once, as multapses is "
        "false",
        where, twice->first, twice->second));
  }

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
