// The verbs on Eigen expressions: lazy, fused with their neighbours, evaluated by Eigen's packets.
//
//   Eigen::ArrayXf y = gelu::forward((W * x).array() + b, gelu::tanh_form{});
//
// Array expressions of Eigen 3.4 and 5, matrices through .array(), and Tensor expressions where
// <unsupported/Eigen/CXX11/Tensor> was included before this header. Two plain arrays remain the
// range verb of gelu/array.hpp: gelu::forward(in, out).
#ifndef GELU_EIGEN_HPP
#define GELU_EIGEN_HPP

#if defined(__has_include)
#if !__has_include(<Eigen/Core>)
#error \
    "gelu/eigen.hpp needs Eigen 3.4 or later (Debian: apt-get install libeigen3-dev); put its folder, such as /usr/include/eigen3, on the include path"
#endif
#endif

#include <Eigen/Core>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "gelu/gelu.hpp"

#if !EIGEN_VERSION_AT_LEAST(3, 4, 0)
#error "gelu/eigen.hpp needs Eigen 3.4 or later"
#endif

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// What an expression takes as its form: a form, or the name of one at run time.
template <class Form>
using enable_choice =
    std::enable_if_t<is_form<Form>::value || std::is_same<Form, approximation>::value, int>;

/// A form's value, or slope of the given order, on batches.
template <int Order, class Form>
struct form_value {
    Form form;
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        if constexpr (std::is_same<Form, approximation>::value)
            return with_form(form, [&](const auto& f) { return on_batch<Order>(x, f); });
        else
            return on_batch<Order>(x, form);
    }
};

/// The backward pass on batches.
template <class Form>
struct form_backward {
    form_value<1, Form> derivative;
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& grad, const B& x) const noexcept {
        return grad * derivative(x);
    }
};

/// f on Eigen packets of T. A packet and a batch of one size share the register. Other packets
/// (Eigen has shorter ones for small fixed sizes) are padded to whole batches, because only the
/// batches of the array verbs have their bits.
template <class T, class F, class... Packets>
GELU_ALWAYS_INLINE auto on_packets(const F& f, const Packets&... packets) noexcept {
    using Packet = std::common_type_t<Packets...>;
    using B = native_batch<T>;
    using R = typename B::register_type;
    Packet result;
    if constexpr (sizeof(Packet) == sizeof(R)) {
        const auto batch = [](const Packet& packet) {
            R r;
            std::memcpy(&r, &packet, sizeof r);
            return B(r);
        };
        const R r = f(batch(packets)...);
        std::memcpy(&result, &r, sizeof r);
    } else {
        constexpr std::size_t size = sizeof(Packet) / sizeof(T);
        struct lanes {
            alignas(B) T at[size < B::size ? B::size : size] = {};
            explicit lanes(const Packet& packet) { Eigen::internal::pstoreu(at, packet); }
        };
        alignas(B) T out[sizeof(lanes) / sizeof(T)];
        const auto run = [&](const auto&... in) {
            for (std::size_t i = 0; i < size; i += B::size)
                ops::store<B>(out + i, f(ops::load<B>(in.at + i)...));
        };
        run(lanes(packets)...);
        result = Eigen::internal::ploadu<Packet>(out);
    }
    return result;
}

/// f on single values, at the ends of vectorised loops and where Eigen cannot vectorise: one
/// broadcast batch has the bits of the packets. Not inlined, to keep the packet loop small.
template <class T, class F, class... Ts>
GELU_NOINLINE T on_values(const F& f, Ts... values) noexcept {
    using B = native_batch<T>;
    alignas(B) T out[B::size];
    ops::store<B>(out, f(B(values)...));
    return out[0];
}

template <class T>
struct require_eigen_scalar {
    static_assert(!std::is_integral<T>::value,
                  "gelu: the Eigen expression holds integers; cast it first: "
                  "gelu::forward(x.cast<float>(), form)");
    static_assert(std::is_integral<T>::value || is_element<T>,
                  "gelu: Eigen expressions hold float or double; complex numbers have no GELU");
    using type = T;
};

/// A function on batches as Eigen's functor on coefficients and packets.
template <class T, class F>
struct eigen_functor : require_eigen_scalar<T> {
    F f;
    explicit eigen_functor(const F& function) : f(function) {}

    template <class... Ts>
    GELU_ALWAYS_INLINE T operator()(const Ts&... values) const noexcept {
        return on_values<T>(f, values...);
    }
    template <class... Packets>
    GELU_ALWAYS_INLINE auto packetOp(const Packets&... packets) const noexcept {
        return on_packets<T>(f, packets...);
    }
};

template <class Derived>
using eigen_scalar = typename Eigen::internal::traits<Derived>::Scalar;
#ifdef EIGEN_CXX11_TENSOR_TENSOR_BASE_H
template <class Derived>
using tensor_base = Eigen::TensorBase<Derived, Eigen::ReadOnlyAccessors>;
#endif

template <class Form>
inline void require_usable_choice(const char* verb, const Form& form) {
    if constexpr (!std::is_same<Form, approximation>::value) require_usable_constant(verb, form);
}

}  // namespace detail

// forward, derivative, second_derivative. Nothing is evaluated here but where the expression is
// assigned; as everywhere in Eigen, plain arrays are kept by reference until then. `form` is a form
// or an approximation; std::invalid_argument where its constant is not finite and positive.
#define GELU_EIGEN_VERB(verb, Order, Base)                                                    \
    template <class Derived, class Form = erf_form, detail::enable_choice<Form> = 0>          \
    inline auto verb(const Base<Derived>& x, Form form = {}) {                                \
        detail::require_usable_choice(#verb, form);                                           \
        using F = detail::form_value<Order, Form>;                                            \
        return x.unaryExpr(detail::eigen_functor<detail::eigen_scalar<Derived>, F>(F{form})); \
    }
#define GELU_EIGEN_VERBS(Base)                                                                   \
    GELU_EIGEN_VERB(forward, 0, Base)                                                            \
    GELU_EIGEN_VERB(derivative, 1, Base)                                                         \
    GELU_EIGEN_VERB(second_derivative, 2, Base)                                                  \
    template <class Grad, class Derived, class Form = erf_form, detail::enable_choice<Form> = 0> \
    inline auto backward(const Base<Grad>& grad, const Base<Derived>& x, Form form = {}) {       \
        using T = detail::eigen_scalar<Derived>;                                                 \
        static_assert(std::is_same<detail::eigen_scalar<Grad>, T>::value,                        \
                      "gelu::backward: grad and x hold different types; cast one of them");      \
        detail::require_usable_choice("backward", form);                                         \
        using F = detail::form_backward<Form>;                                                   \
        return grad.binaryExpr(static_cast<const Derived&>(x),                                   \
                               detail::eigen_functor<T, F>(F{{form}}));                          \
    }

GELU_EIGEN_VERBS(Eigen::ArrayBase)
#ifdef EIGEN_CXX11_TENSOR_TENSOR_BASE_H
GELU_EIGEN_VERBS(detail::tensor_base)
#endif
#undef GELU_EIGEN_VERBS
#undef GELU_EIGEN_VERB

}  // namespace GELU_ABI
}  // namespace gelu

namespace Eigen {
namespace internal {

template <class T, class F>
struct functor_traits<gelu::detail::eigen_functor<T, F>> {
    // Operations per packet, as Eigen counts them for its own exp, tanh and erf.
    enum {
        Cost = 25 * (NumTraits<T>::AddCost + NumTraits<T>::MulCost),
        PacketAccess = packet_traits<T>::Vectorizable
    };
};

}  // namespace internal
}  // namespace Eigen

#endif
