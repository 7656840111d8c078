# The installed package: headers, CMake package in share/cmake/gelu, pkg-config files. All paths in
# it are relative to where it lies, so an install tree may be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(gelu_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/gelu")

# INCLUDES: CMake before 3.23 knows no file sets, and a user may have such a CMake.
install(TARGETS gelu EXPORT gelu-targets FILE_SET HEADERS
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS gelu_eigen EXPORT gelu-eigen-targets)
set(gelu_exports gelu-targets gelu-eigen-targets)
# The one part that is compiled for an architecture.
set(gelu_architecture ARCH_INDEPENDENT)
if(GELU_BUILD_DISPATCH)
    set(gelu_architecture "")
    install(TARGETS gelu_dispatch EXPORT gelu-dispatch-targets
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    list(APPEND gelu_exports gelu-dispatch-targets)
endif()
foreach(export IN LISTS gelu_exports)
    install(EXPORT ${export} NAMESPACE gelu:: DESTINATION "${gelu_package_dir}")
endforeach()

configure_package_config_file(cmake/gelu-config.cmake.in
    "${CMAKE_CURRENT_BINARY_DIR}/gelu-config.cmake" INSTALL_DESTINATION "${gelu_package_dir}"
    NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break its users; from then on only a major version may.
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(gelu_compatibility SameMinorVersion)
else()
    set(gelu_compatibility SameMajorVersion)
endif()
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/gelu-config-version.cmake"
    COMPATIBILITY ${gelu_compatibility} ${gelu_architecture})
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/gelu-config.cmake"
    "${CMAKE_CURRENT_BINARY_DIR}/gelu-config-version.cmake" cmake/gelu-xsimd.cmake
    DESTINATION "${gelu_package_dir}")

# gelu_install_pkg_config(<name> <description> <requires> [<library>...]): with libraries, beside them.
function(gelu_install_pkg_config gelu_pc_name gelu_pc_description gelu_pc_requires)
    set(directory "${CMAKE_INSTALL_DATADIR}/pkgconfig")
    set(gelu_pc_libs "")
    if(ARGN)
        set(directory "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
        set(libdir "\${prefix}")
        cmake_path(APPEND libdir "${CMAKE_INSTALL_LIBDIR}")
        list(TRANSFORM ARGN PREPEND " -l" OUTPUT_VARIABLE libraries)
        string(JOIN "" gelu_pc_libs "-L${libdir}" ${libraries})
    endif()
    set(gelu_pc_prefix "${CMAKE_INSTALL_PREFIX}")
    if(NOT IS_ABSOLUTE "${directory}")
        file(RELATIVE_PATH to_prefix "/${directory}" "/")
        string(REGEX REPLACE "/$" "" to_prefix "${to_prefix}")
        set(gelu_pc_prefix "\${pcfiledir}/${to_prefix}")
    endif()
    set(gelu_pc_includedir "\${prefix}")
    cmake_path(APPEND gelu_pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
    configure_file(cmake/gelu.pc.in "${CMAKE_CURRENT_BINARY_DIR}/${gelu_pc_name}.pc" @ONLY)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${gelu_pc_name}.pc" DESTINATION "${directory}")
endfunction()

gelu_install_pkg_config(gelu "${PROJECT_DESCRIPTION}" "xsimd >= ${GELU_XSIMD_MINIMUM}")
gelu_install_pkg_config(gelu-eigen "gelu on Eigen expressions"
    "gelu = ${PROJECT_VERSION}, eigen3 >= 3.4")
if(GELU_BUILD_DISPATCH)
    set(libraries gelu_dispatch)
    get_target_property(type gelu_dispatch TYPE)
    if(type STREQUAL "STATIC_LIBRARY" AND UNIX AND NOT APPLE)
        list(APPEND libraries m)
    endif()
    gelu_install_pkg_config(gelu-dispatch "gelu with the instruction set of the running CPU" ""
        ${libraries})
endif()
