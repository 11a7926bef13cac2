#include "core/plugin.hpp"

#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

std::vector<std::string>& failed_registrations() {
  static std::vector<std::string> failures;
  return failures;
}

void load_plugin(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    throw FileNotFound(fmt::format("plugin '{}' does not exist; expected a shared library", path));
  }
  failed_registrations().clear();
  // A plugin stays loaded: the registries hold functions of it.
  if (dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    throw CorruptFile(fmt::format("plugin '{}' cannot be loaded: {}", path, dlerror()));
  }
  if (!failed_registrations().empty()) {
    throw InvalidValue(fmt::format("plugin '{}': {}", path, failed_registrations().front()));
  }
}

}  // namespace ranvier
