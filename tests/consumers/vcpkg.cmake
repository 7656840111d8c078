# cmake -DCURRENT_PACKAGES_DIR=... -DVERSION=... -DGELU_SOURCE=... -DCURRENT_PORT_DIR=...
#       -DGELU_BUILD=... -DGELU_CMAKE_OPTIONS=... -DFEATURES=... -P vcpkg.cmake
#
# Runs the portfile with stand-ins for vcpkg's functions: the source comes from GELU_SOURCE, the
# rest does to the install tree what vcpkg documents, and checks what vcpkg checks afterwards.

cmake_minimum_required(VERSION 3.23)
set(PORT gelu)

function(must_exist)
    foreach(file IN LISTS ARGN)
        if(NOT EXISTS "${file}")
            message(FATAL_ERROR "the port expects ${file}, which isn't there")
        endif()
    endforeach()
endfunction()

function(must_succeed)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_from_github)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_SOURCE_PATH;REPO;REF;SHA512;HEAD_REF" "")
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_REPO OR NOT arg_REF STREQUAL "v${VERSION}")
        message(FATAL_ERROR "vcpkg_from_github(${ARGN})")
    endif()
    set(${arg_OUT_SOURCE_PATH} "${GELU_SOURCE}" PARENT_SCOPE)
endfunction()

# OUT_FEATURE_OPTIONS <variable> FEATURES <feature> <option>...
function(vcpkg_check_features)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_FEATURE_OPTIONS" "FEATURES")
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_FEATURES)
        message(FATAL_ERROR "vcpkg_check_features(${ARGN})")
    endif()
    set(options "")
    while(arg_FEATURES)
        list(POP_FRONT arg_FEATURES feature option)
        if(feature IN_LIST FEATURES)
            list(APPEND options -D${option}=ON)
        else()
            list(APPEND options -D${option}=OFF)
        endif()
    endwhile()
    set(${arg_OUT_FEATURE_OPTIONS} "${options}" PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "vcpkg_cmake_configure(${ARGN})")
    endif()
    must_succeed(${CMAKE_COMMAND} -S "${arg_SOURCE_PATH}" -B "${GELU_BUILD}" ${arg_OPTIONS}
        ${GELU_CMAKE_OPTIONS} "-DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}")
    if(NOT VCPKG_BUILD_TYPE)
        must_succeed(${CMAKE_COMMAND} -S "${arg_SOURCE_PATH}" -B "${GELU_BUILD}-debug" ${arg_OPTIONS}
            ${GELU_CMAKE_OPTIONS} -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=
            "-DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}/debug")
    endif()
endfunction()

function(vcpkg_cmake_install)
    foreach(build IN ITEMS "${GELU_BUILD}" "${GELU_BUILD}-debug")
        if(build STREQUAL GELU_BUILD OR NOT VCPKG_BUILD_TYPE)
            must_succeed(${CMAKE_COMMAND} --build "${build}")
            must_succeed(${CMAKE_COMMAND} --install "${build}")
        endif()
    endforeach()
endfunction()

# Moves the package to share/<port> and shortens the way from there to the prefix; what describes the
# debug build's libraries goes there too.
function(vcpkg_cmake_config_fixup)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "PACKAGE_NAME;CONFIG_PATH" "")
    set(from "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}")
    set(to "${CURRENT_PACKAGES_DIR}/share/${PORT}")
    must_exist("${from}/gelu-config.cmake" "${from}/gelu-config-version.cmake")
    file(RENAME "${from}" "${to}")
    file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/cmake")
    file(GLOB files "${CURRENT_PACKAGES_DIR}/debug/${arg_CONFIG_PATH}/*-debug.cmake")
    foreach(file IN LISTS files)
        file(READ "${file}" text)
        string(REPLACE "\${_IMPORT_PREFIX}/lib" "\${_IMPORT_PREFIX}/debug/lib" text "${text}")
        cmake_path(GET file FILENAME name)
        file(WRITE "${to}/${name}" "${text}")
    endforeach()
    file(GLOB files "${to}/*.cmake")
    set(up "get_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)\n")
    foreach(file IN LISTS files)
        file(READ "${file}" text)
        string(REPLACE "${up}${up}${up}" "${up}${up}" text "${text}")
        string(REPLACE "/../../../\" ABSOLUTE)" "/../../\" ABSOLUTE)" text "${text}")
        file(WRITE "${file}" "${text}")
    endforeach()
endfunction()

function(vcpkg_fixup_pkgconfig)
    must_exist("${CURRENT_PACKAGES_DIR}/share/pkgconfig/gelu.pc")
endfunction()

function(vcpkg_install_copyright)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
    must_exist(${arg_FILE_LIST})
    configure_file("${arg_FILE_LIST}" "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright" COPYONLY)
endfunction()

include("${CURRENT_PORT_DIR}/portfile.cmake")

# vcpkg's checks after the build that apply here.
must_exist("${CURRENT_PACKAGES_DIR}/include/gelu/gelu.hpp"
    "${CURRENT_PACKAGES_DIR}/share/gelu/copyright" "${CURRENT_PACKAGES_DIR}/share/gelu/usage")
set(unwanted_places debug lib bin share/cmake include/gelu/detail/dispatch)
if("dispatch" IN_LIST FEATURES)
    must_exist("${CURRENT_PACKAGES_DIR}/lib/libgelu_dispatch.a"
        "${CURRENT_PACKAGES_DIR}/debug/lib/libgelu_dispatch.a")
    set(unwanted_places debug/include debug/share debug/bin bin share/cmake)
endif()
foreach(unwanted IN LISTS unwanted_places)
    if(EXISTS "${CURRENT_PACKAGES_DIR}/${unwanted}")
        message(FATAL_ERROR "the port leaves ${unwanted} behind")
    endif()
endforeach()
file(GLOB_RECURSE files "${CURRENT_PACKAGES_DIR}/*")
foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(FIND "${text}" "${CURRENT_PACKAGES_DIR}" position)
    if(NOT position EQUAL -1)
        message(FATAL_ERROR "${file} names the directory it was installed to")
    endif()
endforeach()
