# RISC-V (vector extension 1.0) with Debian's cross compiler, GCC 14 or later, run by qemu-user:
# packages g++-riscv64-linux-gnu and qemu-user. What the tests link comes from the packages of the
# architecture riscv64; they are linked statically, so that the emulator needs no second root.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_CXX_COMPILER riscv64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE riscv64-linux-gnu)
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-riscv64)
