#include "networks/layers/layer.hpp"

#include <functional>
#include <numeric>

namespace ranvier {

std::size_t Tensor::size() const noexcept {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>{});
}

Registry<LayerKind>& layer_kinds() {
  static Registry<LayerKind> registry("layer");
  return registry;
}

}  // namespace ranvier
