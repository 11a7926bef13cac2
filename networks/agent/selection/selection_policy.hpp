#pragma once

/// The threshold of every rule that has one: parameters that say how it is chosen, and the choice.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "networks/agent/exit_rule.hpp"
#include "networks/agent/selection/threshold_choice.hpp"

namespace ranvier::agent {

/// Where the threshold comes from, in the order of the choices of `selection`; the first three are
/// those of threshold_choice.hpp.
enum class ThresholdFrom { plain, safe, paired, latency, price, fixed };

struct SelectionParameters {
  int selection = static_cast<int>(ThresholdFrom::safe);
  double allowed_accuracy_loss = 0.0;
  double max_latency = 0.0;
  double price = 0.0;
  std::int64_t max_steps = 0;
};

/// The same with a threshold of the user's own.
struct ThresholdParameters : SelectionParameters {
  double threshold = 0.0;
};

/// One more choice of `selection`, in the place of ThresholdFrom::fixed, and what it does.
struct OwnSelection {
  std::string name, doc;
};

/// Declarations for a `P` that inherits from SelectionParameters.
template <class P>
std::vector<Field<P>> selection_fields(const std::optional<OwnSelection>& own = {}) {
  std::vector<std::string> choices{"plain", "safe", "paired", "latency", "price"};
  std::string doc =
      "threshold: the cheapest that keeps the accuracy on held-out data, at it (plain), at it and "
      "above (safe), so with 95 % confidence (paired); the most accurate within max_latency; the "
      "best "
      "at a price per step";
  if (own) {
    choices.push_back(own->name);
    doc += "; " + own->doc;
  }
  return {
      choice<P>("selection", &P::selection, choices, doc),
      real<P>("allowed_accuracy_loss", &P::allowed_accuracy_loss, "", unit_interval,
              "share of held-out samples that stopping early may cost; 0.002 is 0.2 points"),
      real<P>("max_latency", &P::max_latency, "steps", non_negative,
              "mean latency not to be exceeded, used where selection is latency"),
      real<P>("price", &P::price, "", non_negative,
              "accuracy that a step has to bring, used where selection is price"),
      integer<P>("max_steps", &P::max_steps, non_negative,
                 "steps after which the answer is given whatever the score; 0: end of the run"),
  };
}

/// The same for a `P` that inherits from ThresholdParameters, with the bounds of its threshold.
template <class P>
std::vector<Field<P>> threshold_fields(Bounds bounds, const std::string& doc) {
  auto fields = selection_fields<P>(OwnSelection{"fixed", "or as given"});
  fields.push_back(
      real<P>("threshold", &P::threshold, "", bounds, doc + ", used where selection is fixed"));
  return fields;
}

/// The thresholds before any fit, and how one is chosen.
struct ThresholdSource {
  Thresholds thresholds;
  ThresholdPolicy choose;
};

/// From the exit curve of held-out data, as `selection` says. The policy throws InvalidValue where
/// no threshold is quick enough, naming the smallest latency there is.
ThresholdSource selected(const SelectionParameters& parameters);

/// The same, or the given threshold where `selection` is fixed.
ThresholdSource selected(const ThresholdParameters& parameters);

/// One threshold that data do not change.
ThresholdSource given(double threshold);

/// A rule of this score and these thresholds; `max_steps` of the parameters.
ExitRuleParts assembled(std::unique_ptr<ExitScore> score, ThresholdSource source,
                        std::int64_t max_steps);

}  // namespace ranvier::agent
