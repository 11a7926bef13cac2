#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "core/error.hpp"
#include "experiments/config/yaml_tree.hpp"

namespace ranvier {
namespace {

/// Builds the tree from the parser's events: unlike the library's own nodes it keeps every key of a
/// map, a repeated one too, and the place of each.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string source) : source_(std::move(source)) {}

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add({.kind = YamlNode::Kind::nothing, .place = place(mark)}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // The parser tags quoted scalars "!" and plain ones "?".
    const bool quoted = tag == "!";
    const bool nothing = !quoted && (value.empty() || value == "~" || value == "null" ||
                                     value == "Null" || value == "NULL");
    add({.kind = nothing ? YamlNode::Kind::nothing : YamlNode::Kind::scalar,
         .place = place(mark),
         .text = value,
         .quoted = quoted},
        anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) refuse(mark, "an alias refers to what contains it");
    count(size_of(known->second), mark);
    add(YamlNode(known->second), YAML::NullAnchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open({.kind = YamlNode::Kind::list, .place = place(mark)}, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open({.kind = YamlNode::Kind::map, .place = place(mark)}, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
    bool has_key = false;  ///< the last key still waits for its value
  };

  Place place(const YAML::Mark& mark) const { return {source_, mark.line + 1, mark.column + 1}; }

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view what) const {
    throw InvalidConfig({fmt::format("{}: {}", place(mark).describe(), what)});
  }

  /// Aliases of aliases multiply; a file of a few lines must not fill the memory.
  void count(std::size_t nodes, const YAML::Mark& mark) {
    constexpr std::size_t most = 200'000;
    count_ += nodes;
    if (count_ > most) refuse(mark, "aliases expand the file beyond 200,000 values");
  }

  static std::size_t size_of(const YamlNode& node) {
    std::size_t size = 1;
    for (const auto& child : node.nodes) size += size_of(child);
    return size;
  }

  void open(YamlNode node, YAML::anchor_t anchor) {
    if (expects_key()) {
      throw InvalidConfig({fmt::format("{}: a key is {}; expected a name", node.place.describe(),
                                       node.describe())});
    }
    stack_.push_back({std::move(node), anchor});
  }

  void close() {
    auto done = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  bool expects_key() const {
    return !stack_.empty() && stack_.back().node.kind == YamlNode::Kind::map &&
           !stack_.back().has_key;
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = stack_.back();
    if (expects_key()) {
      parent.node.keys.push_back({node.text, node.place});
      parent.has_key = true;
    } else {
      parent.node.nodes.push_back(std::move(node));
      parent.has_key = false;
    }
  }

  std::string source_;
  YamlNode root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t count_ = 0;
};

}  // namespace

YamlNode parse_yaml(const std::string& text, const std::string& source) {
  std::istringstream stream(text);
  TreeBuilder builder(source);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      return {.kind = YamlNode::Kind::nothing, .place = {source, 1, 1}};
    }
    auto root = builder.take();
    TreeBuilder rest(source);
    if (parser.HandleNextDocument(rest)) {
      throw InvalidConfig({fmt::format("{}: a second document begins; expected one",
                                       rest.take().place.describe())});
    }
    return root;
  } catch (const YAML::Exception& problem) {
    const Place place{source, problem.mark.line + 1, problem.mark.column + 1};
    throw InvalidConfig({fmt::format("{}: this is not YAML: {}", place.describe(), problem.msg)});
  }
}

YamlNode read_yaml(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  // A folder opens like a file and fails when read.
  if (!stream || (stream.peek(), stream.bad())) {
    throw FileNotFound(fmt::format("{} cannot be opened; expected a YAML file", file));
  }
  stream.clear();
  text << stream.rdbuf();
  return parse_yaml(text.str(), file);
}

}  // namespace ranvier
