#include "core/bundle.hpp"

#include <algorithm>

namespace ranvier {
namespace {

Bundle alone(const Network& network, std::size_t index) {
  const auto& spec = network.projections()[index];
  const auto common_weight = spec.weight->constant();
  return {.source = network.population_index(spec.source),
          .projections = {index},
          .storage = spec.plasticity       ? WeightStorage::plastic
                     : common_weight       ? WeightStorage::common
                     : spec.weight->size() ? WeightStorage::listed
                                           : WeightStorage::drawn,
          .common_weight = common_weight,
          .instantaneous = spec.delay->constant() == 0.0};
}

bool share_rows(const Bundle& a, const Bundle& b) {
  return a.storage != WeightStorage::plastic && !a.instantaneous && !b.instantaneous &&
         a.source == b.source && a.storage == b.storage && a.common_weight == b.common_weight;
}

}  // namespace

std::vector<Bundle> bundles_of(const Network& network) {
  std::vector<Bundle> bundles;
  for (std::size_t index = 0; index < network.projections().size(); ++index) {
    auto bundle = alone(network, index);
    const auto fitting = std::ranges::find_if(
        bundles, [&](const Bundle& other) { return share_rows(bundle, other); });
    if (fitting == bundles.end()) {
      bundles.push_back(std::move(bundle));
    } else {
      fitting->projections.push_back(index);
    }
  }
  return bundles;
}

}  // namespace ranvier
