#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "core/suggest.hpp"
#include "core/version.hpp"
#include "experiments/command_line/command.hpp"

namespace ranvier {
namespace {

std::vector<Command> commands_and(const std::vector<Command>& further) {
  std::vector<Command> all{run_command(),    validate_command(), plan_command(),
                           verify_command(), list_command(),     describe_command(),
                           data_command(),   report_command(),   schema_command()};
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

std::string help(const std::vector<Command>& commands) {
  std::string text =
      "Usage: ranvier COMMAND [arguments]\n\n"
      "Ranvier simulates and trains spiking neural networks.\n\nCommands:\n";
  for (const auto& command : commands) {
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  }
  text +=
      "\n'ranvier COMMAND --help' tells more; 'ranvier --version' tells which Ranvier this is.\n\n"
      "Examples:\n"
      "  ranvier run configs/two_neurons.yaml\n"
      "  ranvier describe iaf_psc_exp\n\n" +
      exit_codes_help();
  return text;
}

ExitCode dispatch(const std::vector<Command>& commands, const std::vector<std::string>& arguments,
                  Streams streams) {
  if (arguments.empty()) throw UsageError("no command given; see ranvier --help");
  const auto& first = arguments[0];
  if (first == "--help" || first == "-h" || first == "help") {
    streams.out << help(commands);
    return success;
  }
  if (first == "--version") {
    streams.out << "ranvier " << version << "\n" << build_description << "\n";
    return success;
  }
  std::vector<std::string> names;
  for (const auto& command : commands) {
    if (command.name == first) {
      return command.run({arguments.begin() + 1, arguments.end()}, streams);
    }
    names.push_back(command.name);
  }
  throw UsageError(fmt::format("unknown command '{}'{}", first, suggestion(first, names)));
}

/// One line for each thing that is wrong.
void print_problem(std::ostream& err, std::string_view what) { err << "ranvier: " << what << "\n"; }

}  // namespace

int ranvier_main(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
                 const std::vector<Command>& further) {
  try {
    const auto code = dispatch(commands_and(further), arguments, {out, err});
    out.flush();
    if (!out) {
      print_problem(err, "the output cannot be written");
      return output_failed;
    }
    return code;
  } catch (const UsageError& problem) {
    print_problem(err, problem.what());
    return usage_error;
  } catch (const InvalidConfig& problem) {
    for (const auto& line : problem.problems()) print_problem(err, line);
    return invalid_configuration;
  } catch (const Error& problem) {
    print_problem(err, problem.what());
    return exit_code_of(problem);
  } catch (const std::exception& problem) {
    const auto code = exit_code_of(problem);
    const auto kind = code == out_of_memory ? "not enough memory" : "internal error";
    print_problem(err, fmt::format("{}: {}", kind, problem.what()));
    return code;
  }
}

}  // namespace ranvier
