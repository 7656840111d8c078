// gelu::dispatch, made to use the instruction set that this file is compiled for, gives the bits of
// gelu/gelu.hpp in this file. Its library is the shared one: it has code of its own.
#include <gelu/dispatch.hpp>
#include <gelu/gelu.hpp>

#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

namespace {

using gelu_tests::failures;

bool same(float a, float b) { return gelu_tests::same(a, b); }
bool same(double a, double b) { return gelu_tests::same(a, b); }
template <class T>
bool same(T a, T b) {
    const float x = static_cast<float>(a), y = static_cast<float>(b);
    return std::memcmp(&a, &b, sizeof a) == 0 || (x != x && y != y);
}

float shown(float x) { return x; }
double shown(double x) { return x; }
template <class T>
float shown(T x) {
    return static_cast<float>(x);
}

/// n values that run through special ones, landmarks and a wide normal distribution.
template <class T>
std::vector<T> mixed_values(std::size_t n, unsigned seed) {
    using source = std::conditional_t<std::is_same<T, double>::value, double, float>;
    static const auto special = gelu_tests::special_values<source>();
    static const auto landmarks = gelu_tests::landmarks<source>();
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, 4);
    std::vector<T> values(n);
    for (std::size_t i = 0; i < n; ++i) {
        const unsigned kind = random() % 4;
        const source x = kind == 0   ? special[random() % special.size()]
                         : kind == 1 ? landmarks[random() % landmarks.size()]
                                     : static_cast<source>(normal(random));
        values[i] = static_cast<T>(x);
    }
    return values;
}

struct compared {
    failures wrong;
    std::string what;

    template <class T>
    void operator()(const char* verb, const std::vector<T>& got, const std::vector<T>& expected) {
        for (std::size_t i = 0; i < got.size(); ++i)
            if (!same(got[i], expected[i]))
                wrong.add(what, ", ", verb, ", n ", got.size(), ", i ", i, ": ", shown(got[i]),
                          " and ", shown(expected[i]));
    }
};

/// The verbs of gelu/gelu.hpp, each compiled once, which takes its time.
namespace headers {
template <class In, class Out, class Form>
GELU_NOINLINE void transform(int order, const In* in, Out* out, std::size_t n, const Form& form) {
    if (order == 0) gelu::forward(in, out, n, form);
    if (order == 1) gelu::derivative(in, out, n, form);
    if (order == 2) gelu::second_derivative(in, out, n, form);
}
template <class Grad, class In, class Out, class Form>
GELU_NOINLINE void backward(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                            const Form& form) {
    gelu::backward(grad, in, grad_in, n, form);
}
template <class In, class Out, class Slope, class Form>
GELU_NOINLINE void both(const In* in, Out* out, Slope* slope, std::size_t n, const Form& form) {
    gelu::forward_with_derivative(in, out, slope, n, form);
}
}  // namespace headers

/// All verbs in both spellings, one form, arrays of n.
template <class In, class Out, class Form>
void compare(compared& check, std::size_t n, const Form& form) {
    namespace dispatch = gelu::dispatch;
    // One element more, which must stay as it is: compared along with the rest.
    const auto in = mixed_values<In>(n, unsigned(n)),
               grad = mixed_values<In>(n, unsigned(n) + 1000);
    const auto untouched = mixed_values<Out>(n + 1, 5);
    const In *const x = in.data(), *const g = grad.data();
    auto a = untouched, b = untouched, c = untouched, d = untouched;
    std::vector<Out> r(n), s(n);
    const auto check_ranges = [&](const char* verb, const std::vector<Out>& got,
                                  const std::vector<Out>& with_one_more) {
        check(verb, got, std::vector<Out>(with_one_more.begin(), with_one_more.end() - 1));
    };

    headers::transform(0, x, a.data(), n, form);
    dispatch::forward(x, b.data(), n, form);
    check("forward", b, a);
    dispatch::forward(in, r, form);
    check_ranges("forward of ranges", r, a);

    headers::transform(1, x, a.data(), n, form);
    dispatch::derivative(x, b.data(), n, form);
    check("derivative", b, a);
    dispatch::derivative(in, r, form);
    check_ranges("derivative of ranges", r, a);

    headers::transform(2, x, a.data(), n, form);
    dispatch::second_derivative(x, b.data(), n, form);
    check("second_derivative", b, a);
    dispatch::second_derivative(in, r, form);
    check_ranges("second_derivative of ranges", r, a);

    headers::backward(g, x, a.data(), n, form);
    dispatch::backward(g, x, b.data(), n, form);
    check("backward", b, a);
    dispatch::backward(grad, in, r, form);
    check_ranges("backward of ranges", r, a);

    headers::both(x, a.data(), c.data(), n, form);
    dispatch::forward_with_derivative(x, b.data(), d.data(), n, form);
    check("forward_with_derivative", b, a);
    check("forward_with_derivative's slope", d, c);
    dispatch::forward_with_derivative(in, r, s, form);
    check_ranges("forward_with_derivative of ranges", r, a);
    check_ranges("forward_with_derivative's slope of ranges", s, c);

    if constexpr (std::is_same<In, Out>::value) {
        r = in;
        dispatch::forward_with_derivative(r, r, s, form);
        check_ranges("forward_with_derivative in place", r, a);
        check_ranges("the slope, with the value in place", s, c);
        r = in;
        dispatch::forward_with_derivative(r, s, r, form);
        check_ranges("forward_with_derivative, slope in place", s, a);
        check_ranges("the slope in place", r, c);
        headers::backward(x, x, a.data(), n, form);
        r = in;
        dispatch::backward(r, r, r, form);
        check_ranges("backward in place", r, a);
    }
}

template <class In, class Out, class Form>
void compare_lengths(const char* name, const Form& form) {
    compared check;
    check.what = name;
    for (std::size_t n = 0; n <= 100; ++n) compare<In, Out>(check, n, form);
    // Several of the blocks that mixed types go in.
    for (const std::size_t n : {512u, 513u, 1500u}) compare<In, Out>(check, n, form);
    CHECK(check.wrong.text() == "");
}

template <class In, class Out>
void compare_forms() {
    gelu::dispatch::use(GELU_TEST_SET);
    REQUIRE(gelu::dispatch::active() == GELU_TEST_SET);
    compare_lengths<In, Out>("exact", gelu::erf_form{});
    compare_lengths<In, Out>("tanh", gelu::tanh_form{});
    compare_lengths<In, Out>("sigmoid", gelu::sigmoid_form{});
    compare_lengths<In, Out>("exact, fast", gelu::fast{gelu::erf_form{}});
    compare_lengths<In, Out>("tanh, fast", gelu::fast{gelu::tanh_form{}});
    compare_lengths<In, Out>("sigmoid, fast", gelu::fast{gelu::sigmoid_form{}});
    compare_lengths<In, Out>("tanh 0.0455", gelu::tanh_form{0.0455});
    compare_lengths<In, Out>("sigmoid 1", gelu::sigmoid_form{1.0});
    compare_lengths<In, Out>("tanh 0.0455, fast", gelu::fast{gelu::tanh_form{0.0455}});
    compare_lengths<In, Out>("sigmoid 1, fast", gelu::fast{gelu::sigmoid_form{1.0}});
}

}  // namespace

TEST_CASE("float: bits of the headers", "[dispatch]") { compare_forms<float, float>(); }
TEST_CASE("double: bits of the headers", "[dispatch]") { compare_forms<double, double>(); }
TEST_CASE("half: bits of the headers", "[dispatch]") {
    compare_forms<gelu::float16, gelu::float16>();
}
TEST_CASE("bfloat16: bits of the headers", "[dispatch]") {
    compare_forms<gelu::bfloat16, gelu::bfloat16>();
}
TEST_CASE("mixed types: bits of the headers", "[dispatch]") {
    gelu::dispatch::use(GELU_TEST_SET);
    compare_lengths<gelu::float16, float>("exact", gelu::erf_form{});
    compare_lengths<float, gelu::bfloat16>("tanh", gelu::tanh_form{});
    compare_lengths<gelu::bfloat16, gelu::float16>("sigmoid, fast",
                                                   gelu::fast{gelu::sigmoid_form{}});
}

TEST_CASE("mixed types, three at a time", "[dispatch]") {
    gelu::dispatch::use(GELU_TEST_SET);
    compared check;
    const gelu::fast form{gelu::tanh_form{0.0455}};
    for (const std::size_t n : {1u, 37u, 600u}) {
        const auto half = mixed_values<gelu::float16>(n, 1);
        const auto brain = mixed_values<gelu::bfloat16>(n, 2);
        const auto single = mixed_values<float>(n, 3);
        std::vector<float> f(n), f2(n);
        std::vector<gelu::float16> h(n), h2(n);
        std::vector<gelu::bfloat16> b(n), b2(n);

        headers::backward(half.data(), brain.data(), f.data(), n, form);
        gelu::dispatch::backward(half, brain, f2, form);
        check("backward to float", f2, f);
        headers::backward(single.data(), half.data(), h.data(), n, form);
        gelu::dispatch::backward(single, half, h2, form);
        check("backward to half", h2, h);
        headers::both(half.data(), h.data(), f.data(), n, form);
        gelu::dispatch::forward_with_derivative(half, h2, f2, form);
        check("half and float: value", h2, h);
        check("half and float: slope", f2, f);
        headers::both(single.data(), b.data(), h.data(), n, form);
        gelu::dispatch::forward_with_derivative(single, b2, h2, form);
        check("bfloat16 and half: value", b2, b);
        check("bfloat16 and half: slope", h2, h);
        h = h2 = half;
        headers::both(h.data(), h.data(), b.data(), n, form);
        gelu::dispatch::forward_with_derivative(h2, h2, b2, form);
        check("in place and bfloat16: value", h2, h);
        check("in place and bfloat16: slope", b2, b);
    }
    CHECK(check.wrong.text() == "");
}

TEST_CASE("an approximation is its form", "[dispatch]") {
    gelu::dispatch::use(GELU_TEST_SET);
    namespace dispatch = gelu::dispatch;
    const std::size_t n = 37;
    const auto in = mixed_values<double>(n, 7), grad = mixed_values<double>(n, 8);
    const auto same_as = [&](gelu::approximation choice, const auto& form) {
        std::vector<double> a(n), b(n), c(n), d(n);
        const auto check = [&] {
            compared all;
            all("value", a, b);
            all("slope", c, d);
            CHECK(all.wrong.text() == "");
        };
        dispatch::forward(in, a, choice), dispatch::forward(in, b, form);
        check();
        dispatch::derivative(in, a, choice), dispatch::derivative(in, b, form);
        check();
        dispatch::second_derivative(in, a, choice), dispatch::second_derivative(in, b, form);
        check();
        dispatch::backward(grad, in, a, choice), dispatch::backward(grad, in, b, form);
        check();
        dispatch::forward_with_derivative(in, a, c, choice);
        dispatch::forward_with_derivative(in, b, d, form);
        check();
        a.assign(n, 0), c.assign(n, 0);
        const double *x = in.data(), *g = grad.data();
        dispatch::forward_with_derivative(x, a.data(), c.data(), n, choice);
        check();
        dispatch::forward(x, a.data(), n, choice), dispatch::forward(in, b, form);
        check();
        dispatch::derivative(x, a.data(), n, choice), dispatch::derivative(in, b, form);
        check();
        dispatch::second_derivative(x, a.data(), n, choice);
        dispatch::second_derivative(in, b, form);
        check();
        dispatch::backward(g, x, a.data(), n, choice), dispatch::backward(grad, in, b, form);
        check();
    };
    same_as(gelu::approximation::none, gelu::erf_form{});
    same_as(gelu::approximation::tanh, gelu::tanh_form{});
    same_as(gelu::approximation::sigmoid, gelu::sigmoid_form{});
}

#if defined(__FLT16_MANT_DIG__)
TEST_CASE("_Float16 is half", "[dispatch]") {
    gelu::dispatch::use(GELU_TEST_SET);
    std::vector<_Float16> x(19), a(19);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<_Float16>(double(i) * 0.5 - 5);
    gelu::dispatch::forward(x, a);
    std::vector<gelu::float16> y(19);
    gelu::dispatch::forward(x.data(), y.data(), y.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        CHECK(static_cast<float>(a[i]) == static_cast<float>(y[i]));
}
#endif
