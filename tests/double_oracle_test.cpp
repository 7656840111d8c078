// The double oracle, which the sweeps over all floats trust, against MPFR.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "oracle/double_oracle.hpp"
#include "oracle/mpfr_oracle.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"

using gelu_tests::bits;
using gelu_tests::from_bits;

namespace {

oracle::function as_function(gelu::erf_form) { return {oracle::kind::erf, 0}; }
oracle::function as_function(gelu::tanh_form f) { return {oracle::kind::tanh, f.cubic}; }
oracle::function as_function(gelu::sigmoid_form f) { return {oracle::kind::sigmoid, f.slope}; }

// Where the oracle has it hardest: next to the roots, on both sides of the switch to double-double
// arithmetic, in the tail down to results that round to zero, at the ends of the range of float.
std::vector<float> hard_points(oracle::function f, std::mt19937_64& random) {
    std::vector<float> points;
    for (const int order : {1, 2}) {
        for (float a = -4; a < 4; a += 0.0625f) {
            float lo = a, hi = a + 0.0625f;
            const bool low = oracle::evaluate(f, order, lo) < 0;
            if (low == (oracle::evaluate(f, order, hi) < 0)) continue;
            for (int k = 0; k < 40; ++k) {
                const float mid = 0.5f * (lo + hi);
                ((oracle::evaluate(f, order, mid) < 0) == low ? lo : hi) = mid;
            }
            const std::uint32_t root = bits(lo);
            for (std::uint32_t k = 0; k < 64; ++k)
                points.push_back(from_bits<float>(root + k - 32));
            for (int k = 3; k < 24; ++k)
                for (int repeat = 0; repeat < 24; ++repeat) {
                    const auto away = std::uint32_t(random() & ((1u << k) - 1)) + (1u << k);
                    points.push_back(from_bits<float>(root + away));
                    points.push_back(from_bits<float>(root - away));
                }
        }
    }
    std::uniform_real_distribution<float> unit;
    for (const float depth : {1.0f, 2.0f, 4.0f, 8.0f, 11.0f, 14.4f, 40.0f, 70.0f})
        for (int k = 0; k < 64; ++k) {
            points.push_back(-depth * unit(random));
            points.push_back(-depth * (1 + 0.01f * unit(random)));
            points.push_back(depth * unit(random));
        }
    const float largest = std::numeric_limits<float>::max();
    for (const float x : {0.0f, 1e-45f, 1e-38f, 1e-20f, 1e-8f, 1e5f, 1e12f, 1e30f, largest}) {
        points.push_back(x);
        points.push_back(-x);
    }
    return points;
}

std::vector<float> random_points(std::size_t n, std::mt19937_64& random) {
    std::vector<float> points;
    while (points.size() < n) {
        const float x = from_bits<float>(std::uint32_t(random()));
        if (std::isfinite(x)) points.push_back(x);
    }
    return points;
}

// Relative, but from half of the smallest float down relative to that: there is nothing to round.
double relative_error(double got, const oracle::real& exact) {
    const double size = std::max(std::fabs(exact.to_double()), 0x1p-150);
    return oracle::abs(oracle::real(got) - exact).to_double() / size;
}

template <int Order, class Form>
void add_errors(const std::vector<float>& x, const std::vector<double>& got, Form form,
                double& worst, float& worst_at) {
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = relative_error(got[i], oracle::exact<Order>(double(x[i]), form));
        if (!(error <= worst)) worst = error, worst_at = x[i];
    }
}

template <class Form>
void check(const std::string& name, Form form) {
    const auto seed = std::random_device{}();
    CAPTURE(name, seed);
    std::mt19937_64 random(seed);
    const oracle::function f = as_function(form);
    std::vector<float> x = hard_points(f, random);
    const std::vector<float> more = random_points(2000, random);
    x.insert(x.end(), more.begin(), more.end());

    std::vector<double> got[3] = {std::vector<double>(x.size()), std::vector<double>(x.size()),
                                  std::vector<double>(x.size())};
    oracle::evaluate(f, x.data(), x.size(), got[0].data(), got[1].data(), got[2].data());
    double worst[3] = {};
    float at[3] = {};
    add_errors<0>(x, got[0], form, worst[0], at[0]);
    add_errors<1>(x, got[1], form, worst[1], at[1]);
    add_errors<2>(x, got[2], form, worst[2], at[2]);
    for (int order = 0; order < 3; ++order) {
        std::printf("%-20s order %d: relative error 2^%.1f at %a\n", name.c_str(), order,
                    std::log2(worst[order]), double(at[order]));
        CAPTURE(order, at[order]);
        CHECK(worst[order] < 0x1p-40);
    }
}

}  // namespace

TEST_CASE("the double oracle agrees with MPFR to 2^-40") {
    check("erf", gelu::erf_form{});
    for (const double c : {0.044715, 0.0455399, 0.0443829, 0.01, 0.1})
        check("tanh " + std::to_string(c), gelu::tanh_form{c});
    for (const double a : {1.702, 1.7009913, 1.7729340, 0.5, 4.0})
        check("sigmoid " + std::to_string(a), gelu::sigmoid_form{a});
}
