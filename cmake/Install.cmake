# What `cmake --install` puts where: library, command, headers of the rooms one can build on, and
# the package that find_package(ranvier) reads.

include(CMakePackageConfigHelpers)

install(
  TARGETS ranvier_library
  EXPORT ranvierTargets
  LIBRARY DESTINATION "${RANVIER_INSTALL_LIBDIR}")
foreach(room core neurons plasticity networks)
  install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/${room}"
    DESTINATION "${RANVIER_INSTALL_INCLUDEDIR}"
    FILES_MATCHING
    PATTERN "*.hpp")
endforeach()
install(FILES "${RANVIER_GENERATED_DIR}/core/version.hpp"
        DESTINATION "${RANVIER_INSTALL_INCLUDEDIR}/core")

if(SKBUILD)
  # The command of a wheel lies in the environment's bin folder, the library in its site-packages:
  # below lib in a virtual environment, in dist-packages in Debian's own, side by side after
  # `pip install --target`.
  set(python "python${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}")
  set(command_rpath "")
  foreach(packages "/lib/${python}/site-packages" "/lib/${python}/dist-packages" "")
    list(APPEND command_rpath "$ORIGIN/..${packages}/${RANVIER_INSTALL_LIBDIR}")
  endforeach()
  set(command_destination "${SKBUILD_SCRIPTS_DIR}")
else()
  # The library lies beside the command in the build folder, in lib once installed.
  set(command_rpath "$ORIGIN" "$ORIGIN/../${RANVIER_INSTALL_LIBDIR}")
  set(command_destination "${CMAKE_INSTALL_BINDIR}")
endif()
set_target_properties(ranvier_command PROPERTIES INSTALL_RPATH "${command_rpath}"
                                                 BUILD_WITH_INSTALL_RPATH ON)
install(TARGETS ranvier_command RUNTIME DESTINATION "${command_destination}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/ranvierConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/ranvierConfig.cmake"
  INSTALL_DESTINATION "${RANVIER_INSTALL_CMAKEDIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ranvierConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/ranvierConfig.cmake"
        "${PROJECT_BINARY_DIR}/ranvierConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/RanvierPlugin.cmake"
  DESTINATION "${RANVIER_INSTALL_CMAKEDIR}")
install(
  EXPORT ranvierTargets
  NAMESPACE ranvier::
  DESTINATION "${RANVIER_INSTALL_CMAKEDIR}")
