/// normal, and its two ways of staying inside an interval: `normal_clipped` moves what falls outside
/// to the nearer end, `normal_redrawn` draws again.

#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

struct NormalParameters {
  double mean = 0.0;
  double std = 1.0;

  static std::vector<Field<NormalParameters>> fields() {
    return {real("mean", &NormalParameters::mean, "", any_real, "mean"),
            real("std", &NormalParameters::std, "", non_negative, "standard deviation")};
  }
};

struct BoundedNormalParameters {
  double mean = 0.0;
  double std = 1.0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  static std::vector<Field<BoundedNormalParameters>> fields() {
    using P = BoundedNormalParameters;
    return {real("mean", &P::mean, "", any_real, "mean before bounding"),
            real("std", &P::std, "", non_negative, "standard deviation before bounding"),
            real("low", &P::low, "", any_real, "smallest value"),
            real("high", &P::high, "", any_real, "largest value")};
  }
};

void check_interval(const BoundedNormalParameters& p, std::string_view where) {
  if (p.low <= p.high) return;
  throw InvalidValue(
      fmt::format("low of {} is {}; expected at most high, which is {}", where, p.low, p.high));
}

class Normal final : public ValueSource {
 public:
  using Parameters = NormalParameters;
  Normal(const Parameters& p, std::string_view /*where*/) : p_(p) {}

  double value(std::uint64_t key, const RandomStream& stream) const override {
    return scaled(draws_for(key, stream).normal());
  }

  void values(std::span<const std::uint64_t> keys, const RandomStream& stream,
              std::span<double> out) const override {
    stream.normals(keys, out);
    for (double& x : out) x = scaled(x);
  }

 private:
  double scaled(double z) const { return p_.mean + p_.std * z; }

  Parameters p_;
};

class ClippedNormal final : public ValueSource {
 public:
  using Parameters = BoundedNormalParameters;
  ClippedNormal(const Parameters& p, std::string_view where) : p_(p) { check_interval(p, where); }

  double value(std::uint64_t key, const RandomStream& stream) const override {
    return clipped(draws_for(key, stream).normal());
  }

  void values(std::span<const std::uint64_t> keys, const RandomStream& stream,
              std::span<double> out) const override {
    stream.normals(keys, out);
    for (double& x : out) x = clipped(x);
  }

 private:
  double clipped(double z) const {
    const double x = p_.mean + p_.std * z;
    const double raised = x < p_.low ? p_.low : x;
    return raised > p_.high ? p_.high : raised;
  }

  Parameters p_;
};

class RedrawnNormal final : public ValueSource {
 public:
  using Parameters = BoundedNormalParameters;
  RedrawnNormal(const Parameters& p, std::string_view where) : p_(p) {
    check_interval(p, where);
    constexpr double least_chance = 1e-3;
    if (chance() >= least_chance) return;
    throw InvalidValue(
        fmt::format("{} redraws a normal of mean {} and std {} until it falls between {} and {}, "
                    "where {:.1e} of "
                    "it lies; expected at least {:.0e}",
                    where, p.mean, p.std, p.low, p.high, chance(), least_chance));
  }

  double value(std::uint64_t key, const RandomStream& stream) const override {
    auto draws = draws_for(key, stream);
    for (;;) {
      const double value = scaled(draws.normal());
      if (is_inside(value)) return value;
    }
  }

  /// The first draws of all keys together; the few that fall outside one by one.
  void values(std::span<const std::uint64_t> keys, const RandomStream& stream,
              std::span<double> out) const override {
    stream.normals(keys, out);
    for (double& x : out) x = scaled(x);
    for (std::size_t k = 0; k < out.size(); ++k) {
      if (!is_inside(out[k])) out[k] = value(keys[k], stream);
    }
  }

 private:
  double scaled(double z) const { return p_.mean + p_.std * z; }
  bool is_inside(double x) const { return x >= p_.low && x <= p_.high; }

  /// Share of the normal that lies in the interval.
  double chance() const {
    if (p_.std == 0.0) return p_.mean >= p_.low && p_.mean <= p_.high ? 1.0 : 0.0;
    const auto below = [&](double x) {
      return 0.5 * std::erfc((p_.mean - x) / (p_.std * std::numbers::sqrt2));
    };
    return below(p_.high) - below(p_.low);
  }

  Parameters p_;
};

const auto& normal = add_distribution<Normal>("normal", "Gaussian");
const auto& clipped = add_distribution<ClippedNormal>(
    "normal_clipped", "Gaussian; values outside an interval move to its nearer end");
const auto& redrawn = add_distribution<RedrawnNormal>(
    "normal_redrawn", "Gaussian; values outside an interval are drawn again");

}  // namespace
}  // namespace ranvier
