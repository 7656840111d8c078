// Zeros, infinities and NaN; which finite inputs give which sign, and none gives NaN or infinity.
#include <random>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/subject.hpp"
#include "support/values.hpp"

namespace {

using namespace gelu_tests;

/// Why y may not be the result of order `order` for the special value x; empty when it may.
template <class T>
std::string objection(int order, T x, T y) {
    const T inf = std::numeric_limits<T>::infinity();
    const auto want = [&](bool right, const char* rule) {
        return right ? std::string() : rule + (", got " + show(y));
    };
    if (std::isnan(x)) return want(std::isnan(y), "NaN must give NaN");
    if (order == 0) {
        if (x == 0) return want(bits(y) == bits(x), "forward(+-0) must be +-0");
        if (x == inf) return want(y == inf, "forward(inf) must be inf");
        if (x == -inf) return want(bits(y) == bits(T(-0.0)), "forward(-inf) must be -0");
        return want(std::isfinite(y) && std::signbit(y) == std::signbit(x),
                    "forward of a finite x must be finite and have its sign, -0 included");
    }
    if (order == 1) {
        if (x == 0) return want(y == T(0.5), "derivative(+-0) must be 1/2");
        if (x == inf) return want(y == 1, "derivative(inf) must be 1");
        if (x == -inf) return want(y == 0, "derivative(-inf) must be 0");
        return want(std::fabs(y) < T(1.5), "derivative of a finite x must be finite");
    }
    if (std::isinf(x)) return want(y == 0, "second_derivative(+-inf) must be 0");
    return want(std::fabs(y) < T(8), "second_derivative of a finite x must be finite");
}

/// What the lanes beside a special value hold.
template <class T>
std::vector<std::pair<std::string, std::vector<T>>> fillings(std::size_t n) {
    using limits = std::numeric_limits<T>;
    const T subnormal = 37 * limits::denorm_min();
    return {{"ordinary and special values", mixed_values<T>(n)},
            {"NaN", std::vector<T>(n, limits::quiet_NaN())},
            {"the deep tail", std::vector<T>(n, sizeof(T) == 4 ? T(-13.5) : T(-37.9))},
            {"huge values", std::vector<T>(n, -limits::max())},
            {"-0", std::vector<T>(n, T(-0.0))},
            {"subnormals", std::vector<T>(n, subnormal)}};
}

}  // namespace

TEMPLATE_TEST_CASE("special values are exact in every lane, whatever the other lanes hold",
                   "[special]", float, double) {
    using T = TestType;
    const std::size_t n = 2 * lanes<T>() + 3;  // an unrolled pair, or two vectors, and a tail
    std::vector<T> out(n), slope(n);
    for (const auto& s : subjects<T>()) {
        failures wrong;
        for (const auto& fill : fillings<T>(n)) {
            const std::string& beside = fill.first;
            const std::vector<T>& filling = fill.second;
            std::vector<T> alone[3];
            for (int order = 0; order < 3; ++order) {
                alone[order].resize(n);
                for (std::size_t i = 0; i < n; ++i) s->map(order, &filling[i], &alone[order][i], 1);
            }
            for (const T x : special_values<T>()) {
                for (std::size_t lane = 0; lane < n; ++lane) {
                    std::vector<T> in = filling;
                    in[lane] = x;
                    const auto check = [&](int order, const std::vector<T>& y) {
                        const std::string why = objection(order, x, y[lane]);
                        if (!why.empty())
                            wrong.add(why, " for x = ", x, " at ", lane, " beside ", beside);
                        for (std::size_t i = 0; i < n; ++i)
                            if (i != lane && !same(y[i], alone[order][i]))
                                wrong.add("order ", order, " of ", in[i], " at ", i, " gives ",
                                          y[i], " beside ", x, " at ", lane, ", and alone ",
                                          alone[order][i]);
                    };
                    for (int order = 0; order < 3; ++order) {
                        s->map(order, in.data(), out.data(), n);
                        check(order, out);
                    }
                    s->both(in.data(), out.data(), slope.data(), n);
                    check(0, out);
                    check(1, slope);
                }
            }
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("special values are exact in the scalar verbs", "[special]", float, double) {
    using T = TestType;
    for (const auto& s : subjects<T>()) {
        failures wrong;
        for (const T x : special_values<T>())
            for (int order = 0; order < 3; ++order) {
                const std::string why = objection(order, x, s->map_scalar(order, x));
                if (!why.empty()) wrong.add(why, " for x = ", x);
            }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("no finite input gives NaN or infinity, and forward keeps the sign of its input",
                   "[special]", float, double) {
    using T = TestType;
    std::vector<T> in = every_binade<T>();
    std::mt19937_64 random(11);
    while (in.size() < 60000) {
        const T x = from_bits<T>(static_cast<bits_t<T>>(random()));
        if (std::isfinite(x)) in.push_back(x);
    }
    for (const T x : landmarks<T>()) in.push_back(x);
    std::vector<T> out(in.size());
    for (const auto& s : subjects<T>()) {
        failures wrong;
        for (int order = 0; order < 3; ++order) {
            s->map(order, in.data(), out.data(), in.size());
            for (std::size_t i = 0; i < in.size(); ++i) {
                const std::string why = objection(order, in[i], out[i]);
                if (!why.empty()) wrong.add(why, " for x = ", in[i]);
            }
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("a negative finite x whose result underflows gives -0", "[special]", float,
                   double) {
    using T = TestType;
    // Far below where each form's last subnormal result lies, so that no error bound excuses more.
    const T below[] = {sizeof(T) == 4 ? T(-17) : T(-40), sizeof(T) == 4 ? T(-13) : T(-25),
                       sizeof(T) == 4 ? T(-70) : T(-460)};
    for (const auto& s : subjects<T>()) {
        // Refitted slopes move the sigmoid's edge: 2 (float) and 12 (double) are spare.
        const T edge = below[static_cast<int>(s->form)];
        std::vector<T> in;
        for (T x = edge; x > -(std::numeric_limits<T>::max)() / 2; x *= T(1.25)) in.push_back(x);
        in.push_back(-(std::numeric_limits<T>::max)());
        std::vector<T> out(in.size(), T(1));
        s->map(0, in.data(), out.data(), in.size());
        failures wrong;
        for (std::size_t i = 0; i < in.size(); ++i)
            if (bits(out[i]) != bits(T(-0.0))) wrong.add("forward(", in[i], ") = ", out[i]);
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("backward multiplies zero, infinite and NaN gradients as IEEE does",
                   "[special][backward]", float, double) {
    using T = TestType;
    const T inf = std::numeric_limits<T>::infinity();
    std::vector<T> grad, in;
    for (const T g : {T(0), T(-0.0), inf, -inf, std::numeric_limits<T>::quiet_NaN()})
        for (const std::vector<T>& xs :
             {special_values<T>(), landmarks<T>(), mixed_values<T>(200, 3)})
            for (const T x : xs) {
                grad.push_back(g);
                in.push_back(x);
            }
    const std::size_t n = in.size();
    std::vector<T> slope(n), got(n);
    for (const auto& s : subjects<T>()) {
        s->map(1, in.data(), slope.data(), n);
        s->backward(grad.data(), in.data(), got.data(), n);
        failures wrong;
        for (std::size_t i = 0; i < n; ++i) {
            // Infinity times a derivative that underflows: whether it is rounded to zero before
            // the product is the kernel's business.
            if (slope[i] == 0 && std::isfinite(in[i])) continue;
            // Either zero is right for the derivative at -inf.
            const T want = grad[i] * slope[i];
            const bool sign_matters = slope[i] != 0;
            if (sign_matters ? !same(got[i], want)
                             : !(got[i] == want || (std::isnan(got[i]) && std::isnan(want))))
                wrong.add("backward(", grad[i], ", ", in[i], ") = ", got[i], ", derivative ",
                          slope[i]);
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE(
    "backward is within max_ulp of the derivative carried through the product, plus its rounding",
    "[backward]", float, double) {
    using T = TestType;
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    std::vector<T> in, grad;
    for (const T x : mixed_values<T>(5000, 9))
        if (std::isfinite(x)) {
            in.push_back(x);
            grad.push_back(
                static_cast<T>(std::ldexp(normal(random), static_cast<int>(random() % 21) - 10)));
        }
    const std::size_t n = in.size();
    std::vector<T> slope(n), got(n);
    for (const auto& s : subjects<T>()) {
        s->map(1, in.data(), slope.data(), n);
        s->backward(grad.data(), in.data(), got.data(), n);
        failures wrong;
        for (std::size_t i = 0; i < n; ++i) {
            // Both the derivative and backward may be off, each by max_ulp spacings.
            const bool absolute = std::fabs(in[i]) < 2 && (s->is_fast || !s->has_default_constant);
            const T unit = spacing(absolute ? std::max(std::fabs(slope[i]), T(0.0625)) : slope[i]);
            const T product = grad[i] * slope[i];
            const T bound =
                2 * static_cast<T>(s->max_ulp[1]) * unit * std::fabs(grad[i]) + spacing(product);
            if (!(std::fabs(got[i] - product) <= bound))
                wrong.add("backward(", grad[i], ", ", in[i], ") = ", got[i], ", grad times slope ",
                          product);
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}
