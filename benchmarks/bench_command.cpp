#include "benchmarks/bench_command.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "benchmarks/case.hpp"
#include "benchmarks/machine.hpp"
#include "benchmarks/record.hpp"
#include "core/suggest.hpp"
#include "experiments/command_line/interruption.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/command_line/thread_option.hpp"

namespace ranvier {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

/// What `--scale tiny` stands for: every case in about a second.
constexpr double tiny = 0.03;

OptionParser parser() {
  OptionParser options(
      {.usage = "ranvier bench [CASE...] [options]",
       .summary = "Runs benchmark cases (all without a CASE: minutes, and 5 GB of memory) and "
                  "prints one JSON line for each. A CASE is a name of --list, or the part of it "
                  "before a slash for all that share it.",
       .examples = "  ranvier bench --list\n"
                   "  ranvier bench cuba brunel/static --threads 2 --repeat 5\n"
                   "  ranvier bench microcircuit/1.0 --duration 500\n"},
      "case");
  options.add()("threads,t", po::value<std::string>()->value_name("N"),
                "threads; by default one per core")(
      "repeat,r", po::value<std::string>()->value_name("R"),
      "repetitions of each case, of which median, least and greatest are given; by default 3")(
      "scale,s", po::value<std::string>()->value_name("S"),
      "times the size of every case: a number, or tiny to see whether it works")(
      "duration,d", po::value<std::string>()->value_name("MS"),
      "biological time of every network in ms; by default the case's own")(
      "list,l", "print the cases and end");
  return options;
}

/// A positive number.
double number_of(const po::variables_map& given, const std::string& option) {
  const auto& text = given[option].as<std::string>();
  double number = 0.0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(number) ||
      number <= 0.0) {
    throw UsageError(fmt::format("--{} is '{}'; expected a positive number", option, text));
  }
  return number;
}

int repetitions_of(const po::variables_map& given) {
  if (given.count("repeat") == 0) return 3;
  const double number = number_of(given, "repeat");
  constexpr double most = 1000.0;
  if (number != std::floor(number) || number > most) {
    throw UsageError(fmt::format("--repeat is '{}'; expected a whole number between 1 and {}",
                                 given["repeat"].as<std::string>(), most));
  }
  return static_cast<int>(number);
}

CaseSettings settings_of(const po::variables_map& given) {
  CaseSettings settings{.threads = threads_of(given)};
  if (given.count("scale") > 0) {
    settings.scale = given["scale"].as<std::string>() == "tiny" ? tiny : number_of(given, "scale");
  }
  if (given.count("duration") > 0) settings.duration = number_of(given, "duration");
  return settings;
}

std::string family_of(const Case& benchmark) {
  return benchmark.name.substr(0, benchmark.name.find('/'));
}

/// Those that the words name, in the order of the words; all where there are none.
std::vector<Case> chosen(const Texts& words) {
  auto all = benchmark_cases();
  if (words.empty()) return all;
  std::vector<Case> cases;
  for (const auto& word : words) {
    const auto before = cases.size();
    std::ranges::copy_if(all, std::back_inserter(cases), [&](const Case& benchmark) {
      return benchmark.name == word || family_of(benchmark) == word;
    });
    if (cases.size() > before) continue;
    Texts names;
    for (const auto& benchmark : all) names.push_back(benchmark.name);
    throw UsageError(fmt::format("unknown case '{}'{}", word, suggestion(word, names)));
  }
  return cases;
}

void print_list(std::ostream& out) {
  for (const auto& benchmark : benchmark_cases()) {
    out << fmt::format("{:<40} {}\n", benchmark.name, benchmark.summary);
  }
}

/// Equal work must leave an equal digest: a figure of a wrong run is none.
bool reproduced(const Case& benchmark, const std::vector<Measurement>& repetitions,
                std::ostream& err) {
  const auto& digest = repetitions.front().digest;
  const auto other = std::ranges::find_if(
      repetitions, [&](const Measurement& repetition) { return repetition.digest != digest; });
  if (other == repetitions.end()) return true;
  err << fmt::format("ranvier: {}: repetitions of equal work left the digests {} and {}\n",
                     benchmark.name, digest, other->digest);
  return false;
}

ExitCode bench(const Texts& arguments, Streams streams) {
  const auto options = parser();
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  if (given.count("list") > 0) {
    print_list(streams.out);
    return success;
  }
  auto settings = settings_of(given);
  const int count = repetitions_of(given);
  const Interruption interruption;
  settings.interrupted = [&] { return interruption.requested(); };
  for (const auto& benchmark :
       chosen(given.count("case") > 0 ? given["case"].as<Texts>() : Texts{})) {
    const auto machine = machine_now();
    std::vector<Measurement> repetitions;
    for (int k = 0; k < count; ++k) repetitions.push_back(benchmark.measure(settings));
    if (!reproduced(benchmark, repetitions, streams.err)) return not_reproduced;
    streams.out << record_of(benchmark, settings, repetitions, machine).dump() << std::endl;
  }
  return success;
}

}  // namespace

Command bench_command() { return {"bench", "measure how fast this machine simulates", bench}; }

}  // namespace ranvier
