# The instruction sets that tests and the dispatch library are built for, and their flags. A set
# that xsimd has is added here, in tests/support/cpu_has.cpp and in CMakePresets.json.
#
# gelu_flags_<set>        what the compiler needs to target it
# gelu_environment_<set>  the CPU that qemu-user emulates for it

if(CMAKE_SYSTEM_NAME STREQUAL "Emscripten")
    set(GELU_KNOWN_INSTRUCTION_SETS wasm)
    set(gelu_default_instruction_sets wasm)
    set(gelu_flags_wasm -msimd128)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64|i.86)$")
    set(GELU_KNOWN_INSTRUCTION_SETS sse2 sse4_2 avx2 avx512)
    set(gelu_default_instruction_sets sse2 avx2 avx512)
    set(gelu_flags_sse2 -msse2)
    set(gelu_flags_sse4_2 -msse4.2)
    set(gelu_flags_avx2 -mavx2 -mfma -mf16c)
    set(gelu_flags_avx512 -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -mfma -mf16c)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
    # Vectors of SVE have the length of the machine; xsimd takes one that is fixed.
    set(GELU_KNOWN_INSTRUCTION_SETS neon sve128 sve256 sve512)
    set(gelu_default_instruction_sets neon)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Notes, for each batch that a function takes, on what changed between C++14 and C++17.
        set(no_notes -Wno-psabi)
    endif()
    set(gelu_flags_neon -march=armv8-a ${no_notes})
    set(gelu_environment_neon QEMU_CPU=cortex-a72)
    foreach(bits IN ITEMS 128 256 512)
        math(EXPR quadwords "${bits} / 128")
        set(gelu_flags_sve${bits} -march=armv8.2-a+sve -msve-vector-bits=${bits}
            ${no_notes})
        set(gelu_environment_sve${bits} QEMU_CPU=max,sve-max-vq=${quadwords})
    endforeach()
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "riscv64")
    # Without vectors xsimd emulates them.
    set(GELU_KNOWN_INSTRUCTION_SETS scalar rvv128 rvv256 rvv512)
    set(gelu_default_instruction_sets scalar)
    set(gelu_flags_scalar -march=rv64gc)
    set(gelu_environment_scalar QEMU_CPU=rv64)
    foreach(bits IN ITEMS 128 256 512)
        set(gelu_flags_rvv${bits} -march=rv64gcv_zvl${bits}b -mrvv-vector-bits=zvl)
        set(gelu_environment_rvv${bits} QEMU_CPU=rv64,v=true,vlen=${bits})
    endforeach()
else()
    # What the compiler targets by default.
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
