#pragma once

/// Shared libraries of models, rules or data sets, compiled outside the tree and loaded by name.

#include <exception>
#include <string>
#include <vector>

namespace ranvier {

/// Loads a shared library; what it registers is then found by name. Throws FileNotFound,
/// CorruptFile with the loader's reason, or InvalidValue where it registers a name that is taken.
void load_plugin(const std::string& path);

/// Registrations that failed while libraries were loaded. A static initialiser cannot throw through
/// the loader, so it leaves its sentence here.
std::vector<std::string>& failed_registrations();

/// Runs a registration, keeping the reason of a failure.
template <class Register>
void register_or_note(Register&& add) noexcept {
  try {
    add();
  } catch (const std::exception& error) {
    failed_registrations().emplace_back(error.what());
  }
}

}  // namespace ranvier
