/// \file
/// The verbs on Eigen expressions: lazy, fused with their neighbours, evaluated by Eigen's packets.
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

/// \cond
template <>
struct storage_traits<Eigen::half> : binary16_storage {};
template <>
struct storage_traits<Eigen::bfloat16> : bfloat16_storage {};
/// \endcond

inline namespace GELU_ABI {
namespace detail {

/// What an expression takes as its form: a form, or the name of one at run time.
template <class Form>
using enable_choice =
    std::enable_if_t<is_form<Form>::value || std::is_same<Form, approximation>::value, int>;

/// Calls f with the form, which a run-time choice names.
template <class Form, class F>
GELU_ALWAYS_INLINE decltype(auto) with_choice(const Form& form, F&& f) {
    if constexpr (std::is_same<Form, approximation>::value)
        return with_form(form, f);
    else
        return f(form);
}

/// A form's value or slope: on one batch in registers, and as the array verb.
template <int Order, class Form>
struct form_value {
    Form form;
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return with_choice(form, [&](const auto& f) { return on_batch<Order>(x, f); });
    }
    template <class T>
    GELU_ALWAYS_INLINE void operator()(const T* in, T* out, std::size_t n) const noexcept {
        with_choice(form, [&](const auto& f) { transform<Order>(in, out, n, f); });
    }
};

/// The same for the backward pass.
template <class Form>
struct form_backward {
    Form form;
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& grad, const B& x) const noexcept {
        return with_choice(form, [&](const auto& f) { return rounded(grad * on_batch<1>(x, f)); });
    }
    template <class T>
    GELU_ALWAYS_INLINE void operator()(const T* grad, const T* in, T* out,
                                       std::size_t n) const noexcept {
        with_choice(form, [&](const auto& f) { transform_backward(grad, in, out, n, f); });
    }
};

/// f on single coefficients: what Eigen calls at the ends of its loops and where it cannot
/// vectorise. Not inlined, to keep the packet loop small.
template <class F, class T, class... Ts>
GELU_NOINLINE T on_coefficients(const F& f, T first, Ts... others) noexcept {
    T result;
    f(&first, &others..., &result, 1);
    return result;
}

/// f on packets of T. A packet and a batch of the same size are the same register. Other packets
/// (of 16-bit types, and the shorter ones that Eigen has for small fixed sizes) go through memory.
template <class T, class F, class Packet, class... Packets>
GELU_ALWAYS_INLINE Packet on_packets(const F& f, const Packet& first,
                                     const Packets&... others) noexcept {
    using B = native_batch<T>;
    using R = typename B::register_type;
    constexpr std::size_t size = sizeof(Packet) / sizeof(T);
    if constexpr (size == B::size && sizeof(Packet) == sizeof(R)) {
        const auto batch = [](const Packet& packet) {
            R r;
            std::memcpy(&r, &packet, sizeof r);
            return B(r);
        };
        const R r = f(batch(first), batch(others)...);
        Packet result;
        std::memcpy(&result, &r, sizeof r);
        return result;
    } else {
        struct lanes {
            alignas(B) T at[size];
            explicit lanes(const Packet& packet) { Eigen::internal::pstoreu(at, packet); }
        };
        alignas(B) T result[size];
        f(lanes(first).at, lanes(others).at..., result, size);
        return Eigen::internal::ploadu<Packet>(result);
    }
}

template <class T>
struct require_eigen_scalar {
    static_assert(!std::is_integral<T>::value,
                  "gelu: the Eigen expression holds integers; cast it first: "
                  "gelu::forward(x.cast<float>(), form)");
    static_assert(std::is_integral<T>::value || is_element<T>,
                  "gelu: Eigen expressions hold float, double or a 16-bit type; complex numbers "
                  "have no GELU");
};

/// A function on batches as Eigen's functor on coefficients and packets.
template <class T, class F>
struct eigen_functor : require_eigen_scalar<T> {
    F f;
    explicit eigen_functor(const F& function) : f(function) {}

    template <class... Ts>
    GELU_ALWAYS_INLINE T operator()(const Ts&... values) const noexcept {
        return on_coefficients(f, T(values)...);
    }
    template <class... Packets>
    GELU_ALWAYS_INLINE auto packetOp(const Packets&... packets) const noexcept {
        return on_packets<T>(f, packets...);
    }
};

/// Whether X is memory whose columns, or rows if it is row major, are contiguous.
template <class X>
constexpr bool has_contiguous_vectors =
    bool(Eigen::internal::has_direct_access<X>::ret) &&
    int(Eigen::internal::inner_stride_at_compile_time<X>::ret) == 1;
template <class X>
constexpr bool has_linear_access = (Eigen::internal::evaluator<X>::Flags &
                                    Eigen::LinearAccessBit) != 0;

/// Whether the assignment of a verb of Xs to Dst can be that of arrays, vector by vector, or in
/// chunks. Small fixed sizes are left to Eigen, which unrolls them.
template <class Dst, class... Xs>
constexpr bool in_one_order =
    int(Dst::SizeAtCompileTime) == Eigen::Dynamic&& has_contiguous_vectors<Dst> &&
    ((bool(Xs::IsRowMajor) == bool(Dst::IsRowMajor)) && ...);
template <class Dst, class... Xs>
constexpr bool vector_by_vector = in_one_order<Dst, Xs...> && (has_contiguous_vectors<Xs> && ...);
template <class Dst, class... Xs>
constexpr bool in_chunks = in_one_order<Dst, Xs...>&& has_linear_access<Dst> &&
                           (has_linear_access<Xs> && ...);

template <class Dst, class... Xs>
constexpr bool as_arrays = vector_by_vector<Dst, Xs...> || in_chunks<Dst, Xs...>;

/// An expression as arrays of a few hundred coefficients: evaluated, or where it lies in memory.
constexpr Eigen::Index chunk_size = 256;
template <class T, class X>
struct chunks {
    const X& x;
    Eigen::internal::evaluator<X> coefficients;
    alignas(64) T buffer[has_contiguous_vectors<X> ? 1 : chunk_size];

    explicit chunks(const X& expression) : x(expression), coefficients(expression) {}

    const T* operator()(Eigen::Index begin, Eigen::Index n) {
        if constexpr (has_contiguous_vectors<X>) {
            return x.data() + begin;
        } else {
            using Packet = typename Eigen::internal::packet_traits<T>::type;
            constexpr Eigen::Index width = Eigen::internal::packet_traits<T>::size;
            Eigen::Index i = 0;
            if constexpr ((Eigen::internal::evaluator<X>::Flags & Eigen::PacketAccessBit) != 0)
                for (; i + width <= n; i += width)
                    Eigen::internal::pstore(
                        buffer + i,
                        coefficients.template packet<Eigen::Unaligned, Packet>(begin + i));
            for (; i < n; ++i) buffer[i] = coefficients.coeff(begin + i);
            return buffer;
        }
    }
};

template <class T, class F, class Dst, class... Xs>
inline void assign_arrays(const F& f, Dst& dst, const Xs&... xs) {
    if constexpr (vector_by_vector<Dst, Xs...>) {
        const Eigen::Index outer = dst.outerSize(), inner = dst.innerSize();
        const auto contiguous = [&](const auto& x) { return x.outerStride() == inner; };
        if (outer == 1 || (contiguous(dst) && (contiguous(xs) && ...))) {
            f(xs.data()..., dst.data(), static_cast<std::size_t>(dst.size()));
        } else {
            for (Eigen::Index i = 0; i < outer; ++i)
                f(xs.data() + i * xs.outerStride()..., dst.data() + i * dst.outerStride(),
                  static_cast<std::size_t>(inner));
        }
    } else {
        const auto run = [&](auto&&... sources) {
            for (Eigen::Index i = 0; i < dst.size(); i += chunk_size) {
                const Eigen::Index rest = dst.size() - i, n = rest < chunk_size ? rest : chunk_size;
                f(sources(i, n)..., dst.data() + i, static_cast<std::size_t>(n));
            }
        };
        run(chunks<T, Xs>(xs)...);
    }
}

template <class Derived>
using eigen_scalar = typename Eigen::internal::traits<Derived>::Scalar;
#ifdef EIGEN_CXX11_TENSOR_TENSOR_BASE_H
template <class Derived>
using tensor_base = Eigen::TensorBase<Derived, Eigen::ReadOnlyAccessors>;
#endif

template <class>
constexpr bool never = false;

template <class Form>
inline void require_usable_choice(const char* verb, const Form& form) {
    if constexpr (!std::is_same<Form, approximation>::value) require_usable_constant(verb, form);
}

}  // namespace detail

/// \defgroup eigen Eigen expressions
/// `#include <gelu/eigen.hpp>`, CMake target `gelu::eigen`: the verbs on Array expressions of Eigen
/// 3.4 and 5, matrices through .array(), and Tensor expressions where
/// <unsupported/Eigen/CXX11/Tensor> was included before this header. Two plain arrays remain the
/// range verb: gelu::forward(in, out).
///
/// \snippet eigen_expression.cpp layer
///
/// - **Evaluation:** lazy, without temporaries: nothing is computed but where the expression is
///   assigned, packet by packet, fused with the rest of it. Where a verb is the outermost function
///   of what is assigned, it runs as the array verb. As everywhere in Eigen, plain arrays are kept
///   by reference until then.
/// - **Types:** float, double, Eigen::half, Eigen::bfloat16 and other 16-bit types. Integers,
///   complex numbers, and a gradient of another type than x are errors of compilation that say what
///   to do.
/// - **Formulas, domain, special values, accuracy, bits:** those of the array verbs
///   (\ref arrays), whatever the layout, strides or alignment.
/// - **Errors:** std::invalid_argument where the form's constant is not finite and positive. `form`
///   is a form or an approximation. Sizes are compared by Eigen, as for its own operations.
/// - **Aliasing:** coefficient by coefficient, so x = gelu::forward(x) is fine; a result that lies
///   across its input takes Eigen's .eval().
/// @{

#define GELU_EIGEN_VERB(verb, Order, Base)                                                    \
    template <class Derived, class Form = erf_form, detail::enable_choice<Form> = 0>          \
    inline auto verb(const Base<Derived>& x, Form form = {}) {                                \
        detail::require_usable_choice("gelu::" #verb, form);                                  \
        using F = detail::form_value<Order, Form>;                                            \
        return x.unaryExpr(detail::eigen_functor<detail::eigen_scalar<Derived>, F>(F{form})); \
    }
#define GELU_EIGEN_VERBS(Base)                                                                   \
    /** g(x), the GELU of each coefficient. */                                                   \
    GELU_EIGEN_VERB(forward, 0, Base)                                                            \
    /** g'(x), the slope at each coefficient. */                                                 \
    GELU_EIGEN_VERB(derivative, 1, Base)                                                         \
    /** g''(x), the curvature at each coefficient. */                                            \
    GELU_EIGEN_VERB(second_derivative, 2, Base)                                                  \
    /** grad g'(x), the backward pass, for each pair of coefficients. */                         \
    template <class Grad, class Derived, class Form = erf_form, detail::enable_choice<Form> = 0> \
    inline auto backward(const Base<Grad>& grad, const Base<Derived>& x, Form form = {}) {       \
        using T = detail::eigen_scalar<Derived>;                                                 \
        static_assert(std::is_same<detail::eigen_scalar<Grad>, T>::value,                        \
                      "gelu::backward: grad and x hold different types; cast one of them");      \
        detail::require_usable_choice("gelu::backward", form);                                   \
        using F = detail::form_backward<Form>;                                                   \
        return grad.binaryExpr(static_cast<const Derived&>(x),                                   \
                               detail::eigen_functor<T, F>(F{form}));                            \
    }

GELU_EIGEN_VERBS(Eigen::ArrayBase)
#ifdef EIGEN_CXX11_TENSOR_TENSOR_BASE_H
GELU_EIGEN_VERBS(detail::tensor_base)
#endif
#undef GELU_EIGEN_VERBS
#undef GELU_EIGEN_VERB
/// @}

/// \cond
// A matrix has no coefficient-wise functions in Eigen: say how to ask for them.
#define GELU_EIGEN_MATRIX(verb)                                                                  \
    template <class Derived, class Form = erf_form, detail::enable_choice<Form> = 0>             \
    inline void verb(const Eigen::MatrixBase<Derived>&, Form = {}) {                             \
        static_assert(detail::never<Derived>,                                                    \
                      "gelu: a matrix goes through .array(): gelu::" #verb "(x.array(), form)"); \
    }
GELU_EIGEN_MATRIX(forward)
GELU_EIGEN_MATRIX(derivative)
GELU_EIGEN_MATRIX(second_derivative)
#undef GELU_EIGEN_MATRIX
template <class Grad, class Derived, class Form = erf_form, detail::enable_choice<Form> = 0>
inline void backward(const Eigen::MatrixBase<Grad>&, const Eigen::MatrixBase<Derived>&, Form = {}) {
    static_assert(detail::never<Derived>,
                  "gelu: matrices go through .array(): "
                  "gelu::backward(grad.array(), x.array(), form)");
}
/// \endcond

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

// Assigning a verb: the array verb on memory or chunks is faster than packet by packet, as it takes
// several batches in lockstep and ends with a padded one instead of single coefficients.
template <class Dst, class T, class F, class X>
struct Assignment<Dst, CwiseUnaryOp<gelu::detail::eigen_functor<T, F>, X>, assign_op<T, T>,
                  Dense2Dense,
                  std::enable_if_t<gelu::detail::as_arrays<Dst, std::remove_const_t<X>>>> {
    using Src = CwiseUnaryOp<gelu::detail::eigen_functor<T, F>, X>;
    static void run(Dst& dst, const Src& src, const assign_op<T, T>& assign) {
        resize_if_allowed(dst, src, assign);
        gelu::detail::assign_arrays<T>(src.functor().f, dst, src.nestedExpression());
    }
};
template <class Dst, class T, class F, class Grad, class X>
struct Assignment<
    Dst, CwiseBinaryOp<gelu::detail::eigen_functor<T, F>, Grad, X>, assign_op<T, T>, Dense2Dense,
    std::enable_if_t<
        gelu::detail::as_arrays<Dst, std::remove_const_t<Grad>, std::remove_const_t<X>>>> {
    using Src = CwiseBinaryOp<gelu::detail::eigen_functor<T, F>, Grad, X>;
    static void run(Dst& dst, const Src& src, const assign_op<T, T>& assign) {
        resize_if_allowed(dst, src, assign);
        gelu::detail::assign_arrays<T>(src.functor().f, dst, src.lhs(), src.rhs());
    }
};

}  // namespace internal
}  // namespace Eigen

#endif
