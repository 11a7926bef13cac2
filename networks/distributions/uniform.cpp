/// uniform: between `low` and `high`.

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

class Uniform final : public ValueSource {
 public:
  struct Parameters {
    double low = 0.0;
    double high = 1.0;

    static std::vector<Field<Parameters>> fields() {
      return {real("low", &Parameters::low, "", any_real, "smallest value"),
              real("high", &Parameters::high, "", any_real, "largest value")};
    }
  };

  Uniform(const Parameters& p, std::string_view where) : p_(p) {
    if (p.low <= p.high) return;
    throw InvalidValue(
        fmt::format("low of {} is {}; expected at most high, which is {}", where, p.low, p.high));
  }

  double value(std::uint64_t key, const RandomStream& stream) const override {
    return scaled(draws_for(key, stream).uniform());
  }

  void values(std::span<const std::uint64_t> keys, const RandomStream& stream,
              std::span<double> out) const override {
    stream.uniforms(keys, out);
    for (double& x : out) x = scaled(x);
  }

 private:
  double scaled(double u) const { return p_.low + (p_.high - p_.low) * u; }

  Parameters p_;
};

const auto& registered = add_distribution<Uniform>("uniform", "any value of an interval alike");

}  // namespace
}  // namespace ranvier
