// Catch2 2 and 3 through one include: test cases, templates, generators, matchers, Approx.
#ifndef GELU_TESTS_SUPPORT_CATCH_HPP
#define GELU_TESTS_SUPPORT_CATCH_HPP

#if GELU_CATCH2_MAJOR >= 3
#include <catch2/catch_approx.hpp>
#include <catch2/catch_message.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace gelu_tests {
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
}  // namespace gelu_tests
#else
#include <new>  // as in catch_main.cpp

#include <catch2/catch.hpp>

namespace gelu_tests {
using Catch::Detail::Approx;
inline auto ContainsSubstring(const std::string& part) { return Catch::Matchers::Contains(part); }
}  // namespace gelu_tests
#endif

#endif
