# Errors that say what to install.

# gelu_missing(<sentence> <who needs it> <Debian package>)
function(gelu_missing sentence need package)
    message(FATAL_ERROR "${sentence} ${need}\n"
        "On Debian or Ubuntu: apt-get install ${package}\n"
        "Elsewhere install it with your package manager and, if it lies in an unusual place, "
        "name its prefix in CMAKE_PREFIX_PATH.")
endfunction()

function(gelu_check_compiler)
    set(minimum_GNU 11)
    set(minimum_Clang 14)
    set(minimum_AppleClang 14)
    set(minimum ${minimum_${CMAKE_CXX_COMPILER_ID}})
    if(minimum AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS minimum)
        message(FATAL_ERROR
            "${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, "
            "which is too old: gelu needs GCC 11, Clang 14 or later.\n"
            "On Debian 12 or Ubuntu 22.04: apt-get install g++ (or clang-14), and choose it with "
            "-DCMAKE_CXX_COMPILER=g++ in a fresh build directory.")
    endif()
endfunction()

# Eigen's version file accepts only its own major version, and 3.4 and 5 both serve: compare here.
# A macro, because find_package sets variables that the caller may want.
macro(gelu_find_eigen)
    if(NOT TARGET Eigen3::Eigen)
        find_package(Eigen3 CONFIG QUIET)
        if(TARGET Eigen3::Eigen)
            get_target_property(gelu_eigen_imported Eigen3::Eigen IMPORTED)
            if(gelu_eigen_imported)
                set_target_properties(Eigen3::Eigen PROPERTIES IMPORTED_GLOBAL TRUE)
            endif()
        endif()
    endif()
    set(GELU_HAS_EIGEN FALSE)
    if(TARGET Eigen3::Eigen)
        if(Eigen3_VERSION AND Eigen3_VERSION VERSION_LESS 3.4)
            message(STATUS "gelu: Eigen ${Eigen3_VERSION} is too old for gelu::eigen (needs 3.4)")
        else()
            set(GELU_HAS_EIGEN TRUE)
        endif()
    endif()
endmacro()
