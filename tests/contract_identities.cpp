// What holds between results: identities, shape, and the landmarks of the three functions.
#include <algorithm>
#include <random>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/subject.hpp"
#include "support/values.hpp"

namespace {

using namespace gelu_tests;

template <class T>
std::vector<T> apply(const subject<T>& s, int order, const std::vector<T>& in) {
    std::vector<T> out(in.size());
    s.map(order, in.data(), out.data(), in.size());
    return out;
}

template <class T>
T apply(const subject<T>& s, int order, T x) {
    s.map(order, &x, &x, 1);
    return x;
}

/// The largest error that the contract allows for a result, given the result: max_ulp spacings,
/// with the floor that it grants next to the roots of derivatives.
template <class T>
T allowed(const subject<T>& s, int order, T x, T result) {
    const bool floored = order > 0 && std::fabs(x) < 2 && (s.is_fast || !s.has_default_constant);
    const T magnitude = std::fabs(result) * (1 + 8 * std::numeric_limits<T>::epsilon());
    return static_cast<T>(s.max_ulp[order]) *
           spacing(floored ? std::max(magnitude, T(0.0625)) : magnitude);
}

template <class T>
const subject<T>& default_form(family form, bool is_fast) {
    for (const auto& s : subjects<T>())
        if (s->form == form && s->is_fast == is_fast && s->has_default_constant) return *s;
    throw std::logic_error("no such subject");
}

/// Positive values of every size.
template <class T>
std::vector<T> positive_values() {
    std::mt19937_64 random(13);
    std::uniform_real_distribution<double> unit;
    std::vector<T> values;
    for (int i = 0; i < 6000; ++i) {
        values.push_back(static_cast<T>(4 * unit(random)));
        values.push_back(static_cast<T>(100 * unit(random)));
        values.push_back(static_cast<T>(std::exp(160 * unit(random) - 80)));
    }
    for (const T x : landmarks<T>())
        if (x > 0) values.push_back(x);
    return values;
}

}  // namespace

TEMPLATE_TEST_CASE("arrays agree with the scalar verbs within the sum of their bounds",
                   "[identities]", float, double) {
    using T = TestType;
    std::vector<T> in;
    for (const T x : mixed_values<T>(20000, 51))
        if (std::isfinite(x)) in.push_back(x);
    for (const auto& s : subjects<T>()) {
        failures wrong;
        for (int order = 0; order < 3; ++order) {
            const std::vector<T> out = apply(*s, order, in);
            for (std::size_t i = 0; i < in.size(); ++i) {
                // The scalar verbs are within one spacing.
                const T scalar = s->map_scalar(order, in[i]);
                const T bound =
                    allowed(*s, order, in[i], scalar) * (1 + 1 / static_cast<T>(s->max_ulp[order]));
                if (!(std::fabs(out[i] - scalar) <= bound))
                    wrong.add("order ", order, " of ", in[i], ": array ", out[i], ", scalar ",
                              scalar);
            }
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

// Every difference below is exact or nearly so: its operands are within a factor of two, or the
// smaller is negligible.
TEMPLATE_TEST_CASE("g(x) - g(-x) = x, g'(x) + g'(-x) = 1 and g''(x) = g''(-x) within the bounds",
                   "[identities]", float, double) {
    using T = TestType;
    const std::vector<T> x = positive_values<T>();
    std::vector<T> minus(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) minus[i] = -x[i];
    for (const auto& s : subjects<T>()) {
        failures wrong;
        for (int order = 0; order < 3; ++order) {
            const std::vector<T> a = apply(*s, order, x), b = apply(*s, order, minus);
            for (std::size_t i = 0; i < x.size(); ++i) {
                const T bound = allowed(*s, order, x[i], a[i]) + allowed(*s, order, x[i], b[i]);
                const T off = order == 0   ? (a[i] - x[i]) - b[i]
                              : order == 1 ? (a[i] - 1) + b[i]
                                           : a[i] - b[i];
                if (!(std::fabs(off) <= bound))
                    wrong.add("order ", order, " at ", x[i], ": ", a[i], " and ", b[i], ", off by ",
                              off / bound, " times the bound");
            }
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

// Where a product or a slope is subnormal the loops may multiply in another way.
TEMPLATE_TEST_CASE("backward is the gradient times the derivative, bit for bit", "[identities]",
                   float, double) {
    using T = TestType;
    using limits = std::numeric_limits<T>;
    std::vector<T> in = mixed_values<T>(4000, 77);
    for (int i = 0; i < 12000; ++i) in.push_back(-3 - T(i) / 160);
    if (sizeof(T) == 8)  // where the sigmoid form's slopes are subnormal
        for (int i = 0; i < 4000; ++i) in.push_back(-400 - T(i) / 100);
    std::vector<T> grad(in.size()), want(in.size()), got(in.size());
    std::mt19937_64 random(5);
    std::uniform_real_distribution<double> unit(-1, 1);
    const T special[] = {0,
                         -T(0),
                         1,
                         limits::infinity(),
                         limits::quiet_NaN(),
                         limits::denorm_min(),
                         -limits::min() / 3,
                         limits::max()};
    for (std::size_t i = 0; i < in.size(); ++i) {
        const int exponent = static_cast<int>(random() % (2 * limits::max_exponent));
        grad[i] = std::ldexp(static_cast<T>(unit(random)), exponent - limits::max_exponent);
        if (i % 3 == 1) grad[i] = static_cast<T>(unit(random));
        if (i % 16 == 5) grad[i] = special[i / 16 % 8];
    }
    for (const auto& s : subjects<T>()) {
        failures wrong;
        s->map(1, in.data(), want.data(), in.size());
        // The second time in pieces that have a rest behind the last whole step.
        for (const std::size_t piece : {in.size(), std::size_t(41)}) {
            for (std::size_t i = 0; i < in.size(); i += piece)
                s->backward(&grad[i], &in[i], &got[i], std::min(piece, in.size() - i));
            for (std::size_t i = 0; i < in.size(); ++i)
                if (!same(got[i], grad[i] * want[i]))
                    wrong.add("backward(", grad[i], ", ", in[i], ") is ", got[i], ", the slope ",
                              want[i]);
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("forward falls up to its minimum and rises behind it", "[identities]", float,
                   double) {
    using T = TestType;
    for (const auto& s : subjects<T>()) {
        failures wrong;
        T previous_x = -70, previous = apply(*s, 0, previous_x);
        for (T x = previous_x; x < 70; x += T(1) / 64) {
            // Every form's minimum lies between -0.80 and -0.70.
            const T y = apply(*s, 0, x);
            const T slack = allowed(*s, 0, x, y) + allowed(*s, 0, previous_x, previous);
            if (x < T(-0.80) && !(y <= previous + slack)) wrong.add("rises at ", x);
            if (previous_x > T(-0.70) && !(y >= previous - slack)) wrong.add("falls at ", x);
            previous_x = x;
            previous = y;
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEST_CASE("each derivative is that of its own form and constant", "[identities]") {
    const double h = 1.0 / 4096;
    for (const auto& s : subjects<double>()) {
        failures wrong;
        for (double x = -6; x <= 6; x += 1.0 / 32) {
            for (int order = 0; order < 2; ++order) {
                const auto g = [&](double at) { return apply(*s, order, at); };
                // Fourth order central difference.
                const double want =
                    (8 * (g(x + h) - g(x - h)) - (g(x + 2 * h) - g(x - 2 * h))) / (12 * h);
                const double got = apply(*s, order + 1, x);
                if (!(std::fabs(got - want) < 2e-10))
                    wrong.add("order ", order + 1, " at ", x, ": ", got, ", difference quotient ",
                              want);
            }
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("the minimum of each form is where it should be and as deep",
                   "[identities][landmarks]", float, double) {
    using T = TestType;
    struct minimum {
        family form;
        double x, g;
    };
    const auto m = GENERATE(values<minimum>({
        {family::erf, -.75179152469356446, -.16997120747990366},
        {family::tanh, -.75246142207101626, -.17004075057125405},
        {family::sigmoid, -.75115425544128895, -.16361018963635358},
    }));
    for (const bool is_fast : {false, true}) {
        const subject<T>& s = default_form<T>(m.form, is_fast);
        INFO(s.name);
        const T x = static_cast<T>(m.x), g = static_cast<T>(m.g);
        CHECK(std::fabs(apply(s, 0, x) - g) <= allowed(s, 0, x, g) + spacing(g) / 2);
        CHECK(apply(s, 1, x - T(1e-3)) < 0);
        CHECK(apply(s, 1, x + T(1e-3)) > 0);
        // Relative accuracy next to the root: its sign there is right to the last place. The root
        // itself is known here to about half a spacing of double.
        if (!is_fast) {
            CHECK(apply(s, 1, x - 2 * spacing(x)) < 0);
            CHECK(apply(s, 1, x + 2 * spacing(x)) > 0);
        }
    }
}

TEMPLATE_TEST_CASE("the extremes of the exact form's derivative", "[identities][landmarks]", float,
                   double) {
    using T = TestType;
    for (const bool is_fast : {false, true}) {
        const subject<T>& s = default_form<T>(family::erf, is_fast);
        INFO(s.name);
        const T root2 = static_cast<T>(1.4142135623730951);
        const T high = static_cast<T>(1.1289041451851548),
                low = static_cast<T>(-.12890414518515479);
        CHECK(std::fabs(apply(s, 1, root2) - high) <=
              allowed(s, 1, root2, high) + spacing(high) / 2);
        CHECK(std::fabs(apply(s, 1, -root2) - low) <= allowed(s, 1, root2, low) + spacing(low) / 2);
        CHECK(apply(s, 2, root2 * T(0.999)) > 0);
        CHECK(apply(s, 2, root2 * T(1.001)) < 0);
    }
}

TEST_CASE("the largest gaps between the forms", "[identities][landmarks]") {
    for (const bool is_fast : {false, true}) {
        const auto& exact = default_form<double>(family::erf, is_fast);
        const auto gap = [&](family form) {
            std::pair<double, double> largest;
            for (double x = -8; x <= 8; x += 1.0 / 256) {
                const double y = std::fabs(apply(default_form<double>(form, is_fast), 0, x) -
                                           apply(exact, 0, x));
                largest = std::max(largest, {y, std::fabs(x)});
            }
            return largest;
        };
        CHECK(std::fabs(gap(family::tanh).first / 4.732e-4 - 1) < 2e-4);
        CHECK(std::fabs(gap(family::tanh).second - 2.70) < 0.006);
        CHECK(std::fabs(gap(family::sigmoid).first / 2.033e-2 - 1) < 3e-4);
        CHECK(std::fabs(gap(family::sigmoid).second - 2.27) < 0.006);
    }
}

TEMPLATE_TEST_CASE("the negative tail reaches into the subnormals and ends where it should",
                   "[identities][landmarks]", float, double) {
    using T = TestType;
    struct edge {
        family form;
        double subnormal, zero;  // below which x results are so; in double only for the exact form
    };
    const auto edges = sizeof(T) == 4 ? std::vector<edge>{{family::erf, -13.1462, -14.3561},
                                                          {family::tanh, -10.1006, -10.7709},
                                                          {family::sigmoid, -53.654, -63.527}}
                                      : std::vector<edge>{{family::erf, -37.6159, -38.5801}};
    const T smallest = (std::numeric_limits<T>::min)();
    const T least = std::numeric_limits<T>::denorm_min();
    for (const edge& e : edges)
        for (const bool is_fast : {false, true}) {
            const subject<T>& s = default_form<T>(e.form, is_fast);
            INFO(s.name);
            const auto size = [&](double x) { return -apply(s, 0, static_cast<T>(x)); };
            CHECK(size(e.subnormal + 1e-3) >= smallest);
            CHECK(size(e.subnormal - 1e-3) < smallest);
            CHECK(size(e.subnormal - 1e-3) > smallest / 2);
            // At the last edge the exact result is half the least subnormal.
            const T bound = static_cast<T>(s.max_ulp[0]) * least;
            CHECK(size(e.zero) <= bound);
            // Five times the bound and more at 4 or 5 per cent in front of the edge.
            CHECK(size(e.zero * 0.95) > bound);
        }
}
