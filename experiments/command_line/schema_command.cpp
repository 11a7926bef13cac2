#include "core/registry.hpp"
#include "experiments/command_line/command.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

Schema schema_of_all(const std::vector<std::string>& kinds) {
  Schema schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Ranvier configuration";
  Schema forms = Schema::array();
  for (const auto& kind : kinds) forms.push_back(schema_of(experiments().at(kind)));
  schema["anyOf"] = std::move(forms);
  return schema;
}

ExitCode print_schema(const std::vector<std::string>& arguments, Streams streams) {
  const OptionParser options({.usage = "ranvier schema [EXPERIMENT...]",
                              .summary = "Prints the JSON schema of configurations, of all "
                                         "experiments or of some. Editors complete and check YAML "
                                         "with it.",
                              .examples = "  ranvier schema > ranvier.schema.json\n"
                                          "  ranvier schema simulate\n"},
                             "experiment");
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  const auto kinds = given.count("experiment") > 0
                         ? given["experiment"].as<std::vector<std::string>>()
                         : experiments().names();
  try {
    streams.out << schema_of_all(kinds).dump(2) << "\n";
  } catch (const UnknownName& problem) {
    throw UsageError(problem.what());
  }
  return success;
}

}  // namespace

Command schema_command() {
  return {"schema", "print the JSON schema of configurations", print_schema};
}

}  // namespace ranvier
