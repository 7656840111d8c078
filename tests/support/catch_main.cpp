// Catch2 2 is a header: its implementation and main are compiled here, once for all tests.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
