#pragma once

/// The current-based leaky integrate-and-fire family from its postsynaptic potentials, in long
/// double and independent of the propagators under test.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace ranvier::testing {

enum class Synapses { delta, exponential, alpha };

struct ReferenceParameters {
  Synapses synapses = Synapses::exponential;
  long double E_L = -70.0L, C_m = 250.0L, tau_m = 10.0L, V_th = -55.0L, V_reset = -70.0L;
  long double t_ref = 2.0L, I_e = 0.0L;
  std::array<long double, 2> tau_syn{2.0L, 2.0L};
};

struct ReferenceInput {
  long double time;
  long double weight;
  std::size_t port;  ///< 0 excitatory, 1 inhibitory
};

/// (1/C) int_0^t exp(-(t-s)/tau_m) exp(-s/tau_s) ds, unequal time constants.
inline long double exponential_kernel(const ReferenceParameters& p, long double tau_s,
                                      long double t) {
  const long double b = 1.0L / p.tau_m - 1.0L / tau_s;
  return (std::exp(-t / tau_s) - std::exp(-t / p.tau_m)) / b / p.C_m;
}

/// (1/C) int_0^t exp(-(t-s)/tau_m) s exp(-s/tau_s) ds, unequal time constants.
inline long double ramp_kernel(const ReferenceParameters& p, long double tau_s, long double t) {
  const long double b = 1.0L / p.tau_m - 1.0L / tau_s;
  return (t * std::exp(-t / tau_s) / b -
          (std::exp(-t / tau_s) - std::exp(-t / p.tau_m)) / (b * b)) /
         p.C_m;
}

/// Membrane potential at a time t after the arrival of a weight of one.
inline long double postsynaptic_potential(const ReferenceParameters& p, std::size_t port,
                                          long double t) {
  const long double tau = p.tau_syn[port];
  switch (p.synapses) {
    case Synapses::delta: return std::exp(-t / p.tau_m);
    case Synapses::exponential: return exponential_kernel(p, tau, t);
    case Synapses::alpha: return std::exp(1.0L) / tau * ramp_kernel(p, tau, t);
  }
  return 0.0L;
}

/// Membrane that never fires: the sum of all postsynaptic potentials so far.
inline long double superposition(const ReferenceParameters& p,
                                 const std::vector<ReferenceInput>& inputs, long double t) {
  long double V = p.E_L - p.I_e * p.tau_m / p.C_m * std::expm1(-t / p.tau_m);
  for (const auto& input : inputs) {
    if (input.time <= t) V += input.weight * postsynaptic_potential(p, input.port, t - input.time);
  }
  return V;
}

/// Spike times: the membrane is scanned for its threshold and the crossing bisected.
class ReferenceNeuron {
 public:
  explicit ReferenceNeuron(const ReferenceParameters& p) : p_(p), V_(p.E_L) {}

  std::vector<long double> run(const std::vector<ReferenceInput>& inputs, long double end) {
    for (const auto& input : inputs) {
      advance_to(input.time);
      arrive(input);
    }
    advance_to(end);
    return spikes_;
  }

 private:
  static constexpr long double scan = 1.0L / 64.0L;  // ms

  long double V_after(long double t) const {
    const long double target = p_.E_L + p_.I_e * p_.tau_m / p_.C_m;
    long double V = target + (V_ - target) * std::exp(-t / p_.tau_m);
    for (std::size_t x = 0; x < 2; ++x) {
      V += I_[x] * exponential_kernel(p_, p_.tau_syn[x], t) +
           dI_[x] * ramp_kernel(p_, p_.tau_syn[x], t);
    }
    return V;
  }

  void move(long double t, bool held) {
    if (!held) V_ = V_after(t);
    for (std::size_t x = 0; x < 2; ++x) {
      const long double decay = std::exp(-t / p_.tau_syn[x]);
      I_[x] = (I_[x] + dI_[x] * t) * decay;
      dI_[x] *= decay;
    }
    now_ += t;
  }

  void advance_to(long double end) {
    while (now_ < end) {
      if (now_ < held_until_) {
        move(std::min(end, held_until_) - now_, true);
      } else {
        const long double step = std::min(scan, end - now_);
        if (V_after(step) >= p_.V_th) {
          move(crossing_before(step), false);
          fire();
        } else {
          move(step, false);
        }
      }
    }
  }

  long double crossing_before(long double high) const {
    long double low = 0.0L;
    for (int k = 0; k < 80; ++k) {
      const long double middle = 0.5L * (low + high);
      (V_after(middle) >= p_.V_th ? high : low) = middle;
    }
    return high;
  }

  void arrive(const ReferenceInput& input) {
    switch (p_.synapses) {
      case Synapses::delta:
        if (now_ >= held_until_) V_ += input.weight;
        break;
      case Synapses::exponential: I_[input.port] += input.weight; break;
      case Synapses::alpha:
        dI_[input.port] += input.weight * std::exp(1.0L) / p_.tau_syn[input.port];
        break;
    }
    if (now_ >= held_until_ && V_ >= p_.V_th) fire();
  }

  void fire() {
    spikes_.push_back(now_);
    V_ = p_.V_reset;
    held_until_ = now_ + p_.t_ref;
  }

  ReferenceParameters p_;
  long double now_ = 0.0L, held_until_ = -1.0L, V_;
  std::array<long double, 2> I_{}, dI_{};
  std::vector<long double> spikes_;
};

}  // namespace ranvier::testing
