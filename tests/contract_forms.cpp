// Forms as values, what is constexpr and noexcept, and forms as functions.
#include <algorithm>
#include <gelu/gelu.hpp>
#include <vector>

#include "support/catch.hpp"

namespace {

using gelu::approximation;
using gelu::erf_form;
using gelu::fast;
using gelu::sigmoid_form;
using gelu::tanh_form;

// Literal types with one public double each.
static_assert(tanh_form{}.cubic == 0.044715);
static_assert(sigmoid_form{}.slope == 1.702);
static_assert(std::is_same_v<decltype(tanh_form::cubic), double>);
static_assert(std::is_same_v<decltype(sigmoid_form::slope), double>);
static_assert(tanh_form{0.04485}.cubic == 0.04485 && sigmoid_form{1.0}.slope == 1.0);
static_assert(sizeof(tanh_form) == sizeof(double) && sizeof(sigmoid_form) == sizeof(double));
static_assert(std::is_empty_v<erf_form>);
static_assert(sizeof(fast<tanh_form>) == sizeof(double));
template <class Form>
constexpr bool plain_value = std::is_aggregate_v<Form>&& std::is_trivially_copyable_v<Form>&&
    std::is_standard_layout_v<Form>&& std::is_default_constructible_v<Form>;
static_assert(plain_value<erf_form> && plain_value<tanh_form> && plain_value<sigmoid_form>);
static_assert(plain_value<fast<erf_form>> && plain_value<fast<tanh_form>> &&
              plain_value<fast<sigmoid_form>>);

// Equality-comparable by constant, in constant expressions.
static_assert(erf_form{} == erf_form{} && !(erf_form{} != erf_form{}));
static_assert(tanh_form{} == tanh_form{0.044715} && tanh_form{} != tanh_form{0.0447});
static_assert(sigmoid_form{} == sigmoid_form{1.702} && sigmoid_form{} != sigmoid_form{1.7});
static_assert(fast{tanh_form{0.04}} == fast{tanh_form{0.04}});
static_assert(fast{tanh_form{0.04}} != fast{tanh_form{0.05}});
static_assert(!(fast{erf_form{}} != fast<erf_form>{}));

// CTAD names the type, and keeps the constant.
static_assert(std::is_same_v<decltype(fast{tanh_form{}}), fast<tanh_form>>);
static_assert(std::is_same_v<decltype(fast{erf_form{}}), fast<erf_form>>);
static_assert(fast{sigmoid_form{1.5}}.form == sigmoid_form{1.5});

// Pointer verbs and batch verbs are noexcept; range verbs, which throw, are not.
[[maybe_unused]] const float* const in = nullptr;
[[maybe_unused]] float* const out = nullptr;
[[maybe_unused]] const std::vector<float> range;
[[maybe_unused]] std::vector<float> out_range;
using batch = xsimd::batch<float>;
template <class Choice>
constexpr bool pointer_verbs_are_noexcept =
    noexcept(gelu::forward(in, out, 0, Choice{})) && noexcept(gelu::derivative(in, out, 0, Choice{})) && noexcept(
        gelu::second_derivative(
            in, out, 0,
            Choice{})) && noexcept(gelu::
                                       backward(in, in, out, 0,
                                                Choice{})) && noexcept(gelu::
                                                                           forward_with_derivative(
                                                                               in, out, out, 0,
                                                                               Choice{}));
static_assert(pointer_verbs_are_noexcept<erf_form> && pointer_verbs_are_noexcept<tanh_form> &&
              pointer_verbs_are_noexcept<fast<sigmoid_form>> &&
              pointer_verbs_are_noexcept<approximation>);
static_assert(noexcept(gelu::forward(batch())) && noexcept(gelu::derivative(batch())) && noexcept(
    gelu::second_derivative(batch(), tanh_form{})) && noexcept(gelu::backward(batch(), batch(),
                                                                              fast{erf_form{}})));
static_assert(!noexcept(gelu::forward(range, out_range)));
static_assert(!noexcept(gelu::backward(range, range, out_range, approximation::tanh)));

// Array verbs return nothing; a pointwise verb returns the type of its argument.
static_assert(std::is_void_v<decltype(gelu::forward(in, out, 0))>);
static_assert(std::is_void_v<decltype(gelu::forward(range, out_range))>);
static_assert(std::is_same_v<decltype(gelu::forward(1.0f)), float>);
static_assert(std::is_same_v<decltype(gelu::derivative(1.0, tanh_form{})), double>);
static_assert(std::is_same_v<decltype(gelu::second_derivative(1.0f, fast{erf_form{}})), float>);
static_assert(std::is_same_v<decltype(gelu::backward(1.0, 2.0)), double>);
static_assert(std::is_same_v<decltype(gelu::forward(batch())), batch>);

// A form is a function of what forward takes, and of nothing else.
static_assert(std::is_invocable_r_v<float, erf_form, float>);
static_assert(std::is_invocable_r_v<double, const fast<tanh_form>&, double>);
static_assert(std::is_invocable_r_v<batch, sigmoid_form, batch>);
static_assert(!std::is_invocable_v<erf_form, std::string>);
static_assert(!std::is_invocable_v<erf_form>);

// The promise is a constant expression, and the fast tier promises less.
static_assert(gelu::max_ulp<float, 0>(erf_form{}) >= 0.5);
static_assert(gelu::max_ulp<double, 1>(fast{tanh_form{}}) >= gelu::max_ulp<double, 1>(tanh_form{}));
static_assert(gelu::max_ulp<float, 2>() <= 2 && gelu::max_ulp<float, 2>(fast{erf_form{}}) <= 8);

template <class T, class Form>
void check_transform(Form form) {
    const std::vector<T> x = {T(-3), T(-0.75), T(-0.0), T(0.5), T(4)};
    std::vector<T> got(x.size()), want;
    std::transform(x.begin(), x.end(), got.begin(), form);
    for (const T v : x) want.push_back(gelu::forward(v, form));
    CHECK(got == want);
}

}  // namespace

TEST_CASE("std::transform takes a form, and gives the scalar verb", "[forms]") {
    check_transform<float>(erf_form{});
    check_transform<float>(tanh_form{0.05});
    check_transform<float>(fast{sigmoid_form{}});
    check_transform<double>(erf_form{});
    check_transform<double>(fast{tanh_form{}});
    check_transform<double>(sigmoid_form{1.5});
}

TEST_CASE("the scalar verbs ignore the tier", "[forms]") {
    for (const double x : {-20.0, -2.0, -0.7517, 0.1, 3.0}) {
        const float f = static_cast<float>(x);
        CHECK(gelu::forward(x, fast{tanh_form{0.05}}) == gelu::forward(x, tanh_form{0.05}));
        CHECK(gelu::derivative(f, fast{erf_form{}}) == gelu::derivative(f));
        CHECK(gelu::second_derivative(x, fast{sigmoid_form{}}) ==
              gelu::second_derivative(x, sigmoid_form{}));
        CHECK(gelu::backward(2.0f, f, fast{erf_form{}}) == gelu::backward(2.0f, f));
    }
}

TEST_CASE("scalar backward multiplies by the derivative", "[forms]") {
    const double inf = std::numeric_limits<double>::infinity();
    CHECK(gelu::backward(3.0, 0.0) == 1.5);
    CHECK(gelu::backward(inf, 1.0) == inf);
    CHECK(gelu::backward(-1.0, inf, tanh_form{}) == -1.0);
    CHECK(std::isnan(gelu::backward(inf, -inf, sigmoid_form{})));
    CHECK(std::isnan(gelu::backward(std::nan(""), 1.0)));
}
