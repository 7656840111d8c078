// std::span, by value and as a temporary: compiled as C++20.
#include <gelu/gelu.hpp>
#include <span>
#include <vector>

#include "support/catch.hpp"

TEST_CASE("spans are inputs and outputs, const elements as inputs only", "[ranges]") {
    std::vector<double> in = {-38, -3, -0.5, 0, 0.25, 2, 40}, want(7), slope(7), out(7);
    gelu::forward(in, want);
    gelu::derivative(in, slope);

    const std::span<const double> from(in);
    gelu::forward(from, std::span(out));
    CHECK(out == want);

    const std::span<double> to(out);
    gelu::derivative(from, to);
    CHECK(out == slope);

    std::vector<double> out2(7);
    gelu::forward_with_derivative(from, std::span<double, 7>(out), std::span(out2));
    CHECK(out == want);
    CHECK(out2 == slope);

    const std::vector<double> two(7, 2);
    gelu::backward(std::span(two), from, to, gelu::fast{gelu::erf_form{}});
    std::vector<double> fast(7);
    gelu::backward(two, in, fast, gelu::fast{gelu::erf_form{}});
    CHECK(out == fast);

    // A part of an array, in place.
    std::vector<double> part = in;
    gelu::forward(std::span(part).subspan(2, 3), std::span(part).subspan(2, 3));
    CHECK(part == std::vector<double>{-38, -3, want[2], want[3], want[4], 2, 40});
}
