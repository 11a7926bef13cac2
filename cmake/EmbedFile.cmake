# ranvier_embed_file(<out-cpp> <in-file> <symbol>)
#
# Writes <out-cpp>, which defines the bytes of <in-file> as
#   extern const unsigned char ranvier::embedded::<symbol>[];
#   extern const std::size_t   ranvier::embedded::<symbol>_size;
# A relative <out-cpp> lies in the current binary folder, a relative <in-file> in the current source
# folder. The file is rewritten only when the bytes change, so that a new configure compiles nothing.
function(ranvier_embed_file out_cpp in_file symbol)
  get_filename_component(source "${in_file}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  get_filename_component(output "${out_cpp}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  get_filename_component(source_name "${source}" NAME)
  if(NOT EXISTS "${source}")
    message(FATAL_ERROR "ranvier_embed_file: ${source} does not exist")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")

  file(READ "${source}" digits HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${digits}")
  set(byte "0x..,")
  string(REPEAT "${byte}" 16 row)
  string(REGEX REPLACE "(${row})" "\\1\n    " bytes "${bytes}")

  set(text "// The bytes of ${source_name}.
#include <cstddef>

namespace ranvier::embedded {

extern const unsigned char ${symbol}[];
extern const std::size_t ${symbol}_size;

const unsigned char ${symbol}[] = {
    ${bytes}};
const std::size_t ${symbol}_size = sizeof(${symbol});

}  // namespace ranvier::embedded
")
  set(present "")
  if(EXISTS "${output}")
    file(READ "${output}" present)
  endif()
  if(NOT present STREQUAL text)
    file(WRITE "${output}" "${text}")
  endif()
endfunction()
