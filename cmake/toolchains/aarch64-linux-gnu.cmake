# AArch64 (NEON, SVE) with Debian's cross compiler, run by qemu-user: packages g++-aarch64-linux-gnu
# and qemu-user. What the tests link comes from the packages of the architecture arm64; they are
# linked statically, so that the emulator needs no second root.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
