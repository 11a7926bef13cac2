#include <cstdio>
#include <exception>
#include <string>

#include "core/error.hpp"
#include "core/neuron_model.hpp"
#include "core/plugin.hpp"
#include "core/version.hpp"

/// Knows the built-in models, then also those of the plugin given as its argument.
int main(int argc, char** argv) try {
  if (argc != 2) throw ranvier::InvalidValue("consumer takes the path of one plugin");
  auto& models = ranvier::neuron_models();
  if (!models.contains("lif")) throw ranvier::UnknownName("the installed library has no lif");
  if (models.contains("leaky_plugin")) throw ranvier::Error("the plugin's model came too early");
  ranvier::load_plugin(argv[1]);
  const auto& model = models.at("leaky_plugin");
  std::printf("ranvier %s: %s\n", std::string(ranvier::version).c_str(), model.summary.c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
