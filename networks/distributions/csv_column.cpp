/// csv_column: weights or delays of synapses that a CSV file lists, from a column of the same file.

#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/csv_file.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

class CsvColumn final : public ValueSource {
 public:
  struct Parameters {
    std::string file;
    std::string column;

    static std::vector<Field<Parameters>> fields() {
      return {text("file", &Parameters::file, "CSV file with a header"),
              text("column", &Parameters::column, "name of the column")};
    }
  };
  CsvColumn(const Parameters& p, std::string_view /*where*/)
      : values_(listed_values(CsvFile(p.file).numbers(p.column))) {}

  double value(std::uint64_t key, const RandomStream& stream) const override {
    return values_->value(key, stream);
  }
  std::optional<std::uint64_t> size() const override { return values_->size(); }

 private:
  ValueSourcePtr values_;
};

const auto& registered =
    add_distribution<CsvColumn>("csv_column", "a value per line of a CSV file, as edge_list reads");

}  // namespace
}  // namespace ranvier
