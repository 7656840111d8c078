# Finds xsimd and makes the imported target gelu::xsimd: an include directory and nothing else.
# Used by the build and, installed beside the package's config file, by find_package(gelu).
#
# The packages of xsimd can't be linked as they are: the target is called xsimd where it is
# installed and xsimd::xsimd only in its own build tree, and Debian 12's links xtl, which it
# doesn't install. In this order the directory comes from GELU_XSIMD_INCLUDE_DIR, a target that
# the including project already has, xsimd's CMake package, or a plain copy of the headers.

set(GELU_XSIMD_MINIMUM 8.1)

# Sets <found_variable> to TRUE, or to FALSE and <reason_variable> to a sentence that says why.
function(gelu_find_xsimd found_variable reason_variable)
    set(${found_variable} TRUE PARENT_SCOPE)
    if(TARGET gelu::xsimd)
        return()
    endif()

    set(GELU_XSIMD_INCLUDE_DIR "" CACHE PATH
        "Directory that holds xsimd/xsimd.hpp; empty: look for an installed xsimd")
    mark_as_advanced(GELU_XSIMD_INCLUDE_DIR)

    set(include_dir "${GELU_XSIMD_INCLUDE_DIR}")
    set(version "")
    if(NOT include_dir)
        if(NOT TARGET xsimd AND NOT TARGET xsimd::xsimd)
            # Debian's 14 would stop here for want of xtl, which serves batches of complex numbers.
            if(NOT DEFINED XSIMD_ENABLE_XTL_COMPLEX)
                set(XSIMD_ENABLE_XTL_COMPLEX OFF)
            endif()
            find_package(xsimd CONFIG QUIET)
            set(version "${xsimd_VERSION}")
        endif()
        foreach(target IN ITEMS xsimd xsimd::xsimd)
            if(TARGET ${target} AND NOT include_dir)
                get_target_property(include_dir ${target} INTERFACE_INCLUDE_DIRECTORIES)
            endif()
        endforeach()
    endif()
    if(NOT include_dir)
        unset(include_dir)
        find_path(include_dir xsimd/xsimd.hpp NO_CACHE)
        string(REGEX REPLACE "/$" "" include_dir "${include_dir}")
    endif()
    if(NOT include_dir)
        set(${found_variable} FALSE PARENT_SCOPE)
        set(${reason_variable} "xsimd ${GELU_XSIMD_MINIMUM} or later was not found." PARENT_SCOPE)
        return()
    endif()

    # The header knows its version best; a generator expression (Conan, a build tree) hides it.
    foreach(directory IN LISTS include_dir)
        string(REGEX REPLACE "^\\$<(BUILD_INTERFACE|\\$<CONFIG:[A-Za-z]+>):(.*)>$" "\\2"
            directory "${directory}")
        set(config "${directory}/xsimd/config/xsimd_config.hpp")
        if(EXISTS "${config}")
            file(STRINGS "${config}" lines REGEX "#define XSIMD_VERSION_(MAJOR|MINOR|PATCH) ")
            string(REGEX REPLACE "[^0-9]+([0-9]+)" "\\1." version "${lines}")
            string(REGEX MATCH "^[0-9]+\\.[0-9]+\\.[0-9]+" version "${version}")
        endif()
    endforeach()
    if(version AND version VERSION_LESS GELU_XSIMD_MINIMUM)
        set(${found_variable} FALSE PARENT_SCOPE)
        set(${reason_variable}
            "xsimd ${version} in ${include_dir} is too old: gelu needs ${GELU_XSIMD_MINIMUM} or later."
            PARENT_SCOPE)
        return()
    endif()
    if(GELU_XSIMD_INCLUDE_DIR AND NOT EXISTS "${GELU_XSIMD_INCLUDE_DIR}/xsimd/xsimd.hpp")
        set(${found_variable} FALSE PARENT_SCOPE)
        set(${reason_variable}
            "GELU_XSIMD_INCLUDE_DIR is ${GELU_XSIMD_INCLUDE_DIR}, which holds no xsimd/xsimd.hpp."
            PARENT_SCOPE)
        return()
    endif()

    add_library(gelu::xsimd INTERFACE IMPORTED GLOBAL)
    set_target_properties(gelu::xsimd PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${include_dir}")
    if(NOT gelu_FIND_QUIETLY)
        message(STATUS "gelu: xsimd ${version} in ${include_dir}")
    endif()
endfunction()
