// Prints the largest error in ULP of float by intervals of x, as CSV: of gelu's array verbs, of the
// usual formulas with the standard library's functions, and of the same with Eigen's.
// tests/ulp/accuracy_docs.py builds and runs it for the picture docs/error.svg.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <gelu/gelu.hpp>
#include <limits>
#include <string>
#include <unsupported/Eigen/SpecialFunctions>
#include <vector>

#include "oracle/double_oracle.hpp"

namespace {

constexpr int intervals = 180;
constexpr std::int64_t inputs_per_interval = 8192;
constexpr float sqrt_half = 0.70710678f, inv_sqrt_2pi = 0.39894228f, sqrt_2_pi = 0.79788456f;
constexpr float c = 0.044715f, a = 1.702f;

using array = Eigen::ArrayXf;
using map = Eigen::Map<array>;
using constant_map = Eigen::Map<const array>;

struct curve {
    const char* name;
    std::function<void(const float*, float*, std::size_t)> call;
};

// A formula on one float, for every element.
template <class F>
auto each(F formula) {
    return [formula](const float* in, float* out, std::size_t n) {
        std::transform(in, in + n, out, formula);
    };
}
// A formula on Eigen arrays.
template <class F>
auto eigen(F formula) {
    return [formula](const float* in, float* out, std::size_t n) {
        const auto size = static_cast<Eigen::Index>(n);
        map(out, size) = formula(constant_map(in, size));
    };
}

template <class Form>
curve ours(const char* name, int order, Form form) {
    return {name, [order, form](const float* in, float* out, std::size_t n) {
                order == 0 ? gelu::forward(in, out, n, form) : gelu::derivative(in, out, n, form);
            }};
}

std::vector<curve> erf_curves(int order) {
    std::vector<curve> all{ours("gelu precise", order, gelu::erf_form{}),
                           ours("gelu fast", order, gelu::fast{gelu::erf_form{}})};
    if (order == 0) {
        all.push_back({"std::erf: x/2 (1 + erf(x/√2))",
                       each([](float x) { return 0.5f * x * (1 + std::erf(x * sqrt_half)); })});
        all.push_back({"std::erfc: x/2 erfc(-x/√2)",
                       each([](float x) { return 0.5f * x * std::erfc(-x * sqrt_half); })});
        all.push_back({"Eigen: x/2 (1 + erf(x/√2))", eigen([](const constant_map& x) -> array {
                           return 0.5f * x * (1 + (x * sqrt_half).erf());
                       })});
    } else {
        all.push_back({"std::erf: (1 + erf(x/√2))/2 + x φ(x)", each([](float x) {
                           return 0.5f * (1 + std::erf(x * sqrt_half)) +
                                  x * inv_sqrt_2pi * std::exp(-0.5f * x * x);
                       })});
        all.push_back({"std::erfc: erfc(-x/√2)/2 + x φ(x)", each([](float x) {
                           return 0.5f * std::erfc(-x * sqrt_half) +
                                  x * inv_sqrt_2pi * std::exp(-0.5f * x * x);
                       })});
        all.push_back(
            {"Eigen: (1 + erf(x/√2))/2 + x φ(x)", eigen([](const constant_map& x) -> array {
                 return 0.5f * (1 + (x * sqrt_half).erf()) +
                        x * inv_sqrt_2pi * (-0.5f * x * x).exp();
             })});
    }
    return all;
}

std::vector<curve> tanh_curves(int order) {
    std::vector<curve> all{ours("gelu precise", order, gelu::tanh_form{}),
                           ours("gelu fast", order, gelu::fast{gelu::tanh_form{}})};
    if (order == 0) {
        all.push_back({"std::tanh: x/2 (1 + tanh u)", each([](float x) {
                           return 0.5f * x * (1 + std::tanh(sqrt_2_pi * (x + c * x * x * x)));
                       })});
        all.push_back({"Eigen: x/2 (1 + tanh u)", eigen([](const constant_map& x) -> array {
                           return 0.5f * x * (1 + (sqrt_2_pi * (x + c * x * x * x)).tanh());
                       })});
    } else {
        all.push_back({"std::tanh: (1 + t)/2 + x/2 (1 - t²) u'", each([](float x) {
                           const float t = std::tanh(sqrt_2_pi * (x + c * x * x * x));
                           const float du = sqrt_2_pi * (1 + 3 * c * x * x);
                           return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * du;
                       })});
        all.push_back(
            {"Eigen: (1 + t)/2 + x/2 (1 - t²) u'", eigen([](const constant_map& x) -> array {
                 const array t = (sqrt_2_pi * (x + c * x * x * x)).tanh();
                 return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * (sqrt_2_pi * (1 + 3 * c * x * x));
             })});
    }
    return all;
}

std::vector<curve> sigmoid_curves(int order) {
    std::vector<curve> all{ours("gelu precise", order, gelu::sigmoid_form{}),
                           ours("gelu fast", order, gelu::fast{gelu::sigmoid_form{}})};
    if (order == 0) {
        all.push_back({"std::exp: x / (1 + exp(-ax))",
                       each([](float x) { return x / (1 + std::exp(-a * x)); })});
        all.push_back({"Eigen: x logistic(ax)", eigen([](const constant_map& x) -> array {
                           return x * (a * x).logistic();
                       })});
    } else {
        all.push_back({"std::exp: s + a x s (1 - s)", each([](float x) {
                           const float s = 1 / (1 + std::exp(-a * x));
                           return s + a * x * s * (1 - s);
                       })});
        all.push_back({"Eigen: s + a x s (1 - s)", eigen([](const constant_map& x) -> array {
                           const array s = (a * x).logistic();
                           return s + a * x * s * (1 - s);
                       })});
    }
    return all;
}

// Floats in the order of their values, as consecutive integers.
std::int64_t place_of(float x) {
    std::int32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? -std::int64_t{bits & 0x7fffffff} : bits;
}
float float_at(std::int64_t place) {
    const auto magnitude = static_cast<std::uint32_t>(place < 0 ? -place : place);
    float x;
    std::memcpy(&x, &magnitude, sizeof x);
    return place < 0 ? -x : x;
}

double error(float got, double exact) {
    const double least = std::numeric_limits<float>::min();
    const double spacing = std::ldexp(1.0, std::ilogb(std::max(std::fabs(exact), least)) - 23);
    const double e = std::fabs(double(got) - exact) / spacing;
    return std::isnan(e) ? std::numeric_limits<double>::infinity() : e;
}

// One line for each curve: the largest errors in the intervals of [begin, end).
void print(oracle::kind kind, const char* form, double begin, double end,
           std::vector<curve> (*curves)(int)) {
    const oracle::function f{kind, oracle::default_constant(kind)};
    const double width = (end - begin) / intervals;
    for (const int order : {0, 1}) {
        const std::vector<curve> all = curves(order);
        std::vector<std::vector<double>> worst(all.size(), std::vector<double>(intervals));
        for (int k = 0; k < intervals; ++k) {
            const double left = begin + k * width;
            const std::int64_t first = place_of(static_cast<float>(left));
            const std::int64_t last = place_of(static_cast<float>(left + width));
            const std::int64_t step =
                std::max<std::int64_t>(1, (last - first) / inputs_per_interval);
            std::vector<float> in;
            for (std::int64_t p = first; p < last; p += step) in.push_back(float_at(p));
            std::vector<double> exact[3];
            for (auto& e : exact) e.resize(in.size());
            oracle::evaluate(f, in.data(), in.size(), exact[0].data(), exact[1].data(),
                             exact[2].data());
            std::vector<float> out(in.size());
            for (std::size_t j = 0; j < all.size(); ++j) {
                all[j].call(in.data(), out.data(), in.size());
                double& most = worst[j][static_cast<std::size_t>(k)];
                for (std::size_t i = 0; i < in.size(); ++i)
                    most = std::max(most, error(out[i], exact[order][i]));
            }
        }
        for (std::size_t j = 0; j < all.size(); ++j) {
            std::printf("%s,%s,%s,%g,%g", form, order == 0 ? "forward" : "derivative", all[j].name,
                        begin, width);
            for (const double e : worst[j]) std::printf(",%.3g", e);
            std::printf("\n");
        }
    }
}

}  // namespace

int main() {
    std::printf("form,verb,curve,begin,width,max_ulp by intervals\n");
    print(oracle::kind::erf, "erf", -16, 8, erf_curves);
    print(oracle::kind::tanh, "tanh", -12, 6, tanh_curves);
    print(oracle::kind::sigmoid, "sigmoid", -72, 18, sigmoid_curves);
}
