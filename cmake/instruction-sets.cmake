# The instruction sets that tests and the dispatch library are built for, and their flags. A set
# that xsimd has is added here, in tests/support/cpu_has.cpp and in CMakePresets.json.

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64|i.86)$")
    set(GELU_KNOWN_INSTRUCTION_SETS sse2 sse4_2 avx2 avx512)
    set(gelu_default_instruction_sets sse2 avx2 avx512)
    set(gelu_flags_sse2 -msse2)
    set(gelu_flags_sse4_2 -msse4.2)
    set(gelu_flags_avx2 -mavx2 -mfma -mf16c)
    set(gelu_flags_avx512 -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -mfma -mf16c)
else()
    # What the compiler targets by default; on aarch64 that is NEON.
    set(GELU_KNOWN_INSTRUCTION_SETS native)
    set(gelu_default_instruction_sets native)
    set(gelu_flags_native "")
endif()

set(GELU_TEST_INSTRUCTION_SETS "${gelu_default_instruction_sets}" CACHE STRING
    "Instruction sets to build the tests for, of: ${GELU_KNOWN_INSTRUCTION_SETS}")

foreach(set IN LISTS GELU_TEST_INSTRUCTION_SETS)
    if(NOT set IN_LIST GELU_KNOWN_INSTRUCTION_SETS)
        string(REPLACE ";" ", " known "${GELU_KNOWN_INSTRUCTION_SETS}")
        message(FATAL_ERROR "GELU_TEST_INSTRUCTION_SETS names '${set}'; for "
            "${CMAKE_SYSTEM_PROCESSOR} gelu knows: ${known}.")
    endif()
endforeach()
