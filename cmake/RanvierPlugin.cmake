# How a model's header becomes part of a library, in the tree and outside it.

# ranvier_registration_units(<out-var> <folder> <header>...)
#
# Writes into <folder> one translation unit per header, in which the header's last line
# (RANVIER_NEURON, RANVIER_STIMULUS) registers its model, and lists them in <out-var>. A header
# without such a line yields an empty unit.
function(ranvier_registration_units out_var folder)
  set(units "")
  foreach(header IN LISTS ARGN)
    get_filename_component(path "${header}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    file(RELATIVE_PATH name "${CMAKE_CURRENT_SOURCE_DIR}" "${path}")
    string(MAKE_C_IDENTIFIER "${name}" name)
    set(unit "${folder}/${name}.cpp")
    file(CONFIGURE OUTPUT "${unit}" CONTENT "#define RANVIER_INSTANTIATE_MODELS \"@path@\"
#include \"@path@\"
" @ONLY)
    list(APPEND units "${unit}")
  endforeach()
  # GCC would split the loop over the neurons of a population at every comparison that its body asks
  # twice, and could not vectorise it then.
  set_source_files_properties(${units} PROPERTIES COMPILE_OPTIONS
                                                  "$<$<CXX_COMPILER_ID:GNU>:-fno-thread-jumps>")
  set(${out_var}
      "${units}"
      PARENT_SCOPE)
endfunction()

# ranvier_add_plugin(<name> <header>...)
#
# Builds lib<name>.so from models that lie outside Ranvier's tree. `plugins: [lib<name>.so]` in a
# configuration, or ranvier.load_plugin in Python, makes them known by name.
function(ranvier_add_plugin name)
  ranvier_registration_units(units "${CMAKE_CURRENT_BINARY_DIR}/${name}_registration" ${ARGN})
  add_library(${name} MODULE ${units})
  target_link_libraries(${name} PRIVATE ranvier::ranvier)
endfunction()
