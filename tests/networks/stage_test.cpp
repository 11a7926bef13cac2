/// Stages one by one: what they compute, against loops over the definition, and their linear maps.

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "networks/stages/activation.hpp"
#include "networks/stages/batch_norm.hpp"
#include "networks/stages/convolution.hpp"
#include "networks/stages/dense.hpp"
#include "networks/stages/dropout.hpp"
#include "networks/stages/pool.hpp"
#include "plasticity/surrogate.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

std::vector<double> some_values(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(1.3 * static_cast<double>(i) + 0.4);
  return values;
}

/// The same with one value in five that is not zero.
std::vector<double> few_values(std::size_t count) {
  auto values = some_values(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i * 7 % 5 != 2) values[i] = 0.0;
  }
  return values;
}

/// A stage with numbers of its own, run on one row.
struct Alone {
  explicit Alone(std::unique_ptr<Stage<double>> s) : stage(std::move(s)) {
    std::size_t trained_count = 0, statistics_count = 0;
    for (const auto& tensor : stage->tensors()) trained_count += tensor.size();
    for (const auto& tensor : stage->statistics()) statistics_count += tensor.size();
    trained.resize(trained_count);
    statistics.resize(statistics_count);
    stage->initialise(3, 0, trained, statistics);
  }

  StageNumbers<double> numbers() const {
    return {.trained = trained, .statistics = statistics, .batch = batch, .batch_adjoint = {}};
  }

  std::vector<double> forward(const std::vector<double>& input, std::size_t rows = 1) {
    std::vector<double> output(rows * stage->shape().size());
    stage->forward({.window = window,
                    .numbers = numbers(),
                    .input = {input, rows, 1, false},
                    .threshold = *threshold,
                    .record = record},
                   output);
    return output;
  }

  struct Gradients {
    std::vector<double> trained, input;
  };

  /// After `forward` of the same rows.
  Gradients backward(const std::vector<double>& input, const std::vector<double>& grad_output,
                     std::size_t rows) {
    const auto output = forward(input, rows);
    Gradients gradients{.trained = std::vector<double>(trained.size()),
                        .input = std::vector<double>(input.size())};
    stage->backward({.window = window,
                     .numbers = numbers(),
                     .input = {input, rows, 1, false},
                     .threshold = *threshold,
                     .record = record},
                    {.output = output,
                     .grad_output = grad_output,
                     .grad_input = gradients.input,
                     .grad_trained = gradients.trained});
    return gradients;
  }

  std::unique_ptr<Stage<double>> stage;
  std::vector<double> trained, statistics, batch;
  ChunkWindow window;
  StageRecord<double> record;
  std::unique_ptr<Surrogate<double>> threshold = surrogates().at("fast_sigmoid").make<double>();
};

ConvolutionParameters convolution_of(std::int64_t filters, std::int64_t kernel, std::int64_t stride,
                                     std::int64_t padding, std::int64_t groups) {
  ConvolutionParameters p;
  p.filters = filters;
  p.kernel = kernel;
  p.stride = stride;
  p.padding = padding;
  p.groups = groups;
  return p;
}

/// The definition, term by term.
double convolved(const ConvolutionParameters& p, const Shape& in,
                 const std::vector<double>& weights, const std::vector<double>& input,
                 std::size_t f, std::size_t y, std::size_t x) {
  const auto k = static_cast<long>(p.kernel), s = static_cast<long>(p.stride),
             pad = static_cast<long>(p.padding);
  const auto channels = static_cast<long>(in.channels) / p.groups;
  const auto first = static_cast<long>(f) / (p.filters / p.groups) * channels;
  double sum = weights[static_cast<std::size_t>(p.filters * channels * k * k) + f];
  for (long c = 0; c < channels; ++c) {
    for (long i = 0; i < k; ++i) {
      for (long j = 0; j < k; ++j) {
        const long row = static_cast<long>(y) * s + i - pad,
                   column = static_cast<long>(x) * s + j - pad;
        if (row < 0 || column < 0 || row >= static_cast<long>(in.height) ||
            column >= static_cast<long>(in.width)) {
          continue;
        }
        const auto w = ((static_cast<long>(f) * channels + c) * k + i) * k + j;
        const auto at =
            ((first + c) * static_cast<long>(in.height) + row) * static_cast<long>(in.width) +
            column;
        sum += weights[static_cast<std::size_t>(w)] * input[static_cast<std::size_t>(at)];
      }
    }
  }
  return sum;
}

/// Rounding of sums of up to some hundred products of order one.
const double rounding = 1e-12;

void require_linear(Alone& alone, const std::vector<double>& input) {
  const auto map = alone.stage->linear(alone.numbers());
  REQUIRE(map.has_value());
  auto expected = product(*map, input);
  const auto output = alone.forward(input);
  REQUIRE(expected.size() == output.size());
  for (std::size_t i = 0; i < output.size(); ++i) {
    REQUIRE(output[i] == Approx(expected[i] + map->bias[i]).margin(rounding));
  }
}

}  // namespace

TEST_CASE("dense synapses give W x + b") {
  Alone dense(std::make_unique<DenseStage<double>>(DenseParameters{}, SynapseLearning{}, 2, 3));
  dense.trained = {0.1, 0.2, 0.3, -0.5, 0.5, 1.0, 0.05, -0.1};
  const auto output = dense.forward({1, 0, 1, 0, 1, 1}, 2);
  const std::vector<double> expected{0.45, 0.4, 0.55, 1.4};
  for (std::size_t i = 0; i < 4; ++i) REQUIRE(output[i] == Approx(expected[i]));
}

TEST_CASE("a convolution is the sum its definition says, of many values and of few") {
  const Shape in{4, 7, 6};
  const auto input = GENERATE_COPY(some_values(in.size()), few_values(in.size()));
  for (const auto& p : {convolution_of(6, 3, 1, 1, 1), convolution_of(4, 3, 2, 0, 2),
                        convolution_of(4, 5, 2, 3, 4), convolution_of(3, 1, 3, 0, 1)}) {
    Alone stage(std::make_unique<ConvolutionStage<double>>(p, SynapseLearning{}, in, "test"));
    for (std::size_t i = 0; i < stage.trained.size(); ++i) {
      stage.trained[i] = std::cos(static_cast<double>(i));
    }
    const auto output = stage.forward(input);
    const auto shape = stage.stage->shape();
    REQUIRE(shape.height ==
            (7 + 2 * static_cast<std::size_t>(p.padding) - static_cast<std::size_t>(p.kernel)) /
                    static_cast<std::size_t>(p.stride) +
                1);
    for (std::size_t f = 0; f < shape.channels; ++f) {
      for (std::size_t y = 0; y < shape.height; ++y) {
        for (std::size_t x = 0; x < shape.width; ++x) {
          REQUIRE(output[(f * shape.height + y) * shape.width + x] ==
                  Approx(convolved(p, in, stage.trained, input, f, y, x)).margin(rounding));
        }
      }
    }
    require_linear(stage, input);
  }
}

TEST_CASE("the gradients of a convolution are those of its sum, for many values and for few") {
  const Shape in{4, 7, 6};
  constexpr std::size_t rows = 2;
  auto input = GENERATE_COPY(some_values(rows * in.size()), few_values(rows * in.size()));
  for (const auto& p : {convolution_of(6, 3, 1, 1, 1), convolution_of(4, 3, 2, 0, 2),
                        convolution_of(4, 5, 2, 3, 4), convolution_of(3, 1, 3, 0, 1)}) {
    Alone stage(std::make_unique<ConvolutionStage<double>>(p, SynapseLearning{}, in, "test"));
    const auto errors = some_values(rows * stage.stage->shape().size());
    const auto gradients = stage.backward(input, errors, rows);
    // The sum of errors times output is linear in each number: a step of one is its derivative.
    const auto derivative = [&](double& x) {
      const double before = x;
      const auto here = stage.forward(input, rows);
      x += 1.0;
      const auto there = stage.forward(input, rows);
      x = before;
      return std::inner_product(errors.begin(), errors.end(), there.begin(), 0.0) -
             std::inner_product(errors.begin(), errors.end(), here.begin(), 0.0);
    };
    for (std::size_t i = 0; i < stage.trained.size(); ++i) {
      REQUIRE(gradients.trained[i] == Approx(derivative(stage.trained[i])).margin(rounding));
    }
    for (std::size_t i = 0; i < input.size(); i += 5) {
      REQUIRE(gradients.input[i] == Approx(derivative(input[i])).margin(rounding));
    }
  }
}

TEST_CASE("a convolution that cannot be is refused") {
  const auto make = [](const ConvolutionParameters& p) {
    return ConvolutionStage<double>(p, {}, {4, 5, 5}, "layer 'conv'");
  };
  REQUIRE_THROWS_WITH(make(convolution_of(6, 3, 1, 0, 4)),
                      Catch::Contains("layer 'conv': 4 groups do not divide 4 channels and 6"));
  REQUIRE_THROWS_WITH(
      make(convolution_of(6, 8, 1, 1, 1)),
      Catch::Contains("does not fit into an input of 4 x 5 x 5; expected a size of at "
                      "most 7"));
}

TEST_CASE("pools take the mean or the maximum of a square") {
  const Shape in{2, 4, 5};
  const auto input = some_values(in.size());
  Alone mean(std::make_unique<PoolStage<double>>(PoolParameters{}, Pooling::average, in, "test"));
  Alone maximum(
      std::make_unique<PoolStage<double>>(PoolParameters{}, Pooling::maximum, in, "test"));
  REQUIRE(mean.stage->shape() == Shape{2, 2, 2});
  const auto means = mean.forward(input), maxima = maximum.forward(input);
  for (std::size_t out = 0; out < 8; ++out) {
    const std::size_t corner = out / 4 * 20 + out / 2 % 2 * 10 + out % 2 * 2;
    const std::vector<double> square{input[corner], input[corner + 1], input[corner + 5],
                                     input[corner + 6]};
    REQUIRE(means[out] == Approx(std::accumulate(square.begin(), square.end(), 0.0) / 4));
    REQUIRE(maxima[out] == *std::ranges::max_element(square));
  }
  require_linear(mean, input);
  REQUIRE_FALSE(maximum.stage->linear(maximum.numbers()).has_value());
}

TEST_CASE("batch normalisation brings channels to its shift and scale, and remembers") {
  const Shape shape{2, 1, 3};
  Alone norm(std::make_unique<BatchNormStage<double>>(BatchNormParameters{}, shape));
  norm.trained = {2.0, 0.5, 1.0, -1.0};
  norm.window.epoch = 1;
  const auto input = some_values(4 * shape.size());
  const auto& stage = *norm.stage->over_batch();
  norm.batch.resize(stage.sums());
  stage.collect({input, 4, 1, false}, norm.batch);
  stage.settle(12, norm.batch);
  const auto output = norm.forward(input, 4);
  for (std::size_t c = 0; c < 2; ++c) {
    double mean = 0.0, square = 0.0, in_mean = 0.0, in_square = 0.0;
    for (std::size_t row = 0; row < 4; ++row) {
      for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t at = (row * 2 + c) * 3 + i;
        mean += output[at] / 12;
        square += output[at] * output[at] / 12;
        in_mean += input[at] / 12;
        in_square += input[at] * input[at] / 12;
      }
    }
    const double variance = in_square - in_mean * in_mean;
    REQUIRE(mean == Approx(norm.trained[2 + c]).margin(rounding));
    REQUIRE(square - mean * mean ==
            Approx(norm.trained[c] * norm.trained[c] * variance / (variance + 1e-5)));
    stage.update(norm.batch, 12, norm.statistics);
    // A tenth of the way from (0, 1); the second channel's second step is not looked at.
    if (c > 0) continue;
    REQUIRE(norm.statistics[0] == Approx(0.1 * in_mean));
    REQUIRE(norm.statistics[2] == Approx(0.9 + 0.1 * variance * 12 / 11));
  }
  norm.window.epoch = 0;
  require_linear(norm, some_values(shape.size()));
}

TEST_CASE("dropout silences its share, the same in every step, and none in evaluation") {
  constexpr std::size_t n = 20000;
  Alone dropout(std::make_unique<DropoutStage<double>>(0.3, Shape{n}, 4));
  const std::vector<std::uint32_t> samples{17};
  dropout.window = {.seed = 5, .epoch = 2, .samples = samples};
  const std::vector<double> ones(2 * n, 1.0);
  const auto output = dropout.forward(ones, 2);
  const auto silent = std::count(output.begin(), output.begin() + n, 0.0);
  // Binomial: 6000 with a deviation of 65; five of them.
  REQUIRE(std::abs(static_cast<double>(silent) - 6000.0) < 5 * 65.0);
  REQUIRE(std::equal(output.begin(), output.begin() + n, output.begin() + n));
  REQUIRE(*std::ranges::max_element(output) == Approx(1.0 / 0.7));
  dropout.window.epoch = 3;
  REQUIRE(dropout.forward(ones, 2) != output);
  dropout.window.epoch = 0;
  REQUIRE(dropout.forward(ones, 2) == ones);
}

TEST_CASE("quantised activations and their straight-through gradients follow their formulas") {
  // Levels 0, 0.5, 1, 1.5, 2 for QCFS with lambda 2, L 4; 0, 0.5, 1, 1.5 for LSQ with s 0.5, Q 3.
  const std::vector<double> z{-0.3, 0.2, 0.3, 0.9, 1.26, 1.7, 1.8, 2.4};
  const std::vector<double> grad{1, 2, 3, 4, 5, 6, 7, 8};
  const auto qcfs = activations().at("qcfs").make<double>({{"levels", std::int64_t{4}}});
  std::vector<double> y(z.size()), grad_z(z.size());
  qcfs->forward(z, 2.0, y);
  REQUIRE(y == std::vector<double>{0, 0, 0.5, 1, 1.5, 1.5, 2, 2});
  double slope = qcfs->backward(z, y, 2.0, 100, grad, grad_z);
  REQUIRE(grad_z == std::vector<double>{0, 2, 3, 4, 5, 6, 7, 0});
  // sum of grad (y - z)/lambda inside, grad y/lambda outside.
  const double expected =
      (2 * -0.2 + 3 * 0.2 + 4 * 0.1 + 5 * 0.24 + 6 * -0.2 + 7 * 0.2 + 8 * 2) / 2;
  REQUIRE(slope == Approx(expected));

  const auto lsq = activations().at("lsq").make<double>({{"bits", std::int64_t{2}}});
  lsq->forward(z, 0.5, y);
  REQUIRE(y == std::vector<double>{0, 0, 0.5, 1, 1.5, 1.5, 1.5, 1.5});
  slope = lsq->backward(z, y, 0.5, 100, grad, grad_z);
  REQUIRE(grad_z == std::vector<double>{0, 2, 3, 4, 5, 0, 0, 0});
  const double inside = 2 * -0.2 + 3 * 0.2 + 4 * 0.1 + 5 * 0.24;
  REQUIRE(slope == Approx((inside + (6 + 7 + 8) * 1.5) / 0.5 / std::sqrt(300.0)));
}

TEST_CASE("equal runs are equal to the bit wherever their buffers lie") {
  constexpr std::size_t steps = 5, samples = 2;
  const auto on_places = [&](const Stage<float>& stage, std::size_t inputs) {
    std::size_t count = 0;
    for (const auto& tensor : stage.tensors()) count += tensor.size();
    std::vector<float> parameters(count), values(steps * samples * inputs);
    stage.initialise(9, 0, parameters, {});
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = std::sin(0.7F * static_cast<float>(i));
    const auto threshold = surrogates().at("fast_sigmoid").make<float>();
    std::vector<float> first_output, first_gradient, first_grad_input;
    for (std::size_t offset = 0; offset < 16; ++offset) {
      std::vector<float> a(count + 16), b(count + 16), c(values.size() + 16), d(values.size() + 16);
      const auto moved = std::span(a).subspan(offset, count);
      const auto gradient = std::span(b).subspan(15 - offset, count);
      const auto input = std::span(c).subspan(offset / 2, values.size());
      const auto grad_input = std::span(d).subspan(offset, values.size());
      std::ranges::copy(parameters, moved.begin());
      std::ranges::copy(values, input.begin());
      const StageNumbers<float> numbers{
          .trained = moved, .statistics = {}, .batch = {}, .batch_adjoint = {}};
      const Activity<float> activity{input, steps, samples, false};
      StageRecord<float> record;
      std::vector<float> output(steps * samples * stage.shape().size()), grad(output.size());
      const StagePass<float> pass{.window = {},
                                  .numbers = numbers,
                                  .input = activity,
                                  .threshold = *threshold,
                                  .record = record};
      stage.forward(pass, output);
      for (std::size_t i = 0; i < grad.size(); ++i) grad[i] = std::cos(static_cast<float>(i));
      stage.backward(pass, {.output = output,
                            .grad_output = grad,
                            .grad_input = grad_input,
                            .grad_trained = gradient});
      if (offset == 0) {
        first_output = output;
        first_gradient.assign(gradient.begin(), gradient.end());
        first_grad_input.assign(grad_input.begin(), grad_input.end());
      }
      CAPTURE(inputs, offset);
      REQUIRE(output == first_output);
      REQUIRE(std::ranges::equal(gradient, first_gradient));
      REQUIRE(std::ranges::equal(grad_input, first_grad_input));
    }
  };
  for (const std::size_t inputs : {3, 17, 64}) {
    on_places(DenseStage<float>(DenseParameters{}, {}, 13, inputs), inputs);
  }
  on_places(ConvolutionStage<float>(convolution_of(5, 3, 1, 1, 1), {}, {3, 5, 7}, "test"), 105);
}

TEST_CASE("initial weights have the variance of their rule and the biases are zero") {
  constexpr std::size_t inputs = 300, size = 200;
  for (int rule = 0; rule < 4; ++rule) {
    DenseParameters p;
    p.initialisation = rule;
    p.gain = 0.7;
    const bool kaiming = rule < 2;
    const DenseStage<double> stage(p, {}, size, inputs);
    std::vector<double> w(inputs * size + size, 1.0);
    stage.initialise(5, 1, w, {});
    const double variance = 0.49 / (kaiming ? double(inputs) : 0.5 * (inputs + size));
    double mean = 0.0, square = 0.0;
    for (std::size_t i = 0; i < inputs * size; ++i) mean += w[i], square += w[i] * w[i];
    mean /= inputs * size;
    square /= inputs * size;
    // Five standard errors; the fourth moment is at most three times the squared variance.
    REQUIRE(std::abs(mean) < 5 * std::sqrt(variance / (inputs * size)));
    REQUIRE(std::abs(square - variance) < 5 * variance * std::sqrt(2.0 / (inputs * size)));
    REQUIRE(std::all_of(w.begin() + inputs * size, w.end(), [](double b) { return b == 0.0; }));
  }
}

TEST_CASE("errors return by the matrix their transport says") {
  const std::vector<double> weights{0.3, -0.2, 0.0, 0.5, 0.1, -0.7};
  std::vector<double> scratch;
  const auto signs = error_transports().at("sign_symmetric").make<double>();
  const auto matrix = signs->matrix(weights, {}, 2, scratch);
  const double c = 1.0 / std::sqrt(3.0);
  REQUIRE(std::vector<double>(matrix.begin(), matrix.end()) ==
          std::vector<double>{c, -c, 0.0, c, c, -c});

  Alone dense(std::make_unique<DenseStage<double>>(
      DenseParameters{}, SynapseLearning{.error_transport = "feedback_alignment"}, 2, 3));
  REQUIRE(dense.statistics.size() == 6);
  REQUIRE(std::ranges::all_of(dense.statistics, [&](double x) { return std::abs(x) < c; }));
  const std::vector<double> input{1, 2, 3}, grad{0.5, -1.0};
  std::vector<double> output(2), grad_input(3), gradient(8);
  dense.stage->backward(
      {.window = {},
       .numbers = dense.numbers(),
       .input = {input, 1, 1, false},
       .threshold = *dense.threshold,
       .record = dense.record},
      {.output = output, .grad_output = grad, .grad_input = grad_input, .grad_trained = gradient});
  for (std::size_t j = 0; j < 3; ++j) {
    REQUIRE(grad_input[j] == Approx(0.5 * dense.statistics[j] - dense.statistics[3 + j]));
    REQUIRE(gradient[j] == Approx(0.5 * input[j]));
  }
}
