// The only version number; CMake, the Conan recipe and the pkg-config file read it from here.
#ifndef GELU_VERSION_HPP
#define GELU_VERSION_HPP

#define GELU_VERSION_MAJOR 0
#define GELU_VERSION_MINOR 1
#define GELU_VERSION_PATCH 0
#define GELU_VERSION_STRING "0.1.0"

#endif
