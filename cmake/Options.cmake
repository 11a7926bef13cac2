# What a builder may choose, and how every target of ours is compiled.

option(RANVIER_NATIVE "Compile for this machine's processor (-march=native)" ON)
option(RANVIER_WERROR "Treat warnings as errors" ON)
option(RANVIER_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(RANVIER_PYTHON "Build the Python package" ON)
option(RANVIER_CCACHE "Compile through ccache where it is installed" ON)
set(RANVIER_SANITIZE
    ""
    CACHE STRING "Sanitizers to compile in: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE
      Release
      CACHE STRING "Release or Debug" FORCE)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

# A fused multiply-add rounds once where a product and a sum round twice. The compiler would fuse in
# one runtime and not in another, and the three would no longer agree to the bit. What is switched
# off besides (errno, floating-point traps) changes no result. The options are public: users of the
# headers instantiate the same laws, and Eigen's alignment follows from the processor chosen.
set(RANVIER_ARITHMETIC_OPTIONS -ffp-contract=off -fno-math-errno -fno-trapping-math)
if(RANVIER_NATIVE)
  list(APPEND RANVIER_ARITHMETIC_OPTIONS -march=native)
endif()

list(JOIN RANVIER_ARITHMETIC_OPTIONS " " arithmetic)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}} ${arithmetic}" RANVIER_BUILD_FLAGS)

if(RANVIER_SANITIZE)
  add_compile_options(-fsanitize=${RANVIER_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${RANVIER_SANITIZE})
  if(RANVIER_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
else()
  # A missing definition is told where the library is linked, not by whoever loads it.
  string(APPEND CMAKE_SHARED_LINKER_FLAGS " -Wl,--no-undefined")
endif()

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(RANVIER_CCACHE AND CCACHE_PROGRAM)
  # Without this ccache refuses every file that uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE_PROGRAM}")
endif()

function(ranvier_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # At -O3 GCC 12 sees overflows in branches never taken (its bug 105651 is one of a family) and
    # unset values in its own AVX-512 intrinsics (105593). What the four look for, clang-tidy and
    # the sanitizers find.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict
                                             -Wno-stringop-overflow -Wno-maybe-uninitialized)
  endif()
  if(RANVIER_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# Where things are installed. A wheel carries the same tree inside its package folder.
if(SKBUILD)
  set(RANVIER_INSTALL_PREFIX "ranvier/")
else()
  set(RANVIER_INSTALL_PREFIX "")
endif()
set(RANVIER_INSTALL_LIBDIR "${RANVIER_INSTALL_PREFIX}${CMAKE_INSTALL_LIBDIR}")
set(RANVIER_INSTALL_CMAKEDIR "${RANVIER_INSTALL_LIBDIR}/cmake/ranvier")
set(RANVIER_INSTALL_INCLUDEDIR
    "${RANVIER_INSTALL_PREFIX}${CMAKE_INSTALL_INCLUDEDIR}/ranvier")
