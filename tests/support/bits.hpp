// Bits, spacings and the text of a failure.
#ifndef GELU_TESTS_SUPPORT_BITS_HPP
#define GELU_TESTS_SUPPORT_BITS_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

namespace gelu_tests {

template <class T>
using bits_t = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
bits_t<T> bits(T x) {
    bits_t<T> b;
    std::memcpy(&b, &x, sizeof b);
    return b;
}

template <class T>
T from_bits(bits_t<T> b) {
    T x;
    std::memcpy(&x, &b, sizeof x);
    return x;
}

/// Equal bits. All NaNs count as one: which operand's payload survives is up to the hardware and
/// the order in which the compiler names commutative operands.
template <class T>
bool same(T a, T b) {
    return bits(a) == bits(b) || (std::isnan(a) && std::isnan(b));
}

/// Spacing of T in the binade of |x|, and of the subnormals below the smallest.
template <class T>
T spacing(T x) {
    const T magnitude = std::max(std::fabs(x), (std::numeric_limits<T>::min)());
    return std::ldexp(std::numeric_limits<T>::epsilon(), std::ilogb(magnitude));
}

/// A number as a decimal and as its exact hexadecimal.
template <class T>
std::string show(T x) {
    char text[80];
    std::snprintf(text, sizeof text, "%.*g (%a)", std::numeric_limits<T>::max_digits10,
                  static_cast<double>(x), static_cast<double>(x));
    return text;
}

/// Counts what goes wrong in a long loop and keeps the first, for one REQUIRE behind it.
class failures {
public:
    template <class... Parts>
    void add(const Parts&... parts) {
        if (count_++ == 0) (append(parts), ...);
    }
    /// Empty when nothing failed.
    std::string text() const {
        return count_ == 0 ? "" : std::to_string(count_) + " failed; the first: " + first_;
    }

private:
    void append(const std::string& s) { first_ += s; }
    void append(const char* s) { first_ += s; }
    void append(float x) { first_ += show(x); }
    void append(double x) { first_ += show(x); }
    template <class I, std::enable_if_t<std::is_integral<I>::value, int> = 0>
    void append(I i) {
        first_ += std::to_string(i);
    }
    long count_ = 0;
    std::string first_;
};

}  // namespace gelu_tests

#endif
