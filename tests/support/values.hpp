// Inputs on which kernels have gone wrong, and arrays that mix them.
#ifndef GELU_TESTS_SUPPORT_VALUES_HPP
#define GELU_TESTS_SUPPORT_VALUES_HPP

#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "support/bits.hpp"

namespace gelu_tests {

/// Zeros, infinities, NaNs and the ends of the range of T, both signs.
template <class T>
std::vector<T> special_values() {
    using limits = std::numeric_limits<T>;
    std::vector<T> values = {T(0),
                             limits::infinity(),
                             limits::quiet_NaN(),
                             limits::signaling_NaN(),
                             limits::denorm_min(),
                             (limits::min)() - limits::denorm_min(),
                             (limits::min)(),
                             (limits::max)()};
    const std::size_t n = values.size();
    for (std::size_t i = 0; i < n; ++i)
        values.push_back(from_bits<T>(bits(values[i]) ^ (bits_t<T>{1} << (8 * sizeof(T) - 1))));
    return values;
}

/// Where a form's result or a derivative changes character: roots, extremes, the edges of the
/// subnormal results and of the results that round to -0, of float and double.
template <class T>
std::vector<T> landmarks() {
    std::vector<T> values;
    for (const double x : {-0.75179152469356446,
                           -0.75246142207101626,
                           -0.75115425544128895,
                           1.4142135623730951,
                           1.0,
                           3.0,
                           5.6,
                           6.0,
                           2.70,
                           2.27,
                           8.3,
                           10.1006,
                           10.7709,
                           13.1462,
                           14.3561,
                           16.0,
                           26.5,
                           37.6159,
                           38.5801,
                           53.654,
                           63.527,
                           100.0,
                           420.0,
                           440.0,
                           7e12,
                           1e30})
        for (const double v : {x, -x}) values.push_back(static_cast<T>(v));
    return values;
}

/// n values of every kind side by side, reproducibly: ordinary ones, any bit pattern, specials,
/// landmarks and their neighbours, the deep tail, tiny ones.
template <class T>
std::vector<T> mixed_values(std::size_t n, unsigned seed = 1) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> unit;
    const std::vector<T> special = special_values<T>(), landmark = landmarks<T>();
    std::vector<T> values(n);
    for (T& x : values) {
        switch (random() % 8) {
            case 0:
            case 1:
                x = static_cast<T>(normal(random));
                break;
            case 2:
                x = static_cast<T>(8 * normal(random));
                break;
            case 3:
                x = from_bits<T>(static_cast<bits_t<T>>(random()));
                break;
            case 4:
                x = special[random() % special.size()];
                break;
            case 5:
                x = from_bits<T>(bits(landmark[random() % landmark.size()]) +
                                 static_cast<bits_t<T>>(random() % 7) - 3);
                break;
            case 6:
                x = static_cast<T>(-3 - 77 * unit(random));
                break;
            default:
                x = static_cast<T>(std::ldexp(normal(random), -static_cast<int>(random() % 140)));
        }
    }
    return values;
}

/// Finite values over the whole range: the ends and some mantissas of every binade, both signs.
template <class T>
std::vector<T> every_binade() {
    constexpr int mantissa_bits = std::numeric_limits<T>::digits - 1;
    const bits_t<T> binades = bits(std::numeric_limits<T>::infinity()) >> mantissa_bits;
    std::mt19937_64 random(7);
    std::vector<T> values;
    for (bits_t<T> binade = 0; binade < binades; ++binade) {
        const bits_t<T> mask = (bits_t<T>{1} << mantissa_bits) - 1;
        for (const bits_t<T> mantissa :
             {bits_t<T>{0}, bits_t<T>{1}, mask, bits_t<T>(random()), bits_t<T>(random()),
              bits_t<T>(random()), bits_t<T>(random())}) {
            const T x = from_bits<T>((binade << mantissa_bits) | (mantissa & mask));
            values.push_back(x);
            values.push_back(-x);
        }
    }
    return values;
}

}  // namespace gelu_tests

#endif
