// The preconditions of the pointer verbs, asserted in debug builds: compiled without NDEBUG.
#undef NDEBUG
#include <gelu/gelu.hpp>
#include <vector>

#include "support/catch.hpp"
#include "support/child.hpp"

namespace {

using gelu_tests::ContainsSubstring;
using gelu_tests::fate_of;

constexpr std::size_t n = 20;

template <class F>
void check_asserted(const char* message, F f) {
    const auto fate = fate_of(f);
    CHECK(fate.signal == SIGABRT);
    CHECK_THAT(fate.error, ContainsSubstring(message));
}

}  // namespace

TEST_CASE("partial overlap of pointers is asserted", "[preconditions]") {
    std::vector<float> a(3 * n), b(n), c(n);
    float *p = a.data(), *q = a.data() + 1;
    for (const bool output_first : {false, true}) {
        const float* in = output_first ? q : p;
        float* out = output_first ? p : q;
        check_asserted("out and in overlap", [&] { gelu::forward(in, out, n); });
        check_asserted("out and in overlap",
                       [&] { gelu::forward(in, out, n, gelu::approximation::tanh); });
        check_asserted("out and in overlap", [&] { gelu::derivative(in, out, n); });
        check_asserted("out and in overlap", [&] { gelu::second_derivative(in, out, n); });
        check_asserted("grad_in and grad overlap", [&] { gelu::backward(in, b.data(), out, n); });
        check_asserted("grad_in and in overlap", [&] { gelu::backward(b.data(), in, out, n); });
        check_asserted("out and in overlap",
                       [&] { gelu::forward_with_derivative(in, out, b.data(), n); });
        check_asserted("slope and in overlap",
                       [&] { gelu::forward_with_derivative(in, b.data(), out, n); });
        check_asserted("slope and out overlap",
                       [&] { gelu::forward_with_derivative(b.data(), p, q, n); });
    }
    check_asserted("slope and out overlap",
                   [&] { gelu::forward_with_derivative(b.data(), p, p, n); });
}

TEST_CASE("unusable constants are asserted", "[preconditions]") {
    std::vector<double> a(n), b(n), c(n);
    const char* const says = "finite and positive";
    for (const double constant : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::quiet_NaN()}) {
        const gelu::tanh_form form{constant};
        check_asserted(says, [&] { gelu::forward(a.data(), b.data(), n, form); });
        check_asserted(says, [&] { gelu::derivative(a.data(), b.data(), n, gelu::fast{form}); });
        check_asserted(says, [&] {
            gelu::backward(a.data(), a.data(), b.data(), n, gelu::sigmoid_form{constant});
        });
        check_asserted(
            says, [&] { gelu::forward_with_derivative(a.data(), b.data(), c.data(), n, form); });
    }
}

TEST_CASE("what the contract allows is not asserted", "[preconditions]") {
    std::vector<float> a(3 * n), b(n);
    const auto fate = fate_of([&] {
        float *p = a.data(), *null = nullptr;
        gelu::forward(p, p, n);
        gelu::forward(p, p + n, n);
        gelu::forward(p + n, p, n);
        gelu::forward(null, null, 0);
        gelu::forward(p, p + 1, 0);
        gelu::backward(p, p + 1, b.data(), n);
        gelu::backward(p, p, p, n);
        gelu::backward(null, null, null, 0);
        gelu::forward_with_derivative(p, p, p + n, n);
        gelu::forward_with_derivative(p, p + n, p, n);
        gelu::forward_with_derivative(null, null, null, 0);
        gelu::forward_with_derivative(p, p, p, 0);
        gelu::derivative(p, p, n, gelu::tanh_form{1e-300});
    });
    CHECK(fate.signal == 0);
    CHECK(fate.error == "");
}
