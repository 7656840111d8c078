// The verbs on one float or double: the reference implementations. Needs no SIMD library.
#ifndef GELU_SCALAR_HPP
#define GELU_SCALAR_HPP

#include <cmath>
#include <type_traits>

#include "gelu/detail/config.hpp"
#include "gelu/forms.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

template <int Order>
inline double reference(double x, erf_form) {
    const double phi = 0.3989422804014327 * std::exp(-0.5 * x * x);
    const double gate = 0.5 * std::erfc(-0.7071067811865476 * x);
    if (Order == 0) return x * gate;
    if (Order == 1) return std::isinf(x) ? gate : std::fma(x, phi, gate);
    return std::isinf(x) ? 0.0 : (2 - x * x) * phi;
}

template <int Order>
inline double logistic_reference(double x, double v, double v1, double v2) {
    const double e = std::exp(-std::fabs(v));
    const double small = e / (1 + e);  // sigma(-|v|)
    const double gate = v < 0 ? small : 1 / (1 + e);
    if (Order == 0) return x * gate;
    const double both = small / (1 + e);  // sigma(v) sigma(-v)
    if (std::isinf(x) || both == 0) return Order == 1 ? gate : 0.0 * gate;
    if (Order == 1) return gate + x * both * v1;
    const double skew = v < 0 ? std::tanh(-v / 2) : -std::tanh(v / 2);
    return both * (2 * v1 + x * (v2 + v1 * v1 * skew));
}

template <int Order>
inline double reference(double x, tanh_form form) {
    const double k = 1.5957691216057308, c = form.cubic;
    const double xc = std::fmin(std::fmax(x, -100.0), 100.0);
    const double r = logistic_reference<Order>(x, k * (xc + c * xc * xc * xc),
                                               k * (1 + 3 * c * xc * xc), 6 * k * c * xc);
    return std::isnan(x) ? x : r;
}

template <int Order>
inline double reference(double x, sigmoid_form form) {
    return logistic_reference<Order>(x, form.slope * x, form.slope, 0.0);
}

template <int Order, class T, class Form>
inline T scalar(T x, const Form& form) {
    const auto& plain = to_plain(form);
    if (Order == 0 && x == -std::numeric_limits<T>::infinity()) return T(-0.0);
    return static_cast<T>(reference<Order>(static_cast<double>(x), plain));
}

}  // namespace detail

template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float forward(float x, Form form = {}) {
    return detail::scalar<0>(x, form);
}
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double forward(double x, Form form = {}) {
    return detail::scalar<0>(x, form);
}
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float derivative(float x, Form form = {}) {
    return detail::scalar<1>(x, form);
}
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double derivative(double x, Form form = {}) {
    return detail::scalar<1>(x, form);
}
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float second_derivative(float x, Form form = {}) {
    return detail::scalar<2>(x, form);
}
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double second_derivative(double x, Form form = {}) {
    return detail::scalar<2>(x, form);
}
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float backward(float grad, float x, Form form = {}) {
    return grad * detail::scalar<1>(x, form);
}
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double backward(double grad, double x, Form form = {}) {
    return grad * detail::scalar<1>(x, form);
}

}  // namespace GELU_ABI
}  // namespace gelu

#endif
