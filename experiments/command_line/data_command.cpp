#include <fmt/format.h>

#include "core/suggest.hpp"
#include "experiments/command_line/command.hpp"
#include "experiments/command_line/interruption.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/command_line/progress_bar.hpp"
#include "experiments/datasets/files/fetch.hpp"
#include "experiments/datasets/files/inventory.hpp"

namespace ranvier {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

OptionParser parser() {
  OptionParser options({.usage = "ranvier data list | fetch SET... | verify SET...",
                        .summary = "Lists the data sets, downloads their files, or compares the "
                                   "files that are here with the published ones.",
                        .examples = "  ranvier data list\n"
                                    "  ranvier data fetch mnist\n"
                                    "  ranvier data verify mnist --folder /data\n"},
                       "words");
  options.add()("folder,f", po::value<std::string>()->value_name("DIR"),
                "where the files are, or shall be put; by default the cache")(
      "mirror", po::value<std::string>()->value_name("URL"),
      "address to fetch from instead of the published one")("quiet,q", "print errors only");
  return options;
}

std::string text_of(const po::variables_map& given, const std::string& option) {
  return given.count(option) > 0 ? given[option].as<std::string>() : std::string();
}

void list_sets(Streams streams) {
  for (const auto& set : list_data()) {
    std::string where = "not here";
    if (set.built_in) where = "built in";
    if (!set.built_in && set.complete) where = "in " + set.folder.string();
    streams.out << fmt::format("{:<14} {} ({})\n", set.name, set.summary, where);
  }
}

void fetch(const std::string& set, const po::variables_map& given, Streams streams) {
  const bool quiet = given.count("quiet") > 0;
  const Interruption interruption;
  ProgressBar bar(!quiet);
  const auto report = [&](const FetchProgress& progress) {
    constexpr double mebibyte = 1024.0 * 1024.0;
    bar.show({progress.file, static_cast<double>(progress.received_bytes) / mebibyte,
              static_cast<double>(progress.total_bytes) / mebibyte, "MiB"});
    return !interruption.requested();
  };
  const auto files = fetch_data(set, {.destination = text_of(given, "folder"),
                                      .mirror = text_of(given, "mirror"),
                                      .progress = report});
  bar.wipe();
  if (quiet) return;
  if (files.empty()) streams.out << set << ": built in, nothing to fetch\n";
  for (const auto& file : files) streams.out << file.string() << "\n";
}

ExitCode verify(const std::string& set, const po::variables_map& given, Streams streams) {
  auto worst = success;
  const auto files = verify_data(set, text_of(given, "folder"));
  if (files.empty()) {
    streams.out << set
                << (data_sets().at(set).built_in()
                        ? ": built in, nothing to verify\n"
                        : ": the published checksums are not known, nothing to verify\n");
  }
  for (const auto& file : files) {
    if (file.state == FileState::ok) {
      if (given.count("quiet") == 0) streams.out << file.path.string() << ": as published\n";
    } else {
      streams.err << "ranvier: " << file.problem << "\n";
      worst = bad_input_file;
    }
  }
  return worst;
}

ExitCode handle_data(const std::vector<std::string>& arguments, Streams streams) {
  const auto options = parser();
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  const auto words = given.count("words") > 0 ? given["words"].as<Texts>() : Texts{};
  const Texts actions{"list", "fetch", "verify"};
  if (words.empty()) {
    throw UsageError("nothing to do; usage: ranvier data list | fetch SET... | verify SET...");
  }
  const auto& action = words[0];
  if (std::ranges::find(actions, action) == actions.end()) {
    throw UsageError(fmt::format("unknown action '{}'{}", action, suggestion(action, actions)));
  }
  if (action == "list") {
    list_sets(streams);
    return success;
  }
  if (words.size() == 1) {
    throw UsageError(
        fmt::format("no data set given; expected one of {}", comma_separated(data_sets().names())));
  }
  auto worst = success;
  for (std::size_t k = 1; k < words.size(); ++k) {
    if (!data_sets().contains(words[k])) {
      throw UsageError(fmt::format("unknown data set '{}'{}", words[k],
                                   suggestion(words[k], data_sets().names())));
    }
    if (action == "fetch") {
      fetch(words[k], given, streams);
    } else {
      worst = std::max(worst, verify(words[k], given, streams));
    }
  }
  return worst;
}

}  // namespace

Command data_command() { return {"data", "list, fetch or verify data sets", handle_data}; }

}  // namespace ranvier
