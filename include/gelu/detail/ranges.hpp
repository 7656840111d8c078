// What arrays may be, and the errors of the range verbs: shared by the verbs on arrays and those
// that choose the instruction set at run time. Knows no batch.
#ifndef GELU_DETAIL_RANGES_HPP
#define GELU_DETAIL_RANGES_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>

#include "gelu/forms.hpp"
#include "gelu/storage.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

template <class T>
constexpr bool is_element =
    std::is_same<T, float>::value || std::is_same<T, double>::value || is_storage<T>;

/// Whether one call takes arrays of these types: all double, or float and 16-bit types in any mix.
template <class T, class... Us>
constexpr bool go_together = ((std::is_same<T, double>::value == std::is_same<Us, double>::value) &&
                              ...);

/// Whether two arrays of n elements of these sizes overlap without being the same array.
GELU_ALWAYS_INLINE bool partial_overlap(const void* a, std::size_t size_a, const void* b,
                                        std::size_t size_b, std::size_t n) noexcept {
    const auto p = reinterpret_cast<std::uintptr_t>(a), q = reinterpret_cast<std::uintptr_t>(b);
    if (n == 0 || (p == q && size_a == size_b)) return false;
    return p < q ? q - p < n * size_a : p - q < n * size_b;
}
template <class T, class U>
inline bool partial_overlap(const T* a, const U* b, std::size_t n) noexcept {
    return partial_overlap(a, sizeof(T), b, sizeof(U), n);
}

/// Whether two arrays of n elements share any byte.
template <class T, class U>
inline bool any_overlap(const T* a, const U* b, std::size_t n) noexcept {
    return partial_overlap(a, b, n) ||
           (n != 0 && static_cast<const void*>(a) == static_cast<const void*>(b));
}

/// A contiguous range: whatever std::data and std::size take.
template <class R, class = void>
struct range_element {};
template <class R>
struct range_element<R, std::void_t<decltype(std::data(std::declval<R&>())),
                                    decltype(std::size(std::declval<R&>()))>> {
    using type = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(std::declval<R&>()))>>;
};
template <class R>
using element_t = typename range_element<std::remove_reference_t<R>>::type;

template <class... Rs>
using enable_ranges = std::void_t<element_t<Rs>...>;

template <class R>
inline std::size_t count(const R& r) {
    return static_cast<std::size_t>(std::size(r));
}

/// Whether a range with data() and size() skips elements: a view of a matrix (Eigen's, say) that
/// reports its strides. data() and size() alone do not tell.
template <class R, class = void>
struct strides {
    static bool skip(const R&) noexcept { return false; }
};
template <class R>
struct strides<R, std::void_t<decltype(std::declval<const R&>().innerStride()),
                              decltype(std::declval<const R&>().outerStride()),
                              decltype(std::declval<const R&>().innerSize()),
                              decltype(std::declval<const R&>().outerSize())>> {
    static bool skip(const R& r) {
        return r.size() > 1 && ((r.innerSize() > 1 && r.innerStride() != 1) ||
                                (r.outerSize() > 1 && r.outerStride() != r.innerSize()));
    }
};

template <class R>
inline void require_contiguous(const char* verb, const char* name, const R& r) {
    if (strides<R>::skip(r))
        invalid_argument(std::string(verb) + ": " + name +
                         " is a strided view; its elements must be contiguous");
}

inline void require_same_size(const char* verb, const char* a, std::size_t na, const char* b,
                              std::size_t nb) {
    if (na != nb)
        invalid_argument(std::string(verb) + ": " + a + " has " + std::to_string(na) +
                         " elements and " + b + " has " + std::to_string(nb) +
                         "; they must have the same number");
}

// The output pb is not const: GCC 16 would take it for read, and warn where it holds nothing yet.
template <class T, class U>
inline void require_no_partial_overlap(const char* verb, const char* a, const T* pa, const char* b,
                                       U* pb, std::size_t n) {
    if (partial_overlap(pa, pb, n))
        invalid_argument(std::string(verb) + ": " + b + " and " + a +
                         " overlap in part; they must be the same array or disjoint");
}

template <class Form>
inline void require_usable_constant(const char* verb, const Form& form) {
    if (has_usable_constant(form)) return;
    const named_constant constant = constant_of(to_plain(form));
    char value[32];
    std::snprintf(value, sizeof value, "%.17g", constant.value);
    invalid_argument(std::string(verb) + ": the form's constant " + constant.name + " is " + value +
                     "; it must be finite and positive");
}

/// A class, since the body of a function is looked at last, and by GCC 16 not after another error.
template <class In, class Out>
struct require_element_types {
    using Plain = std::remove_cv_t<Out>;
    static_assert(is_element<In> && is_element<Plain>,
                  "gelu: arrays hold float, double or a 16-bit type (gelu/storage.hpp)");
    static_assert(go_together<In, Plain>,
                  "gelu: all arrays of one call hold double, or float and 16-bit types");
    static_assert(!std::is_const<Out>::value, "gelu: the output array is const");
};

template <class In, class Out>
constexpr void require_elements() {
    require_element_types<element_t<In>,
                          std::remove_pointer_t<decltype(std::data(std::declval<Out&>()))>>();
}

/// Pointers to different types; those to one type have an overload that deduces once.
template <class T, class... Us>
using enable_mixed = std::enable_if_t<!(std::is_same<T, Us>::value && ...), int>;

/// What a verb with one input and one output requires of its ranges.
template <class In, class Out, class Form>
inline void require_transform(const char* verb, const In& in, Out& out, const Form& form) {
    require_elements<const In, Out>();
    require_usable_constant(verb, form);
    require_contiguous(verb, "in", in);
    require_contiguous(verb, "out", out);
    require_same_size(verb, "in", count(in), "out", count(out));
    require_no_partial_overlap(verb, "in", std::data(in), "out", std::data(out), count(in));
}

template <class Grad, class In, class Out, class Form>
inline void require_backward(const char* verb, const Grad& grad, const In& in, Out& grad_in,
                             const Form& form) {
    require_elements<const In, Out>();
    require_elements<const Grad, Out>();
    require_usable_constant(verb, form);
    require_contiguous(verb, "grad", grad);
    require_contiguous(verb, "in", in);
    require_contiguous(verb, "grad_in", grad_in);
    const std::size_t n = count(in);
    require_same_size(verb, "grad", count(grad), "in", n);
    require_same_size(verb, "in", n, "grad_in", count(grad_in));
    require_no_partial_overlap(verb, "grad", std::data(grad), "grad_in", std::data(grad_in), n);
    require_no_partial_overlap(verb, "in", std::data(in), "grad_in", std::data(grad_in), n);
}

template <class In, class Out, class Slope, class Form>
inline void require_both(const char* verb, const In& in, Out& out, Slope& slope, const Form& form) {
    require_elements<const In, Out>();
    require_elements<const In, Slope>();
    require_usable_constant(verb, form);
    require_contiguous(verb, "in", in);
    require_contiguous(verb, "out", out);
    require_contiguous(verb, "slope", slope);
    const std::size_t n = count(in);
    require_same_size(verb, "in", n, "out", count(out));
    require_same_size(verb, "in", n, "slope", count(slope));
    require_no_partial_overlap(verb, "in", std::data(in), "out", std::data(out), n);
    require_no_partial_overlap(verb, "in", std::data(in), "slope", std::data(slope), n);
    if (any_overlap(std::data(out), std::data(slope), n))
        invalid_argument(std::string(verb) +
                         ": slope and out overlap; the two outputs must be disjoint");
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
