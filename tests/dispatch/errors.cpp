// gelu::dispatch's errors: those of ranges as the verbs of gelu/array.hpp have them, those of
// pointers in release builds too.
#include <gelu/dispatch.hpp>

#include <csignal>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/child.hpp"

namespace {

using gelu_tests::ContainsSubstring;
using gelu_tests::fate_of;
namespace dispatch = gelu::dispatch;

constexpr std::size_t n = 20;

template <class T>
struct view {
    T* first;
    std::size_t count;
    T* data() const { return first; }
    std::size_t size() const { return count; }
};

template <class F>
void check_throws(const char* message, F f) {
    try {
        f();
        FAIL("nothing was thrown; expected: " << message);
    } catch (const std::invalid_argument& e) {
        CHECK_THAT(e.what(), ContainsSubstring(message));
    }
}

template <class F>
void check_aborts(const char* message, F f) {
    const auto fate = fate_of(f);
    CHECK(fate.signal == SIGABRT);
    CHECK_THAT(fate.error, ContainsSubstring(message));
}

}  // namespace

TEST_CASE("ranges: sizes that differ", "[dispatch]") {
    std::vector<float> a(9, 1.0f), b(8, 7.0f), c(9);
    check_throws("gelu::dispatch::forward: in has 9 elements and out has 8",
                 [&] { dispatch::forward(a, b); });
    check_throws("gelu::dispatch::second_derivative: in has 9 elements and out has 8",
                 [&] { dispatch::second_derivative(a, b, gelu::approximation::tanh); });
    check_throws("gelu::dispatch::backward: grad has 9 elements and in has 8",
                 [&] { dispatch::backward(a, b, c); });
    check_throws("gelu::dispatch::forward_with_derivative: in has 9 elements and slope has 8",
                 [&] { dispatch::forward_with_derivative(a, c, b); });
    CHECK(b == std::vector<float>(8, 7.0f));
}

TEST_CASE("ranges: overlap and constants", "[dispatch]") {
    std::vector<double> a(3 * n, 1.0), b(n);
    const view<double> in{a.data(), n}, out{a.data() + 1, n};
    check_throws("gelu::dispatch::derivative: out and in overlap in part",
                 [&] { dispatch::derivative(in, out); });
    check_throws("gelu::dispatch::backward: grad_in and grad overlap in part",
                 [&] { dispatch::backward(in, b, out); });
    check_throws("slope and out overlap",
                 [&] { dispatch::forward_with_derivative(b, in, in, gelu::sigmoid_form{}); });
    check_throws("the form's constant slope is -1; it must be finite and positive",
                 [&] { dispatch::forward(b, b, gelu::sigmoid_form{-1}); });
    check_throws("the form's constant cubic is 0; it must be finite and positive",
                 [&] { dispatch::forward(b, b, gelu::fast{gelu::tanh_form{0}}); });
    CHECK(a == std::vector<double>(3 * n, 1.0));
}

TEST_CASE("pointers: preconditions end the program", "[dispatch]") {
    std::vector<float> a(3 * n), b(n), c(n);
    float *p = a.data(), *q = p + 1, *null = nullptr;
    check_aborts("gelu::dispatch::forward: an output overlaps",
                 [&] { dispatch::forward(p, q, n); });
    check_aborts("gelu::dispatch::second_derivative: an output overlaps",
                 [&] { dispatch::second_derivative(q, p, n, gelu::approximation::sigmoid); });
    check_aborts("gelu::dispatch::backward: an output overlaps",
                 [&] { dispatch::backward(p, b.data(), q, n); });
    check_aborts("gelu::dispatch::backward: an output overlaps",
                 [&] { dispatch::backward(b.data(), p, q, n); });
    check_aborts("gelu::dispatch::forward_with_derivative: an output overlaps",
                 [&] { dispatch::forward_with_derivative(b.data(), p, q, n); });
    check_aborts("gelu::dispatch::forward_with_derivative: an output overlaps",
                 [&] { dispatch::forward_with_derivative(b.data(), p, p, n); });
    check_aborts("gelu::dispatch::derivative: an array is null",
                 [&] { dispatch::derivative(p, null, n); });
    const gelu::float16* const half = reinterpret_cast<const gelu::float16*>(p);
    check_aborts("gelu::dispatch::forward: an output overlaps",
                 [&] { dispatch::forward(half, p, n); });
    for (const double constant : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::quiet_NaN()}) {
        check_aborts("finite and positive",
                     [&] { dispatch::forward(p, p, n, gelu::tanh_form{constant}); });
        check_aborts("finite and positive",
                     [&] { dispatch::forward(p, p, 0, gelu::fast{gelu::sigmoid_form{constant}}); });
    }
}

TEST_CASE("pointers: what the contract allows", "[dispatch]") {
    std::vector<float> a(3 * n, 1.0f), b(n);
    float *p = a.data(), *null = nullptr;
    dispatch::forward(p, p + n, n);
    dispatch::forward(p + n, p, n);
    dispatch::forward(p, p, n);
    dispatch::forward(null, null, 0);
    dispatch::forward(p, p + 1, 0);
    dispatch::backward(p, p + 1, b.data(), n);
    dispatch::backward(p, p, p, n);
    dispatch::backward(null, null, null, 0);
    dispatch::forward_with_derivative(p, p, p + n, n);
    dispatch::forward_with_derivative(p, p + n, p, n);
    dispatch::forward_with_derivative(null, null, null, 0);
    dispatch::derivative(p, p, n, gelu::tanh_form{1e-300});
    CHECK(a[3 * n - 1] == 1.0f);
}
