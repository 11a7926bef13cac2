#pragma once

/// Boost.Program_options with our error messages.

#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

namespace ranvier {

/// How a subcommand's help begins and ends.
struct HelpText {
  std::string_view usage;     ///< "ranvier run CONFIG [options]"
  std::string_view summary;   ///< one or two sentences
  std::string_view examples;  ///< lines of the shell
};

/// The options of a subcommand, `--help` included. `positional` names the option that takes the
/// words without a dash.
class OptionParser {
 public:
  explicit OptionParser(HelpText help, std::string positional = "", int most_positional = -1);

  boost::program_options::options_description_easy_init add() { return options_.add_options(); }

  /// Throws UsageError, with the nearest option for an unknown one.
  boost::program_options::variables_map parse(const std::vector<std::string>& arguments) const;

  std::string help() const;

 private:
  HelpText help_;
  std::string positional_;
  int most_positional_;
  boost::program_options::options_description options_;
};

/// Whether --help was given.
bool wants_help(const boost::program_options::variables_map& options);

}  // namespace ranvier
