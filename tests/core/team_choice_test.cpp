/// The choice between a thread for each worker and one for all, on machines made up for it.

#include "core/runtime/team_choice.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

/// Runs so many seconds in which a step takes what is given; returns the share of time spent alone.
double share_alone(TeamChoice& choice, double together, double alone, double seconds) {
  constexpr double steps = 16.0;
  double spent = 0.0, spent_alone = 0.0;
  while (spent < seconds) {
    const bool is_alone = choice.alone();
    const double took = steps * (is_alone ? alone : together);
    choice.note(took, steps);
    spent += took;
    spent_alone += is_alone ? took : 0.0;
  }
  return spent_alone / spent;
}

}  // namespace

TEST_CASE("one thread serves all where threads only wait for each other") {
  TeamChoice choice;
  CHECK(share_alone(choice, 40e-6, 20e-6, 5.0) > 0.95);
}

TEST_CASE("every thread serves its own where that is faster") {
  TeamChoice choice;
  CHECK(share_alone(choice, 250e-6, 480e-6, 5.0) < 0.05);
}

TEST_CASE("the choice follows a machine that others leave") {
  TeamChoice choice;
  share_alone(choice, 40e-6, 20e-6, 5.0);
  share_alone(choice, 12e-6, 20e-6, 5.0);
  CHECK(share_alone(choice, 12e-6, 20e-6, 5.0) < 0.05);
}
