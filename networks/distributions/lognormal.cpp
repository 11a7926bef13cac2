/// lognormal: exp of a normal with mean `mu` and standard deviation `sigma`, times `scale`, so that a
/// negative scale gives inhibitory weights.

#include "core/lane_math.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

class Lognormal final : public ValueSource {
 public:
  struct Parameters {
    double mu = 0.0;
    double sigma = 1.0;
    double scale = 1.0;

    static std::vector<Field<Parameters>> fields() {
      return {real("mu", &Parameters::mu, "", any_real, "mean of the logarithm"),
              real("sigma", &Parameters::sigma, "", non_negative,
                   "standard deviation of the logarithm"),
              real("scale", &Parameters::scale, "", any_real, "factor on the value")};
    }
  };
  Lognormal(const Parameters& p, std::string_view /*where*/) : p_(p) {}

  double value(std::uint64_t key, const RandomStream& stream) const override {
    return exponentiated(draws_for(key, stream).normal());
  }

  void values(std::span<const std::uint64_t> keys, const RandomStream& stream,
              std::span<double> out) const override {
    stream.normals(keys, out);
    for (double& x : out) x = exponentiated(x);
  }

 private:
  double exponentiated(double z) const { return p_.scale * lane_exp(p_.mu + p_.sigma * z); }

  Parameters p_;
};

const auto& registered = add_distribution<Lognormal>("lognormal", "exponential of a Gaussian");

}  // namespace
}  // namespace ranvier
