#include "networks/encoding.hpp"

namespace ranvier {

Registry<Kind<Encoding>>& encodings() {
  static Registry<Kind<Encoding>> registry("encoding");
  return registry;
}

}  // namespace ranvier
