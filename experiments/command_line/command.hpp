#pragma once

/// The command `ranvier`: one file per subcommand.

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "experiments/command_line/exit_code.hpp"

namespace ranvier {

/// Something wrong with the command line itself.
class UsageError : public Error {
 public:
  using Error::Error;
};

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

struct Command {
  std::string name;
  std::string summary;
  /// Does what the arguments after the command's name say. Throws UsageError for wrong ones.
  std::function<ExitCode(const std::vector<std::string>& arguments, Streams streams)> run;
};

Command run_command();
Command validate_command();
Command plan_command();
Command verify_command();
Command list_command();
Command describe_command();
Command data_command();
Command report_command();
Command schema_command();

/// Runs `ranvier` with the arguments after its name: no exception leaves it, every message goes to
/// `err`. `further` are commands of the rooms above this one.
int ranvier_main(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
                 const std::vector<Command>& further = {});

}  // namespace ranvier
