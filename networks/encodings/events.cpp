/// Event encoding: a sample's own events are its spikes, each in the step its time falls into,
///
///     t = floor(time / step),   0 <= t < T;
///
/// events outside the window are not shown (`survey` counts them).

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/encoding.hpp"

namespace ranvier {
namespace {

enum class Bins { binary, counts };

struct EventParameters {
  int bins = static_cast<int>(Bins::binary);

  static std::vector<Field<EventParameters>> fields() {
    return {choice(
        "bins", &EventParameters::bins, {"binary", "counts"},
        "several events of one address in one step: a single spike, or their number, with which "
        "a network is trained but not deployed")};
  }
};

template <class Real>
class EventEncoding final : public Encoding<Real> {
 public:
  explicit EventEncoding(const EventParameters& p) : bins_(static_cast<Bins>(p.bins)) {}

  bool reads_events() const override { return true; }
  bool constant() const override { return false; }

  void encode(std::span<const Real> values, const Presentation& presentation, bool /*smoothed*/,
              std::span<Real> activity) const override {
    require_events(presentation);
    const auto samples = presentation.samples.size();
    const auto width = samples == 0 ? 0 : values.size() / samples;
    std::fill(activity.begin(), activity.end(), Real(0));
    for (std::size_t b = 0; b < samples; ++b) {
      const auto& events = presentation.events[b];
      for (std::size_t e = 0; e < events.size(); ++e) {
        const double step = std::floor(events.times[e] / presentation.step);
        if (!(step >= 0.0 && step < static_cast<double>(presentation.steps))) continue;
        const auto row = static_cast<std::size_t>(step) * samples + b;
        auto& cell = activity[row * width + events.addresses[e]];
        cell = bins_ == Bins::counts ? cell + Real(1) : Real(1);
      }
    }
  }

  void backward(std::span<const Real> /*values*/, const Presentation&,
                std::span<const Real> /*grad_activity*/,
                std::span<Real> /*grad_values*/) const override {
    throw Unsupported("samples of events have no gradient: they are not values");
  }

 private:
  static void require_events(const Presentation& presentation) {
    if (presentation.events.size() == presentation.samples.size()) return;
    throw InvalidValue(fmt::format(
        "encoding 'events' was given {} lists of events for {} samples; expected one for each",
        presentation.events.size(), presentation.samples.size()));
  }

  Bins bins_;
};

[[maybe_unused]] const auto& registered = add_kind<EventEncoding, EventParameters>(
    encodings(), "events", "the events of the sample itself, binned at the step",
    "Orchard et al. 2015, Front. Neurosci. 9:437");

}  // namespace
}  // namespace ranvier
