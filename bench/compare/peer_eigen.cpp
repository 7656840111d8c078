// Eigen's array functions, as a user would write the formulas with them.
#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include "peer.hpp"

namespace {
using namespace compare;

template <class T>
using in_array = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using out_array = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
in_array<T> view(const T* p, std::size_t n) {
    return {p, static_cast<Eigen::Index>(n)};
}
template <class T>
out_array<T> view(T* p, std::size_t n) {
    return {p, static_cast<Eigen::Index>(n)};
}

/// f on pieces, for expressions that need a temporary.
template <class T, class F>
void in_pieces(std::size_t n, F f) {
    alignas(64) T buffer[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        f(i, m, out_array<T>(buffer, static_cast<Eigen::Index>(m)));
    }
}

template <class T>
void erf(const T*, const T* in, T* out, std::size_t n) {
    const auto x = view(in, n);
    view(out, n) = T(0.5) * x * (T(1) + (x * constants<T>::rsqrt2).erf());
}
template <class T>
void erfc(const T*, const T* in, T* out, std::size_t n) {
    const auto x = view(in, n);
    view(out, n) = T(0.5) * x * (x * -constants<T>::rsqrt2).erfc();
}
template <class T>
void erf_exp(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    const auto x = view(in, n);
    view(out, n) = view(grad, n) * (T(0.5) + T(0.5) * (x * k::rsqrt2).erf() +
                                    x * k::rsqrt2pi * (T(-0.5) * x.square()).exp());
}
template <class T>
void erfc_exp(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    const auto x = view(in, n);
    view(out, n) = view(grad, n) * (T(0.5) * (x * -k::rsqrt2).erfc() +
                                    x * k::rsqrt2pi * (T(-0.5) * x.square()).exp());
}

template <class T>
void tanh(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    const auto x = view(in, n);
    view(out, n) = T(0.5) * x * (T(1) + (x * (k::tanh_linear + k::tanh_cubic * x.square())).tanh());
}
template <class T>
void tanh_logistic(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    const auto x = view(in, n);
    view(out, n) = x * (x * (T(2) * k::tanh_linear + T(2) * k::tanh_cubic * x.square())).logistic();
}
template <class T>
void tanh_exp(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    const auto x = view(in, n);
    view(out, n) =
        x / (T(1) + (x * (T(-2) * k::tanh_linear - T(2) * k::tanh_cubic * x.square())).exp());
}
template <class T>
void tanh_backward(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces<T>(n, [&](std::size_t i, std::size_t m, out_array<T> t) {
        const auto x = view(in + i, m);
        t = (x * (k::tanh_linear + k::tanh_cubic * x.square())).tanh();
        view(out + i, m) =
            view(grad + i, m) * (T(0.5) + T(0.5) * t +
                                 T(0.5) * x * (T(1) - t.square()) *
                                     (k::tanh_linear + T(3) * k::tanh_cubic * x.square()));
    });
}
template <class T>
void tanh_logistic_backward(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    in_pieces<T>(n, [&](std::size_t i, std::size_t m, out_array<T> s) {
        const auto x = view(in + i, m);
        s = (x * (T(2) * k::tanh_linear + T(2) * k::tanh_cubic * x.square())).logistic();
        view(out + i, m) =
            view(grad + i, m) * s *
            (T(1) + x * (T(1) - s) * (T(2) * k::tanh_linear + T(6) * k::tanh_cubic * x.square()));
    });
}

template <class T>
void sigmoid_logistic(const T*, const T* in, T* out, std::size_t n) {
    const auto x = view(in, n);
    view(out, n) = x * (x * constants<T>::slope).logistic();
}
template <class T>
void sigmoid_exp(const T*, const T* in, T* out, std::size_t n) {
    const auto x = view(in, n);
    view(out, n) = x / (T(1) + (x * -constants<T>::slope).exp());
}
template <class T>
void sigmoid_backward(const T* grad, const T* in, T* out, std::size_t n) {
    in_pieces<T>(n, [&](std::size_t i, std::size_t m, out_array<T> s) {
        const auto x = view(in + i, m);
        s = (x * constants<T>::slope).logistic();
        view(out + i, m) = view(grad + i, m) * s * (T(1) + x * constants<T>::slope * (T(1) - s));
    });
}

#define BOTH(method, id, v, f)                        \
    {method, form::id, verb::v, f<float>, nullptr}, { \
        method, form::id, verb::v, nullptr, f<double> \
    }

const entry entries[] = {
    BOTH("erf", exact, forward, erf),
    BOTH("erfc", exact, forward, erfc),
    BOTH("erf, exp", exact, backward, erf_exp),
    BOTH("erfc, exp", exact, backward, erfc_exp),
    BOTH("tanh", tanh, forward, tanh),
    BOTH("logistic", tanh, forward, tanh_logistic),
    BOTH("x/(1+exp)", tanh, forward, tanh_exp),
    BOTH("tanh", tanh, backward, tanh_backward),
    BOTH("logistic", tanh, backward, tanh_logistic_backward),
    BOTH("logistic", sigmoid, forward, sigmoid_logistic),
    BOTH("x/(1+exp)", sigmoid, forward, sigmoid_exp),
    BOTH("logistic", sigmoid, backward, sigmoid_backward),
};
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
// Eigen 5 counts versions anew and keeps WORLD at 3.
#if EIGEN_MAJOR_VERSION >= 5
#define VERSION \
    TEXT(EIGEN_MAJOR_VERSION) "." TEXT(EIGEN_MINOR_VERSION) "." TEXT(EIGEN_PATCH_VERSION)
#else
#define VERSION \
    TEXT(EIGEN_WORLD_VERSION) "." TEXT(EIGEN_MAJOR_VERSION) "." TEXT(EIGEN_MINOR_VERSION)
#endif
const peer self = {"Eigen", VERSION, entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
