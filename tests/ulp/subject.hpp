// What is measured: one verb of the library for one form, tier and type.
#ifndef TESTS_ULP_SUBJECT_HPP
#define TESTS_ULP_SUBJECT_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <gelu/storage.hpp>
#include <limits>
#include <string>
#include <type_traits>

#include "oracle/double_oracle.hpp"
#include "ulp/report.hpp"

namespace ulp {

enum class verb { forward, derivative, second_derivative, backward };
constexpr verb verbs[] = {verb::forward, verb::derivative, verb::second_derivative, verb::backward};

inline const char* name(verb v) {
    constexpr const char* names[] = {"forward", "derivative", "second_derivative", "backward"};
    return names[static_cast<int>(v)];
}
inline const char* name(oracle::kind k) {
    constexpr const char* names[] = {"erf", "tanh", "sigmoid"};
    return names[static_cast<int>(k)];
}
constexpr int order(verb v) {
    return v == verb::forward ? 0 : v == verb::second_derivative ? 2 : 1;
}

/// An element type: its bits and the numbers that define its spacing, in the terms of
/// std::numeric_limits.
template <class T>
struct element {
    static_assert(std::numeric_limits<T>::is_iec559, "specialise ulp::element");
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    static constexpr const char* name = sizeof(T) == 4 ? "float" : "double";
    static constexpr int digits = std::numeric_limits<T>::digits;
    static constexpr int min_exponent = std::numeric_limits<T>::min_exponent;
};
template <>
struct element<gelu::float16> {
    using bits = std::uint16_t;
    static constexpr const char* name = "half";
    static constexpr int digits = 11, min_exponent = -13;
};
template <>
struct element<gelu::bfloat16> {
    using bits = std::uint16_t;
    static constexpr const char* name = "bfloat16";
    static constexpr int digits = 8, min_exponent = -125;
};

/// One function: what is called, what it promises, and how its error counts.
template <class T>
struct subject {
    verb what = verb::forward;
    oracle::function form;
    bool fast = false;
    double bound = 0;  // gelu::max_ulp
    // 16-bit results are promised to be rounded once: 0.5 ULP, which the oracle can miss by this.
    static constexpr double slack = sizeof(T) == 2 ? 0x1p-20 : 0;

    // grad is read by backward only.
    using function = void(const T* grad, const T* in, T* out, std::size_t n,
                          const oracle::function& form);
    function* call = nullptr;
    // The same through batches and through forward_with_derivative, to compare bits.
    function* call_batches = nullptr;
    function* call_both = nullptr;

    bool default_constant() const { return form.constant == oracle::default_constant(form.form); }
    /// Orders 1 and 2 of the fast tier and of other constants count, for abs(x) < 2, the spacing of
    /// max(abs(exact), 2^-4).
    bool floored() const { return order(what) > 0 && (fast || !default_constant()); }

    bool kept_by(const report& r) const {
        return r.total().worst <= bound + slack && r.violations() == 0 && r.different_bits() == 0;
    }

    std::string title() const {
        std::string s = std::string(element<T>::name) + " " + name(what) + " " + name(form.form);
        if (!default_constant()) {
            char text[40];
            std::snprintf(text, sizeof text, " %.17g", form.constant);
            s += text;
        }
        return s + (fast ? " fast" : " precise");
    }
};

/// The function on T; defined in make_subject.hpp, instantiated in subjects_*.cpp.
template <class T>
subject<T> make_subject(verb v, const oracle::function& f, bool fast);

}  // namespace ulp

#endif
