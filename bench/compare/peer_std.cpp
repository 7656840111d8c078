// The formulas with the standard library's functions in plain loops, left to the compiler: scalar
// calls at -O3, calls of glibc's libmvec with -ffast-math.
#include <cmath>

#include "peer.hpp"

namespace {
using namespace compare;

template <class T>
void erf(const T*, const T* in, T* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = T(0.5) * in[i] * (T(1) + std::erf(in[i] * constants<T>::rsqrt2));
}
template <class T>
void erfc(const T*, const T* in, T* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = T(0.5) * in[i] * std::erfc(in[i] * -constants<T>::rsqrt2);
}
template <class T>
void erf_backward(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    for (std::size_t i = 0; i < n; ++i) {
        const T x = in[i];
        out[i] = grad[i] * (T(0.5) + T(0.5) * std::erf(x * k::rsqrt2) +
                            x * k::rsqrt2pi * std::exp(T(-0.5) * x * x));
    }
}
template <class T>
void tanh(const T*, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    for (std::size_t i = 0; i < n; ++i) {
        const T x = in[i];
        out[i] = T(0.5) * x * (T(1) + std::tanh(x * (k::tanh_linear + k::tanh_cubic * x * x)));
    }
}
template <class T>
void tanh_backward(const T* grad, const T* in, T* out, std::size_t n) {
    using k = constants<T>;
    for (std::size_t i = 0; i < n; ++i) {
        const T x = in[i];
        const T t = std::tanh(x * (k::tanh_linear + k::tanh_cubic * x * x));
        out[i] = grad[i] * T(0.5) *
                 (T(1) + t + x * (T(1) - t * t) * (k::tanh_linear + T(3) * k::tanh_cubic * x * x));
    }
}
template <class T>
void sigmoid(const T*, const T* in, T* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = in[i] / (T(1) + std::exp(-constants<T>::slope * in[i]));
}
template <class T>
void sigmoid_backward(const T* grad, const T* in, T* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const T v = constants<T>::slope * in[i];
        const T s = T(1) / (T(1) + std::exp(-v));
        out[i] = grad[i] * s * (T(1) + v * (T(1) - s));
    }
}

#define BOTH(method, id, v, f)                        \
    {method, form::id, verb::v, f<float>, nullptr}, { \
        method, form::id, verb::v, nullptr, f<double> \
    }

const entry entries[] = {
    BOTH("std::erf", exact, forward, erf),
    BOTH("std::erfc", exact, forward, erfc),
    BOTH("std::erf, exp", exact, backward, erf_backward),
    BOTH("std::tanh", tanh, forward, tanh),
    BOTH("std::tanh", tanh, backward, tanh_backward),
    BOTH("x/(1+std::exp)", sigmoid, forward, sigmoid),
    BOTH("1/(1+std::exp)", sigmoid, backward, sigmoid_backward),
};
#ifdef __FAST_MATH__
#define NAME "loop -ffast-math"
#else
#define NAME "loop -O3"
#endif
const peer self = {NAME, GELU_PEER_VERSION, entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
