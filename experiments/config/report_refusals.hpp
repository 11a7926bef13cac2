#pragma once

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/config/node.hpp"

namespace ranvier {

/// What an action of the library refuses is reported where the user wrote it; a file that is missing
/// or corrupt ends the reading.
template <class Action>
void report_refusals(const ConfigNode& node, Action&& action) {
  try {
    action();
  } catch (const InvalidValue& problem) {
    node.report(problem.what());
  } catch (const UnknownName& problem) {
    node.report(problem.what());
  } catch (const Unsupported& problem) {
    node.report(problem.what());
  } catch (const FileNotFound& problem) {
    throw FileNotFound(fmt::format("{}: {}", node.place().describe(), problem.what()));
  } catch (const CorruptFile& problem) {
    throw CorruptFile(fmt::format("{}: {}", node.place().describe(), problem.what()));
  }
}

}  // namespace ranvier
