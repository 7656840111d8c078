// Catch2 2 is a header: its implementation and main are compiled here, once for all tests.
#include <new>  // which the newest standard libraries no longer bring along

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
