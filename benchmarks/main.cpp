#include <iostream>

#include "benchmarks/bench_command.hpp"
#include "experiments/command_line/command.hpp"

int main(int count, char** words) {
  return ranvier::ranvier_main({words + 1, words + count}, std::cout, std::cerr,
                               {ranvier::bench_command()});
}
