#pragma once

/// What the command's exit code tells a script.

#include <exception>
#include <string>

namespace ranvier {

enum ExitCode : int {
  success = 0,
  internal_error = 1,         ///< a fault of Ranvier
  usage_error = 2,            ///< unknown command, option or name on the command line
  invalid_configuration = 3,  ///< the configuration is wrong
  bad_input_file = 4,         ///< an input file is missing or corrupt
  output_failed = 5,          ///< results cannot be written
  out_of_memory = 6,          ///< not enough memory
  not_reproduced = 7,         ///< a run gave other spikes than the one it repeats
  interrupted = 130,          ///< stopped by Ctrl-C or SIGTERM; a checkpoint was kept
};

/// The code of an exception that ended a run or a check.
ExitCode exit_code_of(const std::exception& problem);

/// The table above, for --help.
std::string exit_codes_help();

}  // namespace ranvier
