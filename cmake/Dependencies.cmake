# Everything comes from the distribution; scripts/setup names the packages.

find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(fmt REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(Boost REQUIRED CONFIG COMPONENTS program_options)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SNDFILE REQUIRED sndfile)

# yaml-cpp gave its target a namespace in 0.8.
if(TARGET yaml-cpp::yaml-cpp)
  set(RANVIER_YAML_TARGET yaml-cpp::yaml-cpp)
else()
  set(RANVIER_YAML_TARGET yaml-cpp)
endif()

if(RANVIER_PYTHON)
  # The project's own environment comes before whatever python3 is first on the path.
  if(NOT DEFINED Python_EXECUTABLE AND EXISTS "${PROJECT_SOURCE_DIR}/.venv/bin/python")
    set(Python_EXECUTABLE "${PROJECT_SOURCE_DIR}/.venv/bin/python")
  endif()
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
  # pybind11 comes from the same environment: numpy 2 needs a newer one than distributions have.
  if(NOT DEFINED pybind11_ROOT)
    execute_process(
      COMMAND "${Python_EXECUTABLE}" -m pybind11 --cmakedir
      OUTPUT_VARIABLE pybind11_ROOT
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  find_package(pybind11 2.12 REQUIRED CONFIG)
endif()
