# WebAssembly SIMD with Emscripten, run by Node.js: package emscripten. What the tests link, MPFR and
# GMP, has to be built for it; tests/everywhere does that.
find_program(GELU_EMSCRIPTEN em++ REQUIRED)
file(REAL_PATH "${GELU_EMSCRIPTEN}" emscripten)
cmake_path(GET emscripten PARENT_PATH emscripten)
include("${emscripten}/cmake/Modules/Platform/Emscripten.cmake")
# Other packages are headers, which lie outside of Emscripten's system root.
foreach(kind IN ITEMS PACKAGE INCLUDE LIBRARY)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} BOTH)
endforeach()
set(CMAKE_CXX_FLAGS_INIT "-pthread -fwasm-exceptions")
# main in a thread: the one that Node.js starts can't wait for others.
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-sPROXY_TO_PTHREAD -sEXIT_RUNTIME -sINITIAL_MEMORY=512MB -sSTACK_SIZE=4MB")
