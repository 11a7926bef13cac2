#pragma once

/// Weights of a layered network in a file, as `ranvier.Sequential.save` writes them: HDF5, an array
/// "weights/<layer>.<tensor>" of single precision for each tensor, trained or not.

#include <filesystem>

#include "networks/sequential.hpp"

namespace ranvier {

/// Fills all tensors of the network from the file; what else it holds does not matter. Throws
/// FileNotFound, CorruptFile, or InvalidValue, naming the tensor, where one is missing or of another
/// size.
void read_weights(const std::filesystem::path& file, Sequential<float>& network);

}  // namespace ranvier
