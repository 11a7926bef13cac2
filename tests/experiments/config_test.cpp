#include "experiments/config/read.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "experiments/config/schema.hpp"
#include "tests/catch.hpp"

namespace ranvier {
namespace {

using Texts = std::vector<std::string>;

const std::vector<Parameter> membrane{
    {"tau_m", "ms", ParameterType::real, 10.0, positive, {}, "time constant"},
    {"V_th", "mV", ParameterType::real, -55.0, any_real, {}, "threshold"},
    {"size", "", ParameterType::integer, std::int64_t{1}, at_least_one, {}, "neurons"},
    {"exact", "", ParameterType::boolean, true, {}, {}, "integrated exactly"},
    {"label", "", ParameterType::text, std::string(), {}, {}, "text"},
    {"reset", "", ParameterType::choice, std::string("hard"), {}, {"hard", "soft"}, "reset"}};

/// The problems that reading `text` as a map of `membrane` finds.
Texts problems_of(const std::string& text, const Texts& overrides = {}, const MapKeys& keys = {}) {
  try {
    auto document = ConfigDocument::from_text(text, "x.yaml", overrides);
    read_parameters(ConfigNode(document), membrane, keys);
    document.require_valid();
  } catch (const InvalidConfig& error) {
    return error.problems();
  }
  return {};
}

ValueMap values_of_text(const std::string& text, const Texts& overrides = {}) {
  auto document = ConfigDocument::from_text(text, "x.yaml", overrides);
  auto values = read_parameters(ConfigNode(document), membrane);
  document.require_valid();
  return values;
}

TEST_CASE("values are read in the type their parameter declares") {
  const auto values = values_of_text(
      "tau_m: 20\nV_th: -5.5e1\nsize: 1e4\nexact: false\nlabel: '12'\nreset: soft\n");
  CHECK(std::get<double>(values.at("tau_m")) == 20.0);
  CHECK(std::get<double>(values.at("V_th")) == -55.0);
  CHECK(std::get<std::int64_t>(values.at("size")) == 10000);
  CHECK_FALSE(std::get<bool>(values.at("exact")));
  CHECK(std::get<std::string>(values.at("label")) == "12");
  CHECK(std::get<std::string>(values.at("reset")) == "soft");
}

TEST_CASE("a problem names file, line, column, path, what was found and what was expected") {
  CHECK(problems_of("V_th: -50\ntau_m: -3\n") ==
        Texts{"x.yaml:2:8: tau_m is -3; expected a real number greater than 0 ms"});
  CHECK(problems_of("tau_n: 3\n") ==
        Texts{"x.yaml:1:1: tau_n is not a known key; did you mean 'tau_m'?"});
  CHECK(problems_of("tau_m: fast\n") ==
        Texts{"x.yaml:1:8: tau_m is 'fast'; expected a real number greater than 0 ms"});
  CHECK(problems_of("size: 2.5\n") ==
        Texts{"x.yaml:1:7: size is 2.5; expected a whole number at least 1"});
  CHECK(problems_of("reset: sofd\n") == Texts{"x.yaml:1:8: reset is 'sofd'; did you mean 'soft'?"});
  CHECK(problems_of("tau_m: .nan\n") ==
        Texts{"x.yaml:1:8: tau_m is .nan; expected a real number greater than 0 ms"});
  CHECK(problems_of("tau_m: [1, 2]\n") ==
        Texts{"x.yaml:1:8: tau_m is a list of 2; expected a real number greater than 0 ms"});
  CHECK(problems_of("tau_m:\n").size() == 1);
  CHECK(problems_of("V_th: 1\n", {}, {.required = {"tau_m"}}) ==
        Texts{"x.yaml:1:1: tau_m is missing; expected a real number greater than 0 ms"});
}

TEST_CASE("all problems of a file are told at once, in its order") {
  const auto problems = problems_of("size: 0\nexact: maybe\ntau: 1\nV_th: high\n");
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].find("x.yaml:1:7: size is 0") == 0);
  CHECK(problems[1].find("x.yaml:2:8: exact is 'maybe'; expected true or false") == 0);
  CHECK(problems[2].find("x.yaml:3:1: tau is not a known key") == 0);
  CHECK(problems[3].find("x.yaml:4:7: V_th is 'high'") == 0);
}

TEST_CASE("a key given twice is told with the line it was first given at") {
  CHECK(problems_of("tau_m: 1\nV_th: 2\ntau_m: 3\n") ==
        Texts{"x.yaml:3:1: tau_m is given twice; expected once, first given at line 1"});
}

TEST_CASE("a problem found by two readers of one map is told once") {
  auto document = ConfigDocument::from_text("tau: 1\n", "x.yaml");
  const ConfigNode root(document);
  read_parameters(root, membrane);
  read_parameters(root, membrane, {.others = {"other"}});
  CHECK(document.problem_count() == 1);
}

TEST_CASE("text that is not YAML is refused with its place") {
  for (const std::string text : {"a: [1, 2\n", "a: b: c\n", "\tb: 1\n", "a: 'open\n", "a: *b\n",
                                 "? [1, 2]\n: 3\n", "a: 1\n---\nb: 2\n"}) {
    CAPTURE(text);
    const auto problems = problems_of(text);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("x.yaml:") == 0);
  }
}

TEST_CASE("a file that is no map is refused") {
  CHECK(problems_of("").size() == 1);
  CHECK(problems_of("- 1\n- 2\n").size() == 1);
  CHECK(problems_of("42\n").size() == 1);
}

TEST_CASE("aliases stand for what they name, and cannot fill the memory") {
  const auto values = values_of_text("tau_m: &t 7.0\nV_th: *t\n");
  CHECK(std::get<double>(values.at("V_th")) == 7.0);
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int k = 1; k < 12; ++k) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", k,
                        k - 1);
  }
  const auto problems = problems_of(bomb);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("200,000 values") != std::string::npos);
}

TEST_CASE("deep nesting is refused, not a crash") {
  for (const char bracket : {'[', '{'}) {
    std::string text("key: ");
    text.append(100000, bracket);
    CHECK_FALSE(problems_of(text).empty());
  }
}

TEST_CASE("an override replaces a value, and its problems name it") {
  CHECK(std::get<double>(values_of_text("tau_m: 1\n", {"tau_m=5"}).at("tau_m")) == 5.0);
  CHECK(std::get<double>(values_of_text("V_th: 1\n", {"tau_m=5"}).at("tau_m")) == 5.0);
  CHECK(problems_of("V_th: 1\n", {"tau_m=-5"}) ==
        Texts{"--set tau_m=-5: tau_m is -5; expected a real number greater than 0 ms"});
  CHECK(problems_of("V_th: 1\n", {"tau_n=5"}) ==
        Texts{"--set tau_n=5: tau_n is not a known key; did you mean 'tau_m'?"});
  CHECK(problems_of("V_th: 1\n", {"tau_m"}).size() == 1);
  CHECK(problems_of("V_th: 1\n", {"=5"}).size() == 1);
  CHECK(problems_of("V_th: 1\n", {"V_th.deep=5"}) ==
        Texts{"--set V_th.deep=5: V_th is 1; expected a map, to set 'deep' in it"});
}

TEST_CASE("an override reaches into lists and makes the maps it needs") {
  auto document = ConfigDocument::from_text("list: [{a: 1}, {a: 2}]\n", "x.yaml",
                                            Texts{"list.1.a=9", "new.deep.key=[1, 2]"});
  CHECK(document.resolved() == "list:\n  - a: 1\n  - a: 9\nnew:\n  deep:\n    key: [1, 2]\n");
  CHECK_THROWS_AS(ConfigDocument::from_text("l: [1]\n", "x", Texts{"l.1=2"}).require_valid(),
                  InvalidConfig);
  CHECK_THROWS_AS(ConfigDocument::from_text("l: [1]\n", "x", Texts{"l.x=2"}).require_valid(),
                  InvalidConfig);
}

TEST_CASE("the resolved configuration shows every default and reads back to itself") {
  auto document = ConfigDocument::from_text("tau_m: 20.0\n", "x.yaml");
  read_parameters(ConfigNode(document), membrane);
  const auto resolved = document.resolved();
  CHECK(resolved == "tau_m: 20.0\nV_th: -55.0\nsize: 1\nexact: true\nlabel: \"\"\nreset: hard\n");
  auto again = ConfigDocument::from_text(resolved, "x.yaml");
  read_parameters(ConfigNode(again), membrane);
  again.require_valid();
  CHECK(again.resolved() == resolved);
}

struct Shape {
  std::string name;
  std::vector<Parameter> parameters;
};

Registry<Shape> shapes() {
  Registry<Shape> registry("shape");
  registry.add("circle",
               {"circle", {{"radius", "mm", ParameterType::real, 1.0, positive, {}, ""}}});
  registry.add("point", {"point", {}});
  return registry;
}

std::string shape_problem(const std::string& text) {
  auto document = ConfigDocument::from_text(text, "x.yaml");
  CHECK_FALSE(read_chosen(ConfigNode(document)["shape"], shapes()).has_value());
  try {
    document.require_valid();
  } catch (const InvalidConfig& error) {
    REQUIRE(error.problems().size() == 1);
    return error.problems()[0];
  }
  return "no problem";
}

TEST_CASE("a choice is a bare name or one name with its parameters") {
  for (const std::string text : {"shape: circle\n", "shape: {circle: {radius: 1}}\n",
                                 "shape: {circle: }\n", "shape:\n  circle: {}\n"}) {
    CAPTURE(text);
    auto document = ConfigDocument::from_text(text, "x.yaml");
    const auto chosen = read_chosen(ConfigNode(document)["shape"], shapes());
    document.require_valid();
    REQUIRE(chosen);
    CHECK(chosen->name == "circle");
  }
}

TEST_CASE("a wrong choice is told with the nearest right one") {
  CHECK(shape_problem("shape: circel\n") ==
        "x.yaml:1:8: shape is 'circel', an unknown shape; did you mean 'circle'?");
  CHECK(shape_problem("shape: {circel: {}}\n") ==
        "x.yaml:1:9: shape is 'circel', an unknown shape; did you mean 'circle'?");
  CHECK(shape_problem("shape: {circle: {radius: 0}}\n") ==
        "x.yaml:1:26: shape.circle.radius is 0; expected a real number greater than 0 mm");
  CHECK(shape_problem("shape: {circle: {}, point: {}}\n").find("expected one shape") !=
        std::string::npos);
  CHECK(shape_problem("shape: 3\n").find("shape is 3; expected a shape: circle, point") !=
        std::string::npos);
  CHECK(shape_problem("shape: [circle]\n").find("is a list of 1") != std::string::npos);
}

TEST_CASE("a schema holds the types, bounds and defaults of the declarations") {
  const auto schema = schema_of_map(membrane, {}, {"tau_m"});
  CHECK(schema["properties"]["tau_m"]["type"] == "number");
  CHECK(schema["properties"]["tau_m"]["exclusiveMinimum"] == 0.0);
  CHECK(schema["properties"]["tau_m"]["default"] == 10.0);
  CHECK(schema["properties"]["reset"]["enum"] == std::vector<std::string>{"hard", "soft"});
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["required"] == std::vector<std::string>{"tau_m"});
}

}  // namespace
}  // namespace ranvier
