#include "experiments/command_line/options.hpp"

#include <sstream>

#include <fmt/format.h>

#include "core/suggest.hpp"
#include "experiments/command_line/command.hpp"

namespace ranvier {

namespace po = boost::program_options;

OptionParser::OptionParser(HelpText help, std::string positional, int most_positional)
    : help_(help),
      positional_(std::move(positional)),
      most_positional_(most_positional),
      options_("Options") {
  options_.add_options()("help,h", "this text");
}

po::variables_map OptionParser::parse(const std::vector<std::string>& arguments) const {
  po::options_description all;
  all.add(options_);
  po::positional_options_description words;
  if (!positional_.empty()) {
    all.add_options()(positional_.c_str(), po::value<std::vector<std::string>>());
    words.add(positional_.c_str(), -1);
  }
  po::variables_map given;
  try {
    // Abbreviated options are refused: a script must not change its meaning with a new option.
    constexpr int style = po::command_line_style::unix_style &
                          ~static_cast<int>(po::command_line_style::allow_guessing);
    po::store(po::command_line_parser(arguments).options(all).positional(words).style(style).run(),
              given);
    po::notify(given);
  } catch (const po::unknown_option& problem) {
    std::vector<std::string> names;
    for (const auto& option : options_.options()) names.push_back("--" + option->long_name());
    throw UsageError(fmt::format("unknown option '{}'{}", problem.get_option_name(),
                                 suggestion(problem.get_option_name(), names)));
  } catch (const po::too_many_positional_options_error&) {
    throw UsageError(fmt::format("too many words; usage: {}", help_.usage));
  } catch (const po::error& problem) {
    throw UsageError(fmt::format("{}; usage: {}", problem.what(), help_.usage));
  }
  if (most_positional_ >= 0 && given.count(positional_) > 0 &&
      given[positional_].as<std::vector<std::string>>().size() >
          static_cast<std::size_t>(most_positional_)) {
    throw UsageError(fmt::format("too many words; usage: {}", help_.usage));
  }
  return given;
}

std::string OptionParser::help() const {
  std::ostringstream text;
  text << "Usage: " << help_.usage << "\n\n" << help_.summary << "\n\n" << options_;
  text << "\nExamples:\n" << help_.examples << "\n" << exit_codes_help();
  return text.str();
}

bool wants_help(const po::variables_map& options) { return options.count("help") > 0; }

}  // namespace ranvier
