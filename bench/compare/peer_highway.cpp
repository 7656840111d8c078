// Highway's contributed mathematical functions, compiled for this file's instruction set.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/detect_targets.h>
#include <hwy/highway.h>

#include "peer.hpp"

#if defined(HWY_MAJOR)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define VERSION TEXT(HWY_MAJOR) "." TEXT(HWY_MINOR) "." TEXT(HWY_PATCH)
#else
#define VERSION "?"
#endif

namespace {
using namespace compare;
namespace hn = hwy::HWY_NAMESPACE;

// Highway's vectors have no operators under every compiler, so the formulas are spelled out.
template <class T>
struct lib {
    using D = hn::ScalableTag<T>;
    using V = hn::Vec<D>;
    static V set(double x) { return hn::Set(D(), static_cast<T>(x)); }
    static V argument(V x) {
        using k = constants<double>;
        return hn::Mul(x,
                       hn::MulAdd(hn::Mul(x, x), set(2 * k::tanh_cubic), set(2 * k::tanh_linear)));
    }
    static V argument_slope(V x) {
        using k = constants<double>;
        return hn::MulAdd(hn::Mul(x, x), set(6 * k::tanh_cubic), set(2 * k::tanh_linear));
    }
    template <class F>
    static void map(const T* grad, const T* in, T* out, std::size_t n, F f) {
        const D d;
        for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
            V y = f(d, hn::LoadU(d, in + i));
            if (grad) y = hn::Mul(y, hn::LoadU(d, grad + i));
            hn::StoreU(y, d, out + i);
        }
    }
    static void tanh(const T*, const T* in, T* out, std::size_t n) {
        map(nullptr, in, out, n, [](D d, V x) {
            const V h = hn::Mul(set(0.5), x);
            return hn::MulAdd(h, hn::Tanh(d, hn::Mul(set(0.5), argument(x))), h);
        });
    }
    static void tanh_exp(const T*, const T* in, T* out, std::size_t n) {
        map(nullptr, in, out, n,
            [](D d, V x) { return hn::Div(x, hn::Add(set(1), hn::Exp(d, hn::Neg(argument(x))))); });
    }
    static void tanh_backward(const T* grad, const T* in, T* out, std::size_t n) {
        map(grad, in, out, n, [](D d, V x) {
            const V s = hn::Div(set(1), hn::Add(set(1), hn::Exp(d, hn::Neg(argument(x)))));
            return hn::Mul(s,
                           hn::MulAdd(hn::Mul(x, hn::Sub(set(1), s)), argument_slope(x), set(1)));
        });
    }
    static void sigmoid_exp(const T*, const T* in, T* out, std::size_t n) {
        map(nullptr, in, out, n, [](D d, V x) {
            return hn::Div(x,
                           hn::Add(set(1), hn::Exp(d, hn::Mul(set(-constants<double>::slope), x))));
        });
    }
    static void sigmoid_backward(const T* grad, const T* in, T* out, std::size_t n) {
        map(grad, in, out, n, [](D d, V x) {
            const V v = hn::Mul(set(constants<double>::slope), x);
            const V s = hn::Div(set(1), hn::Add(set(1), hn::Exp(d, hn::Neg(v))));
            return hn::Mul(s, hn::MulAdd(v, hn::Sub(set(1), s), set(1)));
        });
    }
};

#define BOTH(method, id, v, f)                             \
    {method, form::id, verb::v, lib<float>::f, nullptr}, { \
        method, form::id, verb::v, nullptr, lib<double>::f \
    }

const entry entries[] = {
    BOTH("Tanh", tanh, forward, tanh),
    BOTH("x/(1+Exp)", tanh, forward, tanh_exp),
    BOTH("1/(1+Exp)", tanh, backward, tanh_backward),
    BOTH("x/(1+Exp)", sigmoid, forward, sigmoid_exp),
    BOTH("1/(1+Exp)", sigmoid, backward, sigmoid_backward),
};
const peer self = {"Highway", VERSION, entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
