#include "core/error.hpp"

#include <utility>

namespace ranvier {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

}  // namespace

InvalidConfig::InvalidConfig(std::vector<std::string> problems)
    : Error(joined(problems)), problems_(std::move(problems)) {}

}  // namespace ranvier
