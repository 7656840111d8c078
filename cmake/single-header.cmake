# The target single_header: the library as one file, for Compiler Explorer. It makes
# single_header/gelu/gelu.hpp and single_header/gelu/eigen.hpp below the build directory.

find_package(Python3 COMPONENTS Interpreter QUIET)
if(NOT Python3_Interpreter_FOUND)
    return()
endif()

set(gelu_single_header_dir "${PROJECT_BINARY_DIR}/single_header")
set(gelu_single_header_script "${PROJECT_SOURCE_DIR}/tools/single_header.py")
set(outputs "")
foreach(part IN ITEMS gelu eigen)
    set(output "${gelu_single_header_dir}/gelu/${part}.hpp")
    set(options "")
    if(part STREQUAL "eigen")
        set(options --eigen)
    endif()
    add_custom_command(OUTPUT "${output}"
        COMMAND Python3::Interpreter "${gelu_single_header_script}" ${options} "${output}"
        DEPENDS "${gelu_single_header_script}" "${PROJECT_SOURCE_DIR}/LICENSE" ${gelu_headers}
        VERBATIM)
    list(APPEND outputs "${output}")
endforeach()
add_custom_target(single_header DEPENDS ${outputs})
