# gelu::dispatch, the one compiled part: the verbs on arrays for several instruction sets, of which
# the running CPU's best is used. set.cpp is compiled once for each set, with the set's flags.

include(instruction-sets)

# Nothing of the build's own flags for a CPU gets into the parts that run on any.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    set(gelu_dispatch_known sse2 sse4_2 avx2 avx512)
    set(gelu_dispatch_baseline -march=x86-64)
else()
    # The one that every processor of the family has.
    list(GET GELU_KNOWN_INSTRUCTION_SETS 0 gelu_dispatch_known)
    set(gelu_dispatch_baseline "")
endif()
set(GELU_DISPATCH_INSTRUCTION_SETS "${gelu_dispatch_known}" CACHE STRING
    "Instruction sets that gelu::dispatch chooses from, the best last, of: ${gelu_dispatch_known}")
mark_as_advanced(GELU_DISPATCH_INSTRUCTION_SETS)

set(gelu_dispatch_dir "${PROJECT_SOURCE_DIR}/include/gelu/detail/dispatch")
set(gelu_dispatch_calls "")
set(gelu_dispatch_objects "")

# Position-independent, since the tests make both kinds of library of the same objects.
function(gelu_dispatch_properties target)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON
        CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_compile_options(${target} PRIVATE ${gelu_dispatch_baseline} -fno-exceptions ${ARGN})
endfunction()

foreach(set IN LISTS GELU_DISPATCH_INSTRUCTION_SETS)
    if(NOT set IN_LIST gelu_dispatch_known)
        string(REPLACE ";" ", " known "${gelu_dispatch_known}")
        message(FATAL_ERROR "GELU_DISPATCH_INSTRUCTION_SETS names '${set}'; for "
            "${CMAKE_SYSTEM_PROCESSOR} there are: ${known}.")
    endif()
    string(APPEND gelu_dispatch_calls " f(${set})")
    set(target gelu_dispatch_${set})
    add_library(${target} OBJECT "${gelu_dispatch_dir}/set.cpp")
    target_link_libraries(${target} PRIVATE gelu::gelu)
    target_compile_definitions(${target} PRIVATE
        GELU_DISPATCH_SET=${set} GELU_DISPATCH_SET_${set})
    # Without optimisation, functions of the standard library would be symbols of their own, and the
    # linker might give the baseline one that was compiled for AVX-512.
    gelu_dispatch_properties(${target} ${gelu_flags_${set}}
        $<$<NOT:$<CONFIG:Release,RelWithDebInfo>>:-O2>)
    list(APPEND gelu_dispatch_objects $<TARGET_OBJECTS:${target}>)
endforeach()
file(CONFIGURE OUTPUT dispatch/dispatch_sets.hpp
    CONTENT "#define GELU_DISPATCH_SETS(f)@gelu_dispatch_calls@\n" @ONLY)

# gelu_add_dispatch(<target> [STATIC | SHARED]): the library, of the kind that BUILD_SHARED_LIBS says
# unless given.
function(gelu_add_dispatch target)
    add_library(${target} ${ARGN} "${gelu_dispatch_dir}/library.cpp" ${gelu_dispatch_objects})
    target_include_directories(${target}
        PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
        PRIVATE "${PROJECT_BINARY_DIR}/dispatch")
    target_compile_features(${target} PUBLIC cxx_std_17)
    gelu_dispatch_properties(${target})
    set_target_properties(${target} PROPERTIES DEFINE_SYMBOL GELU_DISPATCH_EXPORTS
        VERSION ${PROJECT_VERSION}
        # Before 1.0 a minor version may break its users.
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
        target_compile_definitions(${target} PRIVATE GELU_DISPATCH_STATIC)
    endif()
    if(UNIX AND NOT APPLE)
        target_link_libraries(${target} PRIVATE m)
    endif()
endfunction()

gelu_add_dispatch(gelu_dispatch)
add_library(gelu::dispatch ALIAS gelu_dispatch)
set_target_properties(gelu_dispatch PROPERTIES EXPORT_NAME dispatch)
