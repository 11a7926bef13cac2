#include "plasticity/error_transport.hpp"

#include "core/matrix.hpp"

namespace ranvier {
namespace {

/// The exact adjoint of the forward weights.
template <class Real>
class Transpose final : public ErrorTransport<Real> {
 public:
  explicit Transpose(const NoParameters&) {}

  void transport(std::size_t rows, std::span<const Real> weights, std::span<const Real> error,
                 std::span<Real> presynaptic) const override {
    const auto errors = matrix_view(error, rows);
    matrix_view(presynaptic, rows).noalias() =
        errors * matrix_view(weights, static_cast<std::size_t>(errors.cols()));
  }
};

Registry<Kind<ErrorTransport>> built_in() {
  Registry<Kind<ErrorTransport>> registry("error transport");
  add_kind<Transpose, NoParameters>(registry, "transpose", "the transpose of the forward weights",
                                    "Werbos 1990, Proc. IEEE 78:1550-1560");
  return registry;
}

}  // namespace

Registry<Kind<ErrorTransport>>& error_transports() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
