# REPO and SHA512 are filled in with a release; vcpkg prints the hash where it is wrong.
vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH
    REPO gelu/gelu
    REF "v${VERSION}"
    SHA512 0
    HEAD_REF main
)

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS
    FEATURES
        dispatch GELU_BUILD_DISPATCH
)
if(NOT "dispatch" IN_LIST FEATURES)
    set(VCPKG_BUILD_TYPE release) # header-only port
endif()

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${FEATURE_OPTIONS}
        -DGELU_BUILD_TESTS=OFF
        -DGELU_BUILD_BENCHMARKS=OFF
        -DGELU_BUILD_EXAMPLES=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/gelu)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE
    "${CURRENT_PACKAGES_DIR}/debug/include"
    "${CURRENT_PACKAGES_DIR}/debug/share"
)

vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage"
    DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
