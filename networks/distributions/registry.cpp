#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

class Constant final : public ValueSource {
 public:
  struct Parameters {
    double value = 0.0;

    static std::vector<Field<Parameters>> fields() {
      return {real("value", &Parameters::value, "", any_real, "the value")};
    }
  };
  explicit Constant(const Parameters& p, std::string_view /*where*/ = {}) : value_(p.value) {}

  double value(std::uint64_t /*key*/, const RandomStream& /*stream*/) const override {
    return value_;
  }
  void values(std::span<const std::uint64_t> /*keys*/, const RandomStream& /*stream*/,
              std::span<double> out) const override {
    std::ranges::fill(out, value_);
  }
  std::optional<double> constant() const override { return value_; }

 private:
  double value_;
};

class Listed final : public ValueSource {
 public:
  explicit Listed(std::vector<double> values) : values_(std::move(values)) {}

  double value(std::uint64_t key, const RandomStream& /*stream*/) const override {
    if (key < values_.size()) return values_[key];
    throw InvalidValue(
        fmt::format("a list of {} values has none for number {}; expected one for "
                    "each neuron or synapse",
                    values_.size(), key));
  }
  std::optional<std::uint64_t> size() const override { return values_.size(); }

 private:
  std::vector<double> values_;
};

const auto& registered = add_distribution<Constant>("constant", "the same value everywhere");

}  // namespace

Registry<DistributionKind>& distributions() {
  static Registry<DistributionKind> registry("distribution");
  return registry;
}

ValueSourcePtr constant_value(double value) {
  return std::make_shared<Constant>(Constant::Parameters{value});
}

ValueSourcePtr listed_values(std::vector<double> values) {
  return std::make_shared<Listed>(std::move(values));
}

}  // namespace ranvier
