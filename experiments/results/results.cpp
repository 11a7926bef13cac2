#include "experiments/results/results.hpp"

#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <sys/utsname.h>

#include "core/files/sonata.hpp"
#include "core/files/write_file.hpp"
#include "core/version.hpp"

namespace ranvier {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

void store(hdf5::Group& group, const std::string& name, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    group.set_attribute(name, *text);
  } else if (const auto* real = std::get_if<double>(&value)) {
    group.set_attribute(name, *real);
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    group.set_attribute(name, *whole);
  } else {
    group.set_attribute(name, static_cast<std::int64_t>(std::get<bool>(value)));
  }
}

}  // namespace

std::string machine_description() {
  utsname system{};
  uname(&system);
  return fmt::format("{}, {} cores, {} {}, {}", processor(), std::thread::hardware_concurrency(),
                     system.sysname, system.release, system.nodename);
}

Results::Results(const std::filesystem::path& into) : folder(into), file(into / "results.h5") {
  mark_as_sonata(file);
}

void Results::write(std::string_view configuration) {
  file.set_attribute("configuration", configuration);
  file.set_attribute("ranvier_version", version);
  file.set_attribute("build", build_description);
  file.set_attribute("machine", machine_description());
  auto group = file.create_group("metrics");
  for (const auto& [name, value] : metrics.entries()) {
    if (value) store(group, name, *value);
  }
  file.commit();
  write_file(folder / "metrics.json", metrics.to_json());
}

}  // namespace ranvier
