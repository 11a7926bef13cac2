#pragma once

/// A configuration being read: its tree and everything that turned out to be wrong with it.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/config/yaml_tree.hpp"

namespace ranvier {

class ConfigDocument {
 public:
  /// `name` is what the configuration is called where it does not say so itself.
  ConfigDocument(YamlNode root, std::string name);

  /// Reads a file and applies `key.path=value` overrides on it; a value is YAML, a number in the
  /// path counts items of a list from 0. Throws FileNotFound, and InvalidConfig for text that is
  /// not YAML; other problems wait for `require_valid`.
  static ConfigDocument from_file(const std::string& file,
                                  std::span<const std::string> overrides = {});
  static ConfigDocument from_text(const std::string& text, const std::string& source,
                                  std::span<const std::string> overrides = {});

  YamlNode& root() noexcept { return root_; }
  const std::string& name() const noexcept { return name_; }

  void report(const Place& place, std::string_view problem);
  /// Whether this was reported already, whatever it said was expected instead.
  bool has_problem(const Place& place, std::string_view problem) const;
  std::size_t problem_count() const noexcept { return problems_.size(); }

  /// Throws InvalidConfig with all problems, in the order of the file, where there are any.
  void require_valid() const;

  /// The tree as it stands. Reading fills in what the user left to its default.
  std::string resolved() const { return to_yaml(root_); }

 private:
  struct Problem {
    Place place;
    std::string text;
  };

  void report_duplicates(const YamlNode& node, const std::string& path);
  void override_with(const std::string& assignment);

  YamlNode root_;
  std::string name_;
  std::vector<Problem> problems_;
};

}  // namespace ranvier
