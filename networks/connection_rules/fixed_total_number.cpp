/// fixed_total_number: so many synapses in all, each between a source and a target drawn at random.
///
/// The number is split between the halves of the targets, and again, down to each target, which then
/// draws its sources as under fixed_indegree. A split is a binomial draw, or without multapses a
/// hypergeometric one, that belongs to the place where the targets are divided: whoever owns a range
/// of targets draws the splits and sources of these alone.

#include <fmt/format.h>

#include "core/discrete_draws.hpp"
#include "core/error.hpp"
#include "networks/connection_rules.hpp"
#include "networks/connection_rules/choose_partners.hpp"

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
    if (number_ == 0 || targets.begin >= targets.end) return;
    SynapseBatch batch(sink);
    PartnerChooser chooser(problem, problem.sources);
    const Share all{
        .targets = {0, static_cast<NeuronId>(problem.targets)}, .number = number_, .first_key = 0};
    for_each_target(problem, all, targets, [&](NeuronId target, const Share& share) {
      batch.add(chooser.choose(target, share.number), target, share.first_key);
    });
    batch.flush();
  }

  double expected_synapses(const ConnectionProblem& /*problem*/) const override {
    return static_cast<double>(number_);
  }

 private:
  /// The synapses onto some of the targets. Keys count in the order of targets.
  struct Share {
    NeuronRange targets;
    std::uint64_t number;
    std::uint64_t first_key;
  };

  static std::uint64_t pair_count(const ConnectionProblem& problem) {
    return static_cast<std::uint64_t>(partners(problem, problem.sources)) * problem.targets;
  }

  /// Calls `add` for the targets in `wanted` that have synapses, with the share of each.
  template <class Add>
  static void for_each_target(const ConnectionProblem& problem, const Share& share,
                              NeuronRange wanted, const Add& add) {
    const auto [begin, end] = share.targets;
    if (share.number == 0 || end <= wanted.begin || begin >= wanted.end) return;
    if (end - begin == 1) return add(begin, share);
    const NeuronId middle = begin + (end - begin) / 2;
    const auto left = left_of(problem, share, middle);
    for_each_target(problem, {{begin, middle}, left, share.first_key}, wanted, add);
    for_each_target(problem, {{middle, end}, share.number - left, share.first_key + left}, wanted,
                    add);
  }

  /// How many of the share's synapses have a target before `middle`. Index 0 of a neuron's draws is
  /// for its partners.
  static std::uint64_t left_of(const ConnectionProblem& problem, const Share& share,
                               NeuronId middle) {
    const std::uint64_t all = share.targets.end - share.targets.begin;
    const std::uint64_t left = middle - share.targets.begin;
    auto draws = problem.random.at(middle, 1);
    if (problem.multapses) {
      return draw_binomial(draws, share.number,
                           static_cast<double>(left) / static_cast<double>(all));
    }
    const std::uint64_t candidates = partners(problem, problem.sources);
    return draw_hypergeometric(draws, all * candidates, left * candidates, share.number);
  }

  std::uint64_t number_;
};

const auto& registered = add_connection_rule<FixedTotalNumber>(
    "fixed_total_number", "so many synapses in all, between random pairs");

}  // namespace
}  // namespace ranvier
