#include "networks/csv_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c != ' ' && c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

}  // namespace

CsvFile::CsvFile(std::string path) : path_(std::move(path)) {
  std::ifstream stream(path_);
  if (!stream) {
    throw FileNotFound(fmt::format("{} cannot be read; expected a CSV file with a header", path_));
  }
  std::string line;
  std::getline(stream, line);
  header_ = cells_of(line);
  for (std::size_t number = 2; std::getline(stream, line); ++number) {
    if (!line.empty() && line != "\r") lines_.emplace_back(number, line);
  }
}

template <class Number>
std::vector<Number> CsvFile::column(std::string_view name, std::string_view expected) const {
  const auto found = std::ranges::find(header_, name);
  if (found == header_.end()) {
    throw CorruptFile(fmt::format("{} has no column '{}'{}", path_, name,
                                  suggestion(std::string(name), header_)));
  }
  const auto index = static_cast<std::size_t>(found - header_.begin());
  std::vector<Number> values;
  values.reserve(lines_.size());
  for (const auto& [number, line] : lines_) {
    const auto cells = cells_of(line);
    const auto text = index < cells.size() ? cells[index] : std::string();
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
      throw CorruptFile(
          fmt::format("{}:{}: {} is '{}'; expected {}", path_, number, name, text, expected));
    }
    values.push_back(value);
  }
  return values;
}

std::vector<NeuronId> CsvFile::neurons(std::string_view name) const {
  return column<NeuronId>(name, "a neuron: a whole number of at least 0");
}

std::vector<double> CsvFile::numbers(std::string_view name) const {
  return column<double>(name, "a number");
}

}  // namespace ranvier
