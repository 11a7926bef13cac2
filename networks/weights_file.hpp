#pragma once

/// Weights of a layered network in an HDF5 file, an array for each tensor, trained or not:
/// "weights/<layer>.<tensor>", as `ranvier.Sequential.save` names them, or "weights/<layer>/<tensor>",
/// as the results.h5 of `ranvier run` does.

#include <filesystem>

#include "networks/sequential.hpp"

namespace ranvier {

/// Fills all tensors of the network from the file; what else it holds does not matter. Throws
/// FileNotFound, CorruptFile, or InvalidValue, naming the tensor, where one is missing or of another
/// size.
void read_weights(const std::filesystem::path& file, Sequential<float>& network);

}  // namespace ranvier
