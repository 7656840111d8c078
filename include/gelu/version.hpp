/// \file
/// The only version number; CMake, the Conan recipe and the pkg-config file read it from here.
#ifndef GELU_VERSION_HPP
#define GELU_VERSION_HPP

/// \defgroup version Version
/// For the preprocessor, by the rules of semantic versioning.
/// @{
#define GELU_VERSION_MAJOR 0  ///< Rises when users' code must change (before 1.0, the minor does).
#define GELU_VERSION_MINOR 1  ///< Rises with additions.
#define GELU_VERSION_PATCH 0  ///< Rises with repairs.
/// All three as text.
#define GELU_VERSION_STRING "0.1.0"
/// @}

#endif
