// 16-bit storage types: every verb and form at every one of the 65536 values, in arrays and one by
// one, is the exact result, rounded once.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "gelu/gelu.hpp"
#include "oracle/storage_oracle.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/guard_pages.hpp"

namespace {

using gelu_tests::failures;
using oracle::function;
using oracle::kind;

template <class T>
std::uint16_t bits16(T x) {
    std::uint16_t b;
    std::memcpy(&b, &x, sizeof b);
    return b;
}
template <class T>
T from16(std::uint32_t b) {
    const auto narrow = static_cast<std::uint16_t>(b);
    T x;
    std::memcpy(&x, &narrow, sizeof x);
    return x;
}
template <class T>
constexpr bool is_half = gelu::storage_traits<T>::format == gelu::storage_format::binary16;
template <class T>
constexpr oracle::format format_of = is_half<T> ? oracle::binary16 : oracle::bfloat16;

bool is_nan16(std::uint16_t b, oracle::format f) { return (b & 0x7fff) > oracle::infinity_of(f); }

/// Equal bits; all NaNs count as one, since which operand's payload a product keeps is up to the
/// compiler.
template <class T, class U>
bool same16(const T* a, const U* b, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        if (bits16(a[i]) != bits16(b[i]) &&
            !(is_nan16(bits16(a[i]), format_of<T>) && is_nan16(bits16(b[i]), format_of<U>)))
            return false;
    return true;
}

template <class T>
std::string show16(T x) {
    char text[64];
    std::snprintf(text, sizeof text, "%a (0x%04x)",
                  double(oracle::value_of(bits16(x), format_of<T>)), unsigned(bits16(x)));
    return text;
}

/// All values of T, once each.
template <class T>
std::vector<T> all_values() {
    std::vector<T> x(65536);
    for (std::uint32_t b = 0; b < 65536; ++b) x[b] = from16<T>(b);
    return x;
}
template <class T>
std::vector<T> shuffled(std::uint32_t seed) {
    std::vector<T> x = all_values<T>();
    std::mt19937 random(seed);
    std::shuffle(x.begin(), x.end(), random);
    return x;
}

const function default_functions[] = {{kind::erf, 0},
                                      {kind::tanh, oracle::default_constant(kind::tanh)},
                                      {kind::sigmoid, oracle::default_constant(kind::sigmoid)}};

/// Computed once for a process; the instruction set of the verbs plays no part.
template <class T>
const std::vector<std::uint16_t>& exact_results(function g, int order) {
    static std::map<std::tuple<kind, double, int>, std::vector<std::uint16_t>> known;
    auto& table = known[{g.form, g.constant, order}];
    if (table.empty()) table = oracle::correctly_rounded(g, order, format_of<T>);
    return table;
}

/// Whether `got` is the correctly rounded result at x. The sign of a zero that a tail rounds to is
/// that of the exact result where x < 0 or the order is 0, and else either; NaN may lose its own.
template <class T>
bool right(T got, T x, std::uint16_t expected, int order) {
    const std::uint16_t b = bits16(got);
    const oracle::format f = format_of<T>;
    if (is_nan16(bits16(x), f)) {
        const int quiet_bit = 1 << (f.digits - 2);
        return is_nan16(b, f) && (b & quiet_bit);
    }
    const bool negative_finite =
        (bits16(x) & 0x8000) && (bits16(x) & 0x7fff) < oracle::infinity_of(f);
    if ((expected & 0x7fff) == 0 && order > 0 && !negative_finite) return (b & 0x7fff) == 0;
    return b == expected;
}

/// Calls f with every tier of every form with its default constant.
template <class F>
void for_each_form(F&& f) {
    for (const function& g : default_functions)
        oracle::with_form(g, [&](auto form) {
            f(g, form, std::string("plain"));
            f(g, gelu::fast{form}, std::string("fast"));
        });
}

template <class In, class Out, class Form>
void map(int order, const In* in, Out* out, std::size_t n, Form form) {
    if (order == 0) gelu::forward(in, out, n, form);
    if (order == 1) gelu::derivative(in, out, n, form);
    if (order == 2) gelu::second_derivative(in, out, n, form);
}
template <class T, class Form>
T map_one(int order, T x, Form form) {
    if (order == 0) return gelu::forward(x, form);
    if (order == 1) return gelu::derivative(x, form);
    return gelu::second_derivative(x, form);
}

template <class T>
void require_right(function g, int order, const std::string& what, const std::vector<T>& x,
                   const std::vector<T>& got) {
    const auto& table = exact_results<T>(g, order);
    failures wrong;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (!right(got[i], x[i], table[bits16(x[i])], order))
            wrong.add("at ", show16(x[i]), " got ", show16(got[i]), ", exact ",
                      show16(from16<T>(table[bits16(x[i])])));
    CAPTURE(what, int(g.form), order);
    CHECK(wrong.text() == "");
}

template <class T>
T one() {
    return from16<T>(is_half<T> ? 0x3c00 : 0x3f80);
}

}  // namespace

TEMPLATE_TEST_CASE("arrays of 16 bits: every value, correctly rounded", "", gelu::float16,
                   gelu::bfloat16) {
    using T = TestType;
    const std::vector<T> x = all_values<T>(), mixed = shuffled<T>(1);
    std::vector<T> y(x.size()), z(x.size());
    for_each_form([&](function g, auto form, const std::string& tier) {
        for (int order = 0; order < 3; ++order) {
            map(order, x.data(), y.data(), x.size(), form);
            require_right(g, order, tier, x, y);
            map(order, mixed.data(), z.data(), x.size(), form);
            require_right(g, order, tier + ", shuffled", mixed, z);
        }
    });
}

TEMPLATE_TEST_CASE("one value of 16 bits: every value, correctly rounded", "", gelu::float16,
                   gelu::bfloat16) {
    using T = TestType;
    const std::vector<T> x = all_values<T>();
    std::vector<T> y(x.size());
    for_each_form([&](function g, auto form, const std::string& tier) {
        for (int order = 0; order < 3; ++order) {
            for (std::size_t i = 0; i < x.size(); ++i) y[i] = map_one(order, x[i], form);
            require_right(g, order, tier, x, y);
        }
        failures wrong;
        for (const T v : x) {
            if (bits16(form(v)) != bits16(gelu::forward(v, form))) wrong.add("at ", show16(v));
            if (bits16(gelu::backward(one<T>(), v, form)) != bits16(gelu::derivative(v, form)))
                wrong.add("backward at ", show16(v));
        }
        CHECK(wrong.text() == "");
    });
}

// backward is the product, rounded once, whatever the two factors.
TEMPLATE_TEST_CASE("backward of 16 bits: the exact product, correctly rounded", "", gelu::float16,
                   gelu::bfloat16) {
    using T = TestType;
    const oracle::format f = format_of<T>;
    const std::vector<T> x = all_values<T>();
    std::vector<T> grad(x.size()), y(x.size());
    // 1, the smallest subnormal times an odd number, the largest, and at random, specials included
    for (int kind_of_grad = 0; kind_of_grad < 6; ++kind_of_grad) {
        std::vector<T> random = shuffled<T>(std::uint32_t(kind_of_grad));
        for (std::size_t i = 0; i < x.size(); ++i) {
            grad[i] = kind_of_grad == 0   ? one<T>()
                      : kind_of_grad == 1 ? from16<T>(std::uint32_t(2 * (i % 50) + 1))
                      : kind_of_grad == 2 ? from16<T>(oracle::infinity_of(f) - 1u)
                                          : random[i];
        }
        for_each_form([&](function g, auto form, const std::string& tier) {
            gelu::backward(grad.data(), x.data(), y.data(), x.size(), form);
            failures wrong;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const float v = oracle::value_of(bits16(x[i]), f);
                const float s = oracle::value_of(bits16(grad[i]), f);
                const double slope = std::isinf(v) ? (v > 0 ? 1 : 0) : oracle::evaluate(g, 1, v);
                const double product = double(s) * slope;
                // Arrays multiply in float: where the derivative underflows there, it has lost
                // digits; and infinity by what is zero is NaN.
                const bool underflows = std::isfinite(v) && std::fabs(slope) < 0x1p-125;
                if (underflows && std::isinf(s)) continue;
                std::uint16_t expected = 0;
                if (std::isinf(product) || product == 0 || oracle::certain(product, f))
                    expected = oracle::rounded(product, f);
                else if (!std::isnan(product))
                    expected = oracle::rounded(
                        oracle::real(double(s)) * oracle::exact(g, 1, double(v)), f);
                for (const bool array : {true, false}) {
                    if (array && underflows) continue;
                    const T got = array ? y[i] : gelu::backward(grad[i], x[i], form);
                    const std::uint16_t b = bits16(got);
                    const bool zeros = (expected & 0x7fff) == 0 && (b & 0x7fff) == 0 &&
                                       (!std::isfinite(v) || v >= 0);
                    if (std::isnan(product) ? !is_nan16(b, f) : b != expected && !zeros)
                        wrong.add("grad ", show16(grad[i]), " x ", show16(x[i]), " got ",
                                  show16(got), ", exact ", show16(from16<T>(expected)));
                }
            }
            CAPTURE(tier, int(g.form), kind_of_grad);
            CHECK(wrong.text() == "");
        });
    }
}

TEMPLATE_TEST_CASE("both outputs of 16 bits have the bits of the separate verbs", "", gelu::float16,
                   gelu::bfloat16) {
    using T = TestType;
    const std::vector<T> x = shuffled<T>(2);
    std::vector<T> y(x.size()), z(x.size()), out(x.size()), slope(x.size());
    std::vector<float> wide(x.size()), wide_slope(x.size());
    for_each_form([&](function g, auto form, const std::string& tier) {
        CAPTURE(tier, int(g.form));
        gelu::forward(x, y, form);
        gelu::derivative(x, z, form);
        gelu::forward_with_derivative(x, out, slope, form);
        CHECK(std::memcmp(y.data(), out.data(), 2 * x.size()) == 0);
        CHECK(std::memcmp(z.data(), slope.data(), 2 * x.size()) == 0);
        gelu::forward_with_derivative(x, out, wide_slope, form);
        gelu::derivative(x, wide, form);
        CHECK(std::memcmp(y.data(), out.data(), 2 * x.size()) == 0);
        CHECK(std::memcmp(wide.data(), wide_slope.data(), 4 * x.size()) == 0);
    });
}

// The constants of a refitted form: any result within max_ulp, forward correctly rounded still.
TEMPLATE_TEST_CASE("refitted constants keep max_ulp", "", gelu::float16, gelu::bfloat16) {
    using T = TestType;
    const oracle::format f = format_of<T>;
    const std::vector<T> x = all_values<T>();
    std::vector<T> y(x.size());
    for (const function g : {function{kind::tanh, 0.0455399}, function{kind::tanh, 0.01},
                             function{kind::tanh, 0.1}, function{kind::sigmoid, 0.5},
                             function{kind::sigmoid, 1.7009913}, function{kind::sigmoid, 4.0}}) {
        oracle::with_form(g, [&](auto plain) {
            const auto check = [&](auto form, const char* tier) {
                for (int order = 0; order < 3; ++order) {
                    const double bound = order == 0   ? gelu::max_ulp<T, 0>(form)
                                         : order == 1 ? gelu::max_ulp<T, 1>(form)
                                                      : gelu::max_ulp<T, 2>(form);
                    map(order, x.data(), y.data(), x.size(), form);
                    if (bound == 0.5) {
                        require_right(g, order, tier, x, y);
                        continue;
                    }
                    failures wrong;
                    for (std::size_t i = 0; i < x.size(); ++i) {
                        const float v = oracle::value_of(bits16(x[i]), f);
                        if (!std::isfinite(v)) continue;
                        const double exact = oracle::evaluate(g, order, v);
                        const double got = double(oracle::value_of(bits16(y[i]), f));
                        const double floored =
                            std::fabs(v) < 2 ? std::max(std::fabs(exact), 0x1p-4) : exact;
                        int e = 0;
                        std::frexp(floored, &e);
                        const double spacing =
                            std::ldexp(1.0, std::max(e, f.min_exponent) - f.digits);
                        if (!(std::fabs(got - exact) <= (bound + 0x1p-20) * spacing))
                            wrong.add("at ", show16(x[i]), " got ", show16(y[i]));
                    }
                    CAPTURE(tier, int(g.form), g.constant, order);
                    CHECK(wrong.text() == "");
                }
            };
            check(plain, "plain");
            check(gelu::fast{plain}, "fast");
        });
    }
}

// 16 bits in and float out is the float verb at the widened input; the reverse its result, rounded.
TEMPLATE_TEST_CASE("arrays of float and 16 bits in one call", "", gelu::float16, gelu::bfloat16) {
    using T = TestType;
    const oracle::format f = format_of<T>;
    const std::vector<T> x = shuffled<T>(3), grad = shuffled<T>(4);
    const std::size_t n = x.size();
    std::vector<float> wide(n), wide_grad(n), expected(n), got(n);
    std::vector<T> narrow(n);
    for (std::size_t i = 0; i < n; ++i) {
        wide[i] = oracle::value_of(bits16(x[i]), f);
        wide_grad[i] = oracle::value_of(bits16(grad[i]), f);
    }
    const auto require_same = [&](const std::string& what) {
        failures wrong;
        for (std::size_t i = 0; i < n; ++i)
            if (!gelu_tests::same(got[i], expected[i])) wrong.add("at ", wide[i], " got ", got[i]);
        CAPTURE(what);
        CHECK(wrong.text() == "");
    };
    const auto require_rounded = [&](const std::string& what) {
        failures wrong;
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint16_t b = bits16(narrow[i]);
            if (std::isnan(expected[i]) ? !is_nan16(b, f)
                                        : b != oracle::rounded(double(expected[i]), f))
                wrong.add("at ", wide[i], " got ", show16(narrow[i]));
        }
        CAPTURE(what);
        CHECK(wrong.text() == "");
    };
    for_each_form([&](function g, auto form, const std::string& tier) {
        CAPTURE(tier, int(g.form));
        for (int order = 0; order < 3; ++order) {
            map(order, wide.data(), expected.data(), n, form);
            map(order, x.data(), got.data(), n, form);
            require_same("16 bits in, float out");
            map(order, wide.data(), narrow.data(), n, form);
            require_rounded("float in, 16 bits out");
        }
        gelu::backward(wide_grad, wide, expected, form);
        gelu::backward(grad, x, got, form);
        require_same("backward, float out");
        gelu::backward(wide_grad, x, got, form);
        require_same("backward, only in of 16 bits");
        gelu::backward(grad, wide, got, form);
        require_same("backward, only grad of 16 bits");
        gelu::backward(wide_grad, wide, narrow, form);
        require_rounded("backward, only grad_in of 16 bits");
        gelu::backward(wide_grad, x, narrow, form);
        require_rounded("backward, grad of float");
        gelu::backward(grad, wide, narrow, form);
        require_rounded("backward, in of float");
    });
    using Other = std::conditional_t<is_half<T>, gelu::bfloat16, gelu::float16>;
    std::vector<Other> other(n);
    gelu::forward(x, other);
    gelu::forward(wide, expected);
    failures wrong;
    for (std::size_t i = 0; i < n; ++i)
        if (!std::isnan(expected[i]) &&
            bits16(other[i]) != oracle::rounded(double(expected[i]), format_of<Other>))
            wrong.add("at ", wide[i], " got ", show16(other[i]));
    CHECK(wrong.text() == "");
}

// Every length, in place and not, at addresses aligned for nothing wider than the type, between
// pages that fault: the bits are those of the whole array.
TEMPLATE_TEST_CASE("tails of 16 bits, in place and out", "", gelu::float16, gelu::bfloat16) {
    using T = TestType;
    const std::size_t most = 5 * xsimd::batch<float>::size + 3;
    const std::vector<T> x = shuffled<T>(5), grad = shuffled<T>(6);
    std::vector<T> y(x.size()), d(x.size()), b(x.size());
    gelu::forward(x, y, gelu::tanh_form{});
    gelu::derivative(x, d, gelu::tanh_form{});
    gelu::backward(grad, x, b, gelu::tanh_form{});
    gelu_tests::guarded<T> first(most), second(most), third(most);
    std::size_t start = 0;
    for (std::size_t n = 0; n <= most; ++n) {
        for (const bool at_back : {false, true}) {
            start = (start + 997) % (x.size() - most);
            const auto place = [&](const gelu_tests::guarded<T>& g) {
                return at_back ? g.back(n) : g.front(n);
            };
            T *p = place(first), *q = place(second), *r = place(third);
            const auto put = [&](T* to, const std::vector<T>& from) {
                std::memcpy(static_cast<void*>(to), from.data() + start, 2 * n);
            };
            const auto is = [&](const T* got, const std::vector<T>& expected) {
                return same16(got, expected.data() + start, n);
            };
            CAPTURE(n, at_back, start);
            put(p, x);
            gelu::forward(p, q, n, gelu::tanh_form{});
            CHECK(is(q, y));
            CHECK(is(p, x));
            gelu::forward_with_derivative(p, q, r, n, gelu::tanh_form{});
            CHECK((is(q, y) && is(r, d)));
            put(r, grad);
            gelu::backward(r, p, q, n, gelu::tanh_form{});
            CHECK(is(q, b));
            gelu::backward(r, p, r, n, gelu::tanh_form{});
            CHECK(is(r, b));
            put(r, grad);
            gelu::backward(r, p, p, n, gelu::tanh_form{});
            CHECK(is(p, b));
            put(p, x);
            gelu::forward_with_derivative(p, p, q, n, gelu::tanh_form{});
            CHECK((is(p, y) && is(q, d)));
            put(p, x);
            gelu::forward(p, p, n, gelu::approximation::tanh);
            CHECK(is(p, y));
            // Nothing beside the n elements is written.
            put(p, x);
            const T mark = from16<T>(0x1234);
            T* beside = at_back ? q - 1 : q + n;
            *beside = mark;
            gelu::forward(p, q, n, gelu::tanh_form{});
            CHECK(bits16(*beside) == 0x1234);
        }
    }
    gelu::forward(static_cast<const T*>(nullptr), static_cast<T*>(nullptr), 0);
    std::vector<T> shorter(3), longer(4);
    CHECK_THROWS_AS(gelu::forward(shorter, longer), std::invalid_argument);
    std::vector<float> floats(4);
    CHECK_THROWS_AS(gelu::forward(shorter, floats), std::invalid_argument);
}

// Results next to ties are evaluated again, in a path of their own: alone in an array or beside
// anything, an input has the same result, at each lane.
TEMPLATE_TEST_CASE("bits of 16-bit results depend on the input alone", "", gelu::float16,
                   gelu::bfloat16) {
    using T = TestType;
    const std::vector<T> x = all_values<T>();
    std::vector<T> y(x.size());
    std::mt19937 random(7);
    for_each_form([&](function g, auto form, const std::string& tier) {
        gelu::forward(x, y, form);
        failures wrong;
        T in[67], out[67];
        for (std::uint32_t b = 0; b < 65536; b += 13) {
            const std::size_t n = 1 + random() % 67, at = random() % n;
            for (T& v : in) v = from16<T>(random() & 0xffff);
            in[at] = x[b];
            gelu::forward(in, out, n, form);
            for (std::size_t i = 0; i < n; ++i)
                if (bits16(out[i]) != bits16(y[bits16(in[i])])) wrong.add("at ", show16(in[i]));
        }
        CAPTURE(tier, int(g.form));
        CHECK(wrong.text() == "");
    });
}

namespace {

/// All floats at a stride through the conversions of arrays and of single values.
template <class T>
void require_conversions(std::uint64_t stride) {
    using B = xsimd::batch<float>;
    const oracle::format f = format_of<T>;
    failures wrong;
    for (std::uint32_t b = 0; b < 65536; b += B::size) {
        T in[B::size], back[B::size];
        float out[B::size];
        for (std::uint32_t j = 0; j < B::size; ++j) in[j] = from16<T>(b + j);
        const B batch = gelu::detail::ops::load<B>(in);
        batch.store_unaligned(out);
        gelu::detail::ops::store<B>(back, batch);
        for (std::uint32_t j = 0; j < B::size; ++j) {
            const float expected = oracle::value_of(bits16(in[j]), f);
            const float scalar = float(in[j]);
            if (!gelu_tests::same(out[j], expected) || !gelu_tests::same(scalar, expected) ||
                std::signbit(out[j]) != bool(bits16(in[j]) >> 15))
                wrong.add("widening ", show16(in[j]));
            const int quieted =
                std::isnan(expected) ? bits16(in[j]) | 1 << (f.digits - 2) : bits16(in[j]);
            if (bits16(back[j]) != quieted) wrong.add("there and back ", show16(in[j]));
        }
    }
    for (std::uint64_t b = 0; b < std::uint64_t{1} << 32; b += stride * B::size) {
        float in[B::size];
        T out[B::size];
        for (std::size_t j = 0; j < B::size; ++j)
            in[j] = gelu_tests::from_bits<float>(static_cast<std::uint32_t>(b + j * stride));
        gelu::detail::ops::store<B>(out, B::load_unaligned(in));
        for (std::size_t j = 0; j < B::size; ++j) {
            const std::uint16_t got = bits16(out[j]), scalar = T(in[j]).bits;
            const bool ok = std::isnan(in[j])
                                ? is_nan16(got, f) && (got >> (f.digits - 2) & 1) &&
                                      (got >> 15) == std::signbit(in[j]) && got == scalar
                                : got == oracle::rounded(double(in[j]), f) && got == scalar;
            if (!ok) wrong.add("narrowing ", in[j], " got ", show16(out[j]));
        }
    }
    CHECK(wrong.text() == "");
}

}  // namespace

TEMPLATE_TEST_CASE("conversions: all 16-bit values, floats at a stride", "", gelu::float16,
                   gelu::bfloat16) {
    require_conversions<TestType>(509);
}
TEMPLATE_TEST_CASE("conversions: every float", "[.exhaustive]", gelu::float16, gelu::bfloat16) {
    require_conversions<TestType>(1);
}

TEMPLATE_TEST_CASE("a double rounds to 16 bits once", "", gelu::float16, gelu::bfloat16) {
    const oracle::format f = format_of<TestType>;
    failures wrong;
    for (std::uint32_t b = 0; b < oracle::infinity_of(f); ++b) {
        const double low = double(oracle::value_of(std::uint16_t(b), f));
        const double high = b + 1u == oracle::infinity_of(f)
                                ? std::ldexp(1.0, f.max_exponent)
                                : double(oracle::value_of(std::uint16_t(b + 1), f));
        const double tie = low / 2 + high / 2;
        for (const double v : {low, tie, std::nextafter(tie, 0.0), std::nextafter(tie, INFINITY),
                               tie * (1 - 0x1p-30), tie * (1 + 0x1p-30)})
            for (const double s : {v, -v})
                if (TestType(s).bits != oracle::rounded(s, f)) wrong.add("at ", s);
    }
    CHECK(wrong.text() == "");
    CHECK(TestType(HUGE_VAL).bits == oracle::infinity_of(f));
    CHECK(TestType(1e300).bits == oracle::infinity_of(f));
    CHECK(is_nan16(TestType(std::nan("")).bits, f));
}

// The oracle decides most results without MPFR: that they are MPFR's is checked here.
TEMPLATE_TEST_CASE("the oracle's roundings are MPFR's", "", gelu::float16, gelu::bfloat16) {
    const oracle::format f = format_of<TestType>;
    failures wrong;
    for (const function& g : default_functions)
        for (int order = 0; order < 3; ++order) {
            const auto& table = exact_results<TestType>(g, order);
            for (std::uint32_t b = std::uint32_t(order); b < 65536; b += 101) {
                const double x = double(oracle::value_of(std::uint16_t(b), f));
                if (!std::isfinite(x)) continue;
                // MPFR's terms of order 1 and 2 underflow to zeros of any sign.
                const std::uint16_t exact = oracle::rounded(oracle::exact(g, order, x), f);
                const bool zeros = order > 0 && (exact & 0x7fff) == 0 && (table[b] & 0x7fff) == 0;
                if (table[b] != exact && !zeros) wrong.add("at ", x);
            }
        }
    CHECK(wrong.text() == "");
}

static_assert(gelu::max_ulp<gelu::float16, 0>() == 0.5, "");
static_assert(gelu::max_ulp<gelu::bfloat16, 1>(gelu::fast{gelu::tanh_form{}}) == 0.5, "");
static_assert(gelu::max_ulp<gelu::bfloat16, 2>(gelu::sigmoid_form{1.5}) > 0.5, "");
static_assert(sizeof(gelu::float16) == 2 && std::is_trivially_copyable<gelu::float16>::value, "");
static_assert(std::is_trivial<gelu::bfloat16>::value, "");

// Types by their trait alone: the compiler's own, where it has them, and one of somebody else.
namespace {
struct their_half {
    unsigned char bytes[2];
};
struct their_brain {
    std::uint16_t bits;
};
}  // namespace
template <>
struct gelu::storage_traits<their_half> : gelu::binary16_storage {};
template <>
struct gelu::storage_traits<their_brain> : gelu::bfloat16_storage {};

#if defined(__FLT16_MANT_DIG__) && \
    (defined(__clang__) || !defined(__GNUC__) || __GNUC__ >= 13 || defined(__SSE2__))
#define GELU_TEST_FLOAT16 , _Float16
#else
#define GELU_TEST_FLOAT16
#endif
#if defined(__BFLT16_MANT_DIG__)
#define GELU_TEST_BFLOAT16 , __bf16
#else
#define GELU_TEST_BFLOAT16
#endif

TEMPLATE_TEST_CASE("any 16-bit type by its trait", "", their_half,
                   their_brain GELU_TEST_FLOAT16 GELU_TEST_BFLOAT16) {
    using T = TestType;
    using Ours = std::conditional_t<is_half<T>, gelu::float16, gelu::bfloat16>;
    const std::vector<Ours> x = shuffled<Ours>(8);
    const std::size_t n = x.size();
    std::vector<Ours> y(n), z(n);
    std::vector<T> in = shuffled<T>(8), out(n), slope(n);
    std::vector<float> wide(n);
    const auto same = [&](const std::vector<T>& a, const std::vector<Ours>& b) {
        return same16(a.data(), b.data(), n);
    };
    gelu::forward_with_derivative(x, y, z);
    gelu::forward_with_derivative(in, out, slope, gelu::approximation::none);
    CHECK((same(out, y) && same(slope, z)));
    gelu::backward(x, y, z, gelu::sigmoid_form{});
    gelu::backward(in.data(), out.data(), slope.data(), n, gelu::sigmoid_form{});
    CHECK(same(slope, z));
    // Types of one format are one format, whatever their names.
    gelu::backward(x, y, slope, gelu::sigmoid_form{});
    CHECK(same(slope, z));
    gelu::forward(in, wide);
    gelu::forward(wide, out);
    gelu::forward(wide, y);
    CHECK(same(out, y));
    CHECK(bits16(gelu::second_derivative(in[5])) == gelu::second_derivative(x[5]).bits);
    CHECK(bits16(gelu::fast{gelu::tanh_form{}}(in[5])) ==
          gelu::forward(x[5], gelu::tanh_form{}).bits);
}
