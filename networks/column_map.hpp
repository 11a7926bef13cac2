#pragma once

/// A linear map laid out for inputs of which many are zero, as pixels of an image are: a column of
/// weights for each input, so that a product reads only the columns of those that are not.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/cell_run.hpp"
#include "core/runtime/packed_column.hpp"
#include "networks/linear_map.hpp"

namespace ranvier {

class ColumnMap {
 public:
  explicit ColumnMap(const LinearMap& map);

  /// Adds W x to `sums` [outputs], each in the order of the inputs. `x` [inputs].
  void add_product(std::span<const double> x, std::span<double> sums) const;

 private:
  void find_runs();
  template <class Weight>
  void add_column(std::size_t input, double value, const Weight* weight, double* sums) const;

  std::vector<std::size_t> first_;      ///< [inputs + 1] where each input's entries begin
  std::vector<std::uint32_t> target_;   ///< by input, ascending; empty where there are runs
  std::vector<std::size_t> first_run_;  ///< [inputs + 1] where each input's runs begin
  std::vector<CellRun> runs_;           ///< of targets that are neighbours, where they mostly are
  PackedColumn<float, double> weight_;  ///< of each entry
};

}  // namespace ranvier
