#include "experiments/results/metrics.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace ranvier {

void Metrics::set(std::string_view name, std::optional<Value> value) {
  if (value && std::holds_alternative<double>(*value) && !std::isfinite(std::get<double>(*value))) {
    value.reset();
  }
  const auto found = std::ranges::find(entries_, name, [](const auto& e) { return e.first; });
  if (found != entries_.end()) {
    found->second = std::move(value);
  } else {
    entries_.emplace_back(name, std::move(value));
  }
}

const std::optional<Value>& Metrics::at(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [known, value] : entries_) {
    if (known == name) return value;
    names.push_back(known);
  }
  throw UnknownName(fmt::format("there is no figure '{}'{}", name, suggestion(name, names)));
}

std::string Metrics::to_json() const {
  auto object = nlohmann::ordered_json::object();
  for (const auto& [name, value] : entries_) {
    auto& place = object[name];
    if (value) std::visit([&place](const auto& v) { place = v; }, *value);
  }
  return object.dump(2) + "\n";
}

}  // namespace ranvier
