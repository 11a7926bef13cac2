/// fixed_total_number: so many synapses in all, each between a source and a target drawn at random.
/// Draws belong to the synapse, so whoever owns a range of targets draws all and keeps its own.

#include <unordered_set>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/connection_rules.hpp"
#include "networks/connection_rules/synapse_batch.hpp"

namespace ranvier {
namespace {

class FixedTotalNumber final : public ConnectionRule {
 public:
  struct Parameters {
    std::int64_t number = 1;

    static std::vector<Field<Parameters>> fields() {
      return {integer("number", &Parameters::number, Bounds{.lower = 0.0, .upper = 1e12},
                      "synapses in all")};
    }
  };
  explicit FixedTotalNumber(const Parameters& parameters)
      : number_(static_cast<std::uint64_t>(parameters.number)) {}

  void check(const ConnectionProblem& problem, std::string_view where) const override {
    const auto pairs = pair_count(problem);
    if (number_ == 0 || (problem.multapses ? pairs > 0 : number_ <= pairs)) return;
    throw InvalidValue(
        fmt::format("{} asks for {} synapses{}; expected at most {}, the pairs there are", where,
                    number_, problem.multapses ? "" : " without multapses", pairs));
  }

  void generate(const ConnectionProblem& problem, NeuronRange targets,
                const SynapseSink& sink) const override {
    SynapseBatch batch(sink);
    const auto add = [&](std::uint64_t pair, std::uint64_t key) {
      const auto [source, target] = pair_at(problem, pair);
      if (target >= targets.begin && target < targets.end) batch.add(source, target, key);
    };
    if (problem.multapses) {
      for (std::uint64_t k = 0; k < number_; ++k) add(draw(problem, k, pair_count(problem)), k);
    } else {
      for_different_pairs(problem, add);
    }
    batch.flush();
  }

  double expected_synapses(const ConnectionProblem& /*problem*/) const override {
    return static_cast<double>(number_);
  }

 private:
  struct Pair {
    NeuronId source, target;
  };

  static std::uint64_t pair_count(const ConnectionProblem& problem) {
    return static_cast<std::uint64_t>(partners(problem, problem.sources)) * problem.targets;
  }

  /// The pairs that may be connected, numbered target by target.
  static Pair pair_at(const ConnectionProblem& problem, std::uint64_t pair) {
    const auto candidates = partners(problem, problem.sources);
    const auto target = static_cast<NeuronId>(pair / candidates);
    auto source = static_cast<NeuronId>(pair % candidates);
    if (candidates < problem.sources && source >= target) ++source;
    return {source, target};
  }

  /// A pair out of the first `count`, drawn for synapse k.
  static std::uint64_t draw(const ConnectionProblem& problem, std::uint64_t k,
                            std::uint64_t count) {
    auto draws = problem.random.at(static_cast<std::uint32_t>(k >> 32), k & 0xffffffffu);
    return static_cast<std::uint64_t>(draws.uniform() * static_cast<double>(count));
  }

  /// Floyd's algorithm over the numbered pairs.
  template <class Add>
  void for_different_pairs(const ConnectionProblem& problem, const Add& add) const {
    std::unordered_set<std::uint64_t> taken;
    taken.reserve(number_);
    const auto pairs = pair_count(problem);
    for (std::uint64_t k = 0; k < number_; ++k) {
      const auto last = pairs - number_ + k;
      const auto drawn = draw(problem, k, last + 1);
      const auto pair = taken.contains(drawn) ? last : drawn;
      taken.insert(pair);
      add(pair, k);
    }
  }

  std::uint64_t number_;
};

const auto& registered = add_connection_rule<FixedTotalNumber>(
    "fixed_total_number", "so many synapses in all, between random pairs");

}  // namespace
}  // namespace ranvier
