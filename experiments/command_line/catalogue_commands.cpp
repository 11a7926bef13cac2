#include <algorithm>

#include <fmt/format.h>

#include "core/plugin.hpp"
#include "core/suggest.hpp"
#include "experiments/command_line/catalogue.hpp"
#include "experiments/command_line/command.hpp"
#include "experiments/command_line/options.hpp"

namespace ranvier {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

void add_plugin_option(OptionParser& options) {
  options.add()("plugin,p", po::value<Texts>()->composing()->value_name("FILE"),
                "shared library to load first; may be repeated");
}

void load_plugins(const po::variables_map& given) {
  if (given.count("plugin") == 0) return;
  for (const auto& path : given["plugin"].as<Texts>()) load_plugin(path);
}

Texts words_of(const po::variables_map& given) {
  return given.count("words") > 0 ? given["words"].as<Texts>() : Texts{};
}

std::string lines_of(const DescribedKind& kind) {
  std::size_t width = 0;
  for (const auto& entry : kind.entries) width = std::max(width, entry.name.size());
  std::string text;
  for (const auto& entry : kind.entries) {
    text += fmt::format("{:<{}}  {}\n", entry.name, width, entry.summary);
  }
  return text;
}

ExitCode list(const std::vector<std::string>& arguments, Streams streams) {
  OptionParser options({.usage = "ranvier list [KIND]",
                        .summary = "Lists everything of a kind that can be chosen by name; without "
                                   "a kind, the kinds.",
                        .examples = "  ranvier list models\n"
                                    "  ranvier list rules\n"
                                    "  ranvier list models --plugin libmy_models.so\n"},
                       "words", 1);
  add_plugin_option(options);
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  load_plugins(given);
  const auto words = words_of(given);
  Texts names;
  for (const auto& kind : catalogue()) {
    if (words.empty()) streams.out << fmt::format("{:<18} {}\n", kind.name, kind.entries.size());
    if (!words.empty() && words[0] == kind.name) {
      streams.out << lines_of(kind);
      return success;
    }
    names.push_back(kind.name);
  }
  if (words.empty()) return success;
  throw UsageError(fmt::format("unknown kind '{}'{}", words[0], suggestion(words[0], names)));
}

ExitCode describe(const std::vector<std::string>& arguments, Streams streams) {
  OptionParser options({.usage = "ranvier describe NAME...",
                        .summary = "Tells what is known of a model, device, rule or anything else "
                                   "with a name: equations, parameters with units, defaults and "
                                   "bounds, ports, state, source.",
                        .examples = "  ranvier describe iaf_psc_exp\n"
                                    "  ranvier describe fixed_indegree normal\n"},
                       "words");
  add_plugin_option(options);
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  load_plugins(given);
  const auto words = words_of(given);
  if (words.empty()) throw UsageError("no name given; usage: ranvier describe NAME...");
  for (std::size_t k = 0; k < words.size(); ++k) {
    bool found = false;
    Texts names;
    for (const auto& kind : catalogue()) {
      for (const auto& entry : kind.entries) {
        names.push_back(entry.name);
        if (entry.name != words[k]) continue;
        streams.out << (found || k > 0 ? "\n" : "") << page_of(kind, entry);
        found = true;
      }
    }
    if (!found) {
      const auto near = nearest(words[k], names);
      throw UsageError(fmt::format(
          "nothing is called '{}'{}", words[k],
          near.empty() ? "; ranvier list shows what there is" : "; did you mean '" + near + "'?"));
    }
  }
  return success;
}

}  // namespace

Command list_command() { return {"list", "list everything of a kind, such as models", list}; }

Command describe_command() {
  return {"describe", "tell what is known of a model, rule or anything with a name", describe};
}

}  // namespace ranvier
