/// The model of the inner ear against its closed forms.

#include "networks/cochlea.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

#include "core/error.hpp"
#include "networks/gammatone.hpp"
#include "tests/catch.hpp"

namespace ranvier {
namespace {

using Catch::Matchers::Contains;

constexpr double rate = 16000.0;
constexpr double two_pi = 2.0 * std::numbers::pi;

std::vector<float> tone(double frequency, double seconds, double amplitude = 0.1) {
  std::vector<float> sound(static_cast<std::size_t>(std::lround(seconds * rate)));
  for (std::size_t m = 0; m < sound.size(); ++m) {
    sound[m] = static_cast<float>(amplitude *
                                  std::sin(two_pi * frequency * static_cast<double>(m) / rate));
  }
  return sound;
}

/// Fourier transform of the impulse response at one frequency.
std::complex<double> measured_response(double centre, double frequency) {
  Gammatone filter(centre, rate);
  std::complex<double> sum = 0.0;
  for (int m = 0; m < 8000; ++m) {
    const double h = filter.step(m == 0 ? 1.0 : 0.0);
    sum += h * std::polar(1.0, -two_pi * frequency * m / rate);
  }
  return sum;
}

/// Spikes of each channel.
std::vector<std::size_t> counts_of(const EventList& spikes, std::size_t channels) {
  std::vector<std::size_t> counts(channels);
  for (const auto channel : spikes.addresses) ++counts[channel];
  return counts;
}

}  // namespace

TEST_CASE("the ERB and its number are Glasberg and Moore's") {
  // Their own example: 132.6 Hz wide at 1 kHz, 15.6 bandwidths below it.
  CHECK(erb_bandwidth(1000.0) == Approx(132.639));
  CHECK(erb_number(1000.0) == Approx(15.62).margin(0.01));
  for (const double f : {50.0, 1000.0, 7000.0}) {
    CHECK(frequency_of_erb_number(erb_number(f)) == Approx(f));
    // One more bandwidth's number is the slope that the bandwidth is the inverse of, to 1 %: the
    // published constants are rounded.
    const double slope = (erb_number(f + 0.01) - erb_number(f - 0.01)) / 0.02;
    CHECK(slope * erb_bandwidth(f) == Approx(1.0).epsilon(0.01));
  }
}

TEST_CASE("centre frequencies lie at equal distances in ERB number") {
  const auto frequencies = erb_spaced(100.0, 7000.0, 40);
  REQUIRE(frequencies.size() == 40);
  CHECK(frequencies.front() == Approx(100.0));
  CHECK(frequencies.back() == Approx(7000.0));
  const double distance = erb_number(frequencies[1]) - erb_number(frequencies[0]);
  for (std::size_t k = 1; k < 40; ++k) {
    CHECK(erb_number(frequencies[k]) - erb_number(frequencies[k - 1]) == Approx(distance));
  }
}

TEST_CASE("the filter's impulse response has the spectrum of the closed form") {
  for (const double centre : {150.0, 1000.0, 5000.0}) {
    for (const double ratio : {0.5, 0.9, 1.0, 1.1, 1.5}) {
      const double frequency = ratio * centre;
      const auto expected = Gammatone(centre, rate).response(frequency);
      CHECK(std::abs(measured_response(centre, frequency) - expected) < 1e-9);
    }
  }
}

TEST_CASE("the filter passes its centre frequency whole and halves the power where it should") {
  for (const double centre : {300.0, 1000.0, 4000.0}) {
    const Gammatone filter(centre, rate);
    // What the mirror image of the band adds at f_c is at most (b / 2 f_c)^4 < 2e-3 of it.
    CHECK(std::abs(filter.response(centre)) == Approx(1.0).epsilon(0.002));
    // |1 + i d / b|^-4 = 1 / sqrt 2 at d = b sqrt(2^(1/4) - 1); the sampled filter's poles put it
    // there to b^2 / rate^2 and the mirror image to the above.
    const double half_width = 1.019 * erb_bandwidth(centre) * std::sqrt(std::pow(2.0, 0.25) - 1.0);
    for (const double sign : {-1.0, 1.0}) {
      CHECK(std::abs(filter.response(centre + sign * half_width)) ==
            Approx(std::sqrt(0.5)).epsilon(0.02));
    }
  }
}

TEST_CASE("a pure tone excites the channel that listens to it most") {
  CochleaParameters parameters;
  parameters.channels = 32;
  parameters.highest = 7000.0;
  const auto frequencies = erb_spaced(parameters.lowest, parameters.highest, 32);
  for (const std::size_t channel : {4UL, 15UL, 27UL}) {
    const auto sound = tone(frequencies[channel], 0.3);
    const auto response = cochleagram(sound, rate, parameters);
    REQUIRE(response.frequencies == frequencies);
    REQUIRE(response.activity.size() == 32 * sound.size());
    std::vector<double> mean;
    for (std::size_t c = 0; c < 32; ++c) {
      const auto row = std::span(response.activity).subspan(c * sound.size(), sound.size());
      mean.push_back(std::accumulate(row.begin(), row.end(), 0.0));
    }
    CHECK(std::ranges::max_element(mean) - mean.begin() == static_cast<std::ptrdiff_t>(channel));
    const auto counts = counts_of(cochlea_spikes(sound, rate, parameters), 32);
    // Compression brings a neighbour close enough to win a spike by its phase.
    CHECK(counts[channel] + 1 >= std::ranges::max(counts));
    CHECK(counts[channel] > counts[channel == 4 ? 20 : 4] + 5);
  }
}

TEST_CASE("a steady drive makes a fibre fire at the rate of the closed form") {
  // A tone far above the cutoff is a steady drive but for a ripple; its mean is measured. With
  // linear compression a strong tone drives the fibre at g y, which it crosses every
  // tau log(g y / (g y - 1)) + t_ref.
  CochleaParameters parameters;
  parameters.channels = 1;
  parameters.lowest = parameters.highest = 4000.0;
  parameters.compression = 1.0;
  parameters.cutoff = 20.0;
  parameters.gain = 50.0;
  const auto sound = tone(4000.0, 2.0);
  const auto response = cochleagram(sound, rate, parameters);
  const auto last = std::span(response.activity).last(8000);
  const double drive = parameters.gain * std::accumulate(last.begin(), last.end(), 0.0) / 8000.0;
  REQUIRE(drive > 1.5);
  const double interval = parameters.tau_m * std::log(drive / (drive - 1.0)) + parameters.t_ref;
  const auto spikes = cochlea_spikes(sound, rate, parameters);
  double first = 0.0, final_spike = 0.0;
  std::size_t count = 0;
  for (const double t : spikes.times) {
    if (t < 1000.0) continue;
    if (count++ == 0) first = t;
    final_spike = t;
  }
  REQUIRE(count > 10);
  // Spikes wait for the next of the samples, 1/16 ms apart: half of it on average.
  CHECK((final_spike - first) / static_cast<double>(count - 1) ==
        Approx(interval + 0.5 / 16.0).margin(0.05));
}

TEST_CASE("the level of a recording makes no difference unless it is asked to") {
  CochleaParameters parameters;
  const auto loud = cochlea_spikes(tone(500.0, 0.1, 0.5), rate, parameters);
  const auto soft = cochlea_spikes(tone(500.0, 0.1, 0.0625), rate, parameters);
  CHECK(loud.times == soft.times);  // a factor of 8 is exact in binary numbers
  parameters.level = 0.0;
  CHECK(cochlea_spikes(tone(500.0, 0.1, 0.0625), rate, parameters).size() <
        cochlea_spikes(tone(500.0, 0.1, 0.5), rate, parameters).size());
}

TEST_CASE("spikes are in order, repeatable, and none for silence") {
  const CochleaParameters parameters;
  const auto sound = tone(800.0, 0.2);
  const auto once = cochlea_spikes(sound, rate, parameters);
  const auto again = cochlea_spikes(sound, rate, parameters);
  REQUIRE(once.size() > 0);
  CHECK(once.times == again.times);
  CHECK(once.addresses == again.addresses);
  CHECK(std::ranges::is_sorted(once.times));
  CHECK_FALSE(once.reordered);
  CHECK(cochlea_spikes(std::vector<float>(1000), rate, parameters).size() == 0);
}

TEST_CASE("a cochlea that does not fit the sound is refused") {
  const auto sound = tone(500.0, 0.05);
  const auto refused = [&](const CochleaParameters& parameters, double at_rate,
                           const std::string& reason) {
    CHECK_THROWS_AS(cochlea_spikes(sound, at_rate, parameters), InvalidValue);
    CHECK_THROWS_WITH(cochleagram(sound, at_rate, parameters), Contains(reason));
  };
  CochleaParameters parameters;
  refused(parameters, 7000.0, "less than 3500 Hz, half the sampling rate");
  refused(parameters, 0.0, "sampling rate of 0 Hz");
  parameters.lowest = 4000.0;
  refused(parameters, rate, "at most the highest");
  parameters = {};
  parameters.compression = 0.0;
  refused(parameters, rate, "compression");
  auto broken = sound;
  broken[7] = std::nanf("");
  CHECK_THROWS_WITH(cochlea_spikes(broken, rate, {}), Contains("not finite"));
}

}  // namespace ranvier
