#pragma once

/// What a neuron model is: a flow with jumps, written once, used by every runtime.
///
/// A model is a class with this anatomy (neurons/iaf_psc_exp.hpp is a good one to read first):
///
///     struct MyModel {
///       static constexpr ModelInfo info{...};             name, summary, equations, source
///       struct Parameters {                               each declared once, with unit and bounds
///         double tau_m = 10.0;
///         static std::vector<Field<Parameters>> fields();
///       };
///       template <class X> struct State { X V_m{}; static constexpr auto fields(); };
///       static constexpr std::array ports{Port{...}};     where events may arrive
///       static State<double> rest(const Parameters&);     the state at time zero
///       template <class Real> struct Law {                what is constant over a stretch dt (ms)
///         Law(const Parameters&, double dt);
///         template <class X> void flow(State<X>&) const;  dt without events
///         template <class X> void hold(State<X>&) const;  dt while refractory
///         template <class X> void jump(State<X>&, const std::array<X, n>& arrived,
///                                      bool refractory) const;   the sum that arrived per port
///         template <class X> X excess(const State<X>&) const;    fires where this is >= 0
///         template <class X> void reset(State<X>&, X spike) const;
///       };                                                spike: 0 or 1; in training, between
///       static double refractory_period(const Parameters&);      ms
///     };
///     RANVIER_NEURON(MyModel)
///
/// A model without a threshold says `static constexpr bool spiking = false;` and leaves out
/// `excess` and `reset`; its output is its first state variable. For the `event` runtime a spiking
/// model adds one of
///
///       static double next_crossing(const Parameters&, const State<double>&);    closed form, ms
///       static CrossingBounds bounds(const Parameters&, const State<double>&, double dt);
///       static constexpr bool fires_only_on_arrival = true;
///
/// and may add what tells at little cost that a neuron will not fire, so that no crossing is sought:
///
///       struct Ceiling {                                  made once for each set of parameters
///         explicit Ceiling(const Parameters&);
///         double highest_excess(const State<double>&) const;   never below the excess of a state
///       };                                                     left alone, rounding included
///
/// A law whose flow has rare cases that would keep a loop over neurons from vectorising may tell them
/// from the others, for which `flow` must then do what `flow_simply` does:
///
///         template <class X> bool flows_simply(const State<X>&) const;
///         template <class X> void flow_simply(State<X>&) const;    of any state, without branches;
///                                                          what it makes of a rare one is dropped
///
/// and, for parameters other than weights that training may change,
///
///       static constexpr std::array<std::string_view, n> trained_parameters{...};    all positive
///
/// which asks that the members of Law are all of type Real.
///
/// A last state variable called I_stim is moved by stimulus devices only. Training has none and
/// leaves it out.
///
/// `X` is float or double in simulation, those or a dual number in training: a law must not branch on
/// anything but comparisons and must call `exp` and friends unqualified. Its coefficients are computed
/// in doubles and rounded to `Real` once.

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier {

class EventDynamics;
template <class Real>
class ClockDynamics;
template <class Real>
class GradientDynamics;
struct PopulationParameters;
class TimeGrid;
struct EventTime;

struct ModelInfo {
  std::string_view name;
  std::string_view summary;
  std::string_view equations;
  std::string_view source;
};

/// Which weights a port takes. A conductance cannot be negative, a current can.
enum class WeightSign { any, excitatory, inhibitory };

struct Port {
  std::string_view name;
  std::string_view unit;
  WeightSign sign;
  std::string_view doc;
};

/// A state variable: its name, unit and the member that holds it.
template <class S, class X>
struct StateField {
  std::string_view name;
  std::string_view unit;
  X S::*member;
  std::string_view doc;
};

/// What bounds the threshold crossing of a state left alone for `dt`: an upper bound of the excess
/// over [0, dt], and a lower bound of its derivative there (per ms).
struct CrossingBounds {
  double highest_excess;
  double lowest_slope;
};

template <class M>
inline constexpr bool is_spiking = [] {
  if constexpr (requires { M::spiking; }) {
    return static_cast<bool>(M::spiking);
  } else {
    return true;
  }
}();

template <class M>
inline constexpr std::size_t port_count = M::ports.size();

template <class M>
inline constexpr std::size_t state_count = M::template State<double>::fields().size();

template <class M>
concept HasClosedCrossing = requires(const typename M::Parameters& p,
                                     const typename M::template State<double>& s) {
  { M::next_crossing(p, s) } -> std::same_as<double>;
};

template <class M>
concept HasCrossingBounds = requires(const typename M::Parameters& p,
                                     const typename M::template State<double>& s) {
  { M::bounds(p, s, 1.0) } -> std::same_as<CrossingBounds>;
};

template <class M>
concept FiresOnlyOnArrival = requires {
  requires M::fires_only_on_arrival;
};

template <class M>
concept HasCeiling = requires(const typename M::Parameters& p,
                              const typename M::template State<double>& s) {
  { typename M::Ceiling(p).highest_excess(s) } -> std::same_as<double>;
};

/// A model's Ceiling, or nothing where it has none.
template <class M>
struct CeilingOfModel {
  struct None {};
  using type = None;
};
template <HasCeiling M>
struct CeilingOfModel<M> {
  using type = typename M::Ceiling;
};
template <class M>
using CeilingOf = typename CeilingOfModel<M>::type;

template <class M>
concept RunsOnEvents =
    !is_spiking<M> || HasClosedCrossing<M> || HasCrossingBounds<M> || FiresOnlyOnArrival<M>;

/// State variables that move without stimulus devices: all but a last one called I_stim.
template <class M>
inline constexpr std::size_t trained_state_count = [] {
  constexpr auto fields = M::template State<double>::fields();
  return fields.back().name == "I_stim" ? fields.size() - 1 : fields.size();
}();

template <class M>
concept HasTrainedParameters = requires {
  { M::trained_parameters.size() } -> std::convertible_to<std::size_t>;
};

/// A model may opt out of training: `static constexpr bool trainable = false;`.
template <class M>
concept Trainable = !requires {
  requires !M::trainable;
};

template <class M>
concept NeuronModelClass = requires(const typename M::Parameters& p,
                                    typename M::template State<double>& s,
                                    const typename M::template Law<double>& law,
                                    const std::array<double, port_count<M>>& arrived) {
  { M::info } -> std::convertible_to<const ModelInfo&>;
  { M::rest(p) } -> std::same_as<typename M::template State<double>>;
  { M::refractory_period(p) } -> std::convertible_to<double>;
  typename M::template Law<double>;
  law.flow(s);
  law.hold(s);
  law.jump(s, arrived, false);
};

/// A state variable as users see it.
struct StateVariable {
  std::string name;
  std::string unit;
  std::string doc;
};

/// A model as the registry holds it: described in words, and able to make its dynamics for each
/// runtime. A runtime the model does not support has an empty maker.
struct NeuronModel {
  std::string name{};
  std::string summary{};
  std::string equations{};
  std::string source{};
  std::vector<Parameter> parameters{};
  std::vector<StateVariable> state{};
  std::vector<Port> ports{};
  std::vector<std::string> trained_parameters{};  ///< that training may change, beside weights
  bool spiking = true;

  std::function<void(const PopulationParameters&, std::size_t n, const std::string& where)>
      validate{};
  std::function<std::unique_ptr<ClockDynamics<float>>(const PopulationParameters&, std::size_t n,
                                                      const TimeGrid& grid)>
      make_clock_float{};
  std::function<std::unique_ptr<ClockDynamics<double>>(const PopulationParameters&, std::size_t n,
                                                       const TimeGrid& grid)>
      make_clock_double{};
  /// The last argument tells that neurons may be refractory though their parameters have no period.
  std::function<std::unique_ptr<EventDynamics>(const PopulationParameters&, std::size_t n,
                                               const EventTime& time, bool refractoriness)>
      make_event{};
  /// The last argument names the parameters to differentiate by, of `trained_parameters`.
  std::function<std::unique_ptr<GradientDynamics<float>>(const PopulationParameters&, std::size_t n,
                                                         double resolution,
                                                         const std::vector<std::string>& trained)>
      make_gradient_float{};
  std::function<std::unique_ptr<GradientDynamics<double>>(const PopulationParameters&,
                                                          std::size_t n, double resolution,
                                                          const std::vector<std::string>& trained)>
      make_gradient_double{};

  template <class Real>
  const auto& make_gradient() const {
    if constexpr (std::is_same_v<Real, float>) {
      return make_gradient_float;
    } else {
      return make_gradient_double;
    }
  }

  std::size_t port_index(std::string_view port) const;       ///< throws UnknownName
  std::size_t state_index(std::string_view variable) const;  ///< throws UnknownName
};

/// All neuron models known to this process, built in and loaded from plugins.
Registry<NeuronModel>& neuron_models();

}  // namespace ranvier

/// The last line of a model's header. It registers the model in the one translation unit per header
/// that the build generates for that purpose, and elsewhere checks that the class is a model.
#ifdef RANVIER_INSTANTIATE_MODELS
#include "core/model_registration.hpp"
#define RANVIER_NEURON(Model)                  \
  static_assert(NeuronModelClass<Model>);      \
  namespace {                                  \
  const NeuronRegistration<Model> registered_; \
  }
#else
#define RANVIER_NEURON(Model) static_assert(NeuronModelClass<Model>);
#endif
