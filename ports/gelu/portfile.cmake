# Header-only: one build serves debug and release.
set(VCPKG_BUILD_TYPE release)

# The hash is that of the release's archive; vcpkg prints it when it is wrong.
vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH
    REPO gelu/gelu
    REF "v${VERSION}"
    SHA512 0
    HEAD_REF main
)

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DGELU_BUILD_TESTS=OFF
        -DGELU_BUILD_BENCHMARKS=OFF
        -DGELU_BUILD_EXAMPLES=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/gelu)
vcpkg_fixup_pkgconfig()

vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage"
    DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
