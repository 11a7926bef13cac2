#include "networks/stages/convolution.hpp"

#include <algorithm>

#include "core/matrix.hpp"

namespace ranvier {
namespace {

std::size_t checked_groups(const ConvolutionParameters& p, const Shape& input,
                           const std::string& where) {
  const auto groups = static_cast<std::size_t>(p.groups);
  if (input.channels % groups != 0 || static_cast<std::size_t>(p.filters) % groups != 0) {
    throw InvalidValue(
        fmt::format("{}: {} groups do not divide {} channels and {} filters; expected a divisor of "
                    "both",
                    where, groups, input.channels, p.filters));
  }
  return groups;
}

const SynapseLearning& checked_learning(const SynapseLearning& learning, const std::string& where) {
  if (learning.weight_rule == "backpropagation") return learning;
  throw Unsupported(fmt::format("{}: a convolution learns by backpropagation, not by '{}'", where,
                                learning.weight_rule));
}

}  // namespace

std::vector<Field<ConvolutionParameters>> ConvolutionParameters::fields() {
  using P = ConvolutionParameters;
  auto fields = synapse_fields<P>();
  fields.push_back(integer("filters", &P::filters, at_least_one, "channels of the output"));
  fields.push_back(integer("kernel", &P::kernel, at_least_one, "width and height of a filter"));
  fields.push_back(integer("stride", &P::stride, at_least_one,
                           "distance of neighbouring places of a filter on the input"));
  fields.push_back(integer("padding", &P::padding, non_negative,
                           "width of the border of zeros around the input"));
  fields.push_back(
      integer("groups", &P::groups, at_least_one, "groups of channels that do not see each other"));
  return fields;
}

template <class Real>
ConvolutionStage<Real>::ConvolutionStage(const ConvolutionParameters& parameters,
                                         const SynapseLearning& learning, Shape input,
                                         const std::string& where)
    : input_(input),
      filters_(static_cast<std::size_t>(parameters.filters)),
      groups_(checked_groups(parameters, input, where)),
      plane_(plane_window(input, parameters.kernel, parameters.stride, parameters.padding, where)),
      sparse_(plane_, channels_per_group(), filters_per_group()),
      weights_(parameters, checked_learning(learning, where), filters_, patch()) {}

template <class Real>
std::vector<std::size_t> ConvolutionStage<Real>::weight_shape() const {
  return {filters_, channels_per_group(), plane_.kernel, plane_.kernel};
}

template <class Real>
void ConvolutionStage<Real>::gather(std::span<const Real> channels, std::span<Real> columns) const {
  std::ranges::fill(columns, Real(0));
  Real* column = columns.data();
  for (std::size_t c = 0; c < channels_per_group(); ++c) {
    const Real* from = channels.data() + c * input_.area();
    for (std::size_t i = 0; i < plane_.kernel; ++i) {
      for (std::size_t j = 0; j < plane_.kernel; ++j, column += plane_.places()) {
        const auto ys = plane_.rows(i), xs = plane_.columns(j);
        for (std::size_t y = ys.first; y < ys.second; ++y) {
          const Real* row = from + (y * plane_.stride + i - plane_.padding) * plane_.width;
          Real* to = column + y * plane_.out_width;
          for (std::size_t x = xs.first; x < xs.second; ++x) {
            to[x] = row[x * plane_.stride + j - plane_.padding];
          }
        }
      }
    }
  }
}

template <class Real>
void ConvolutionStage<Real>::scatter(std::span<const Real> columns,
                                     std::span<Real> channels) const {
  std::ranges::fill(channels, Real(0));
  const Real* column = columns.data();
  for (std::size_t c = 0; c < channels_per_group(); ++c) {
    Real* to = channels.data() + c * input_.area();
    for (std::size_t i = 0; i < plane_.kernel; ++i) {
      for (std::size_t j = 0; j < plane_.kernel; ++j, column += plane_.places()) {
        const auto ys = plane_.rows(i), xs = plane_.columns(j);
        for (std::size_t y = ys.first; y < ys.second; ++y) {
          Real* row = to + (y * plane_.stride + i - plane_.padding) * plane_.width;
          const Real* from = column + y * plane_.out_width;
          for (std::size_t x = xs.first; x < xs.second; ++x) {
            row[x * plane_.stride + j - plane_.padding] += from[x];
          }
        }
      }
    }
  }
}

/// Group after group, as a group's weights serve all rows.
template <class Real>
void ConvolutionStage<Real>::forward(const StagePass<Real>& pass, std::span<Real> output) const {
  auto& room = pass.record.sparse;
  const std::size_t channel_values = channels_per_group() * input_.area();
  const std::size_t filter_values = filters_per_group() * plane_.places();
  const auto bias = weights_.bias(pass.numbers.trained);
  for (std::size_t group = 0; group < groups_; ++group) {
    const auto weights = of_group(weights_.weights(pass.numbers.trained), group);
    sparse_.arrange(weights, room);
    for (std::size_t row = 0; row < pass.input.rows(); ++row) {
      const std::size_t part = row * groups_ + group;
      const auto channels = pass.input.values.subspan(part * channel_values, channel_values);
      const auto sums = output.subspan(part * filter_values, filter_values);
      if (sparse_.take(channels, room.filled)) {
        sparse_.multiply(channels, room, sums);
      } else {
        const auto columns = columns_of(channels, pass.record.scratch);
        matrix_view(sums, filters_per_group()).noalias() =
            matrix_view(weights, filters_per_group()) * matrix_view(columns, patch());
      }
      if (weights_.has_bias()) add_bias(bias.subspan(group * filters_per_group()), sums);
    }
  }
}

template <class Real>
void ConvolutionStage<Real>::add_bias(std::span<const Real> bias, std::span<Real> sums) const {
  auto by_filter = matrix_view(sums, filters_per_group());
  for (std::size_t f = 0; f < filters_per_group(); ++f) {
    by_filter.row(static_cast<Eigen::Index>(f)).array() += bias[f];
  }
}

template <class Real>
std::span<const Real> ConvolutionStage<Real>::columns_of(std::span<const Real> channels,
                                                         std::vector<Real>& room) const {
  room.resize(patch() * plane_.places());
  gather(channels, room);
  return room;
}

template <class Real>
void ConvolutionStage<Real>::backward(const StagePass<Real>& pass,
                                      const StageGradients<Real>& gradients) const {
  const std::size_t filter_values = filters_per_group() * plane_.places();
  for (std::size_t group = 0; group < groups_; ++group) {
    learn(pass, gradients, group);
  }
  if (weights_.has_bias()) {
    const auto grad_bias = weights_.grad_bias(gradients.grad_trained);
    for (std::size_t at = 0; at < gradients.grad_output.size(); at += plane_.places()) {
      Real sum{};
      for (const Real e : gradients.grad_output.subspan(at, plane_.places())) sum += e;
      grad_bias[at / plane_.places() % filters_] += sum;
    }
  }
  if (gradients.grad_input.empty()) return;
  const std::size_t channel_values = channels_per_group() * input_.area();
  const auto feedback = weights_.feedback(pass.numbers, pass.record.feedback);
  auto& columns = pass.record.scratch;
  columns.resize(patch() * plane_.places());
  for (std::size_t part = 0; part < pass.input.rows() * groups_; ++part) {
    matrix_view(std::span(columns), patch()).noalias() =
        matrix_view(of_group(feedback, part % groups_), filters_per_group()).transpose() *
        matrix_view(gradients.grad_output.subspan(part * filter_values, filter_values),
                    filters_per_group());
    scatter(columns, gradients.grad_input.subspan(part * channel_values, channel_values));
  }
}

/// The gradient of a group's weights.
template <class Real>
void ConvolutionStage<Real>::learn(const StagePass<Real>& pass,
                                   const StageGradients<Real>& gradients, std::size_t group) const {
  auto& room = pass.record.sparse;
  const std::size_t channel_values = channels_per_group() * input_.area();
  const std::size_t filter_values = filters_per_group() * plane_.places();
  const auto gradient = of_group(weights_.grad_weights(gradients.grad_trained), group);
  sparse_.begin_gradient(room);
  for (std::size_t row = 0; row < pass.input.rows(); ++row) {
    const std::size_t part = row * groups_ + group;
    const auto channels = pass.input.values.subspan(part * channel_values, channel_values);
    const auto errors = gradients.grad_output.subspan(part * filter_values, filter_values);
    if (sparse_.take(channels, room.filled)) {
      sparse_.add_products(channels, errors, room);
    } else {
      matrix_view(gradient, filters_per_group()).noalias() +=
          matrix_view(errors, filters_per_group()) *
          matrix_view(columns_of(channels, pass.record.scratch), patch()).transpose();
    }
  }
  sparse_.end_gradient(room, gradient);
}

template <class Real>
std::optional<LinearMap> ConvolutionStage<Real>::linear(const StageNumbers<Real>& numbers) const {
  const auto weights = weights_.weights(numbers.trained);
  const auto bias = weights_.bias(numbers.trained);
  const std::size_t kernel = plane_.kernel;
  LinearMap map;
  map.inputs = input_.size();
  const auto add_row = [&](std::size_t filter, std::size_t y, std::size_t x) {
    const std::size_t first_channel = filter / filters_per_group() * channels_per_group();
    for (std::size_t e = 0; e < patch(); ++e) {
      const std::size_t c = e / (kernel * kernel), i = e / kernel % kernel, j = e % kernel;
      // Counted from the border; what lies on it is no synapse.
      const std::size_t row = y * plane_.stride + i, column = x * plane_.stride + j;
      if (row < plane_.padding || row >= plane_.padding + plane_.height) continue;
      if (column < plane_.padding || column >= plane_.padding + plane_.width) continue;
      const std::size_t source =
          ((first_channel + c) * plane_.height + row - plane_.padding) * plane_.width + column -
          plane_.padding;
      map.source.push_back(static_cast<std::uint32_t>(source));
      map.weight.push_back(static_cast<double>(weights[filter * patch() + e]));
    }
    map.end_row(bias.empty() ? 0.0 : static_cast<double>(bias[filter]));
  };
  for (std::size_t f = 0; f < filters_; ++f) {
    for (std::size_t y = 0; y < plane_.out_height; ++y) {
      for (std::size_t x = 0; x < plane_.out_width; ++x) add_row(f, y, x);
    }
  }
  return map;
}

template class ConvolutionStage<float>;
template class ConvolutionStage<double>;

}  // namespace ranvier
