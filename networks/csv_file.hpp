#pragma once

/// Columns of numbers in a CSV file that begins with a header of their names.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/population.hpp"

namespace ranvier {

class CsvFile {
 public:
  /// Throws FileNotFound.
  explicit CsvFile(std::string path);

  /// A column, an entry for each line. Both throw CorruptFile where there is no such column, or an
  /// entry is no number of that kind.
  std::vector<NeuronId> neurons(std::string_view name) const;
  std::vector<double> numbers(std::string_view name) const;

 private:
  template <class Number>
  std::vector<Number> column(std::string_view name, std::string_view expected) const;

  std::string path_;
  std::vector<std::string> header_;
  std::vector<std::pair<std::size_t, std::string>> lines_;  ///< with their places in the file
};

}  // namespace ranvier
