#pragma once

/// A linear map laid out for inputs of which many are zero, as pixels of an image are: a column of
/// weights for each input, so that a product reads only the columns of those that are not.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/packed_column.hpp"
#include "networks/linear_map.hpp"

namespace ranvier {

class ColumnMap {
 public:
  explicit ColumnMap(const LinearMap& map);

  /// W x, bit for bit as product(map, x): every sum takes its terms in the order of the inputs, and
  /// those left out are zero. `x` [inputs]; the sums last until the next call.
  std::span<const double> product(std::span<const double> x);

 private:
  template <class Weight>
  void add_column(std::size_t input, double value, const Weight* weight);

  std::vector<std::size_t> first_;      ///< [inputs + 1] where each input's entries begin
  std::vector<std::uint32_t> target_;   ///< by input, ascending; empty where all are entries
  PackedColumn<float, double> weight_;  ///< of each entry
  std::vector<double> sums_;            ///< [outputs]
};

}  // namespace ranvier
