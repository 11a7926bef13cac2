#pragma once

/// Configurations that the build puts into the command (cmake/EmbedFile.cmake), so that it needs no
/// folder configs/ beside it.

#include <array>
#include <cstddef>
#include <string_view>

namespace ranvier::embedded {

extern const unsigned char brunel_yaml[], brunel_stdp_yaml[], coba_yaml[], cuba_yaml[],
    microcircuit_yaml[], sparse_yaml[], construction_yaml[];
extern const std::size_t brunel_yaml_size, brunel_stdp_yaml_size, coba_yaml_size, cuba_yaml_size,
    microcircuit_yaml_size, sparse_yaml_size, construction_yaml_size;

struct Configuration {
  std::string_view name;
  const unsigned char* bytes;
  std::size_t size;
};

inline std::array<Configuration, 7> configurations() {
  return {{{"brunel", brunel_yaml, brunel_yaml_size},
           {"brunel_stdp", brunel_stdp_yaml, brunel_stdp_yaml_size},
           {"coba", coba_yaml, coba_yaml_size},
           {"construction", construction_yaml, construction_yaml_size},
           {"cuba", cuba_yaml, cuba_yaml_size},
           {"microcircuit", microcircuit_yaml, microcircuit_yaml_size},
           {"sparse", sparse_yaml, sparse_yaml_size}}};
}

}  // namespace ranvier::embedded
