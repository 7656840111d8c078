// What a library brings to gelu_compare. Each library and instruction set is a shared module of its
// own: two versions of one header-only library, or one library compiled for two instruction sets,
// then never share a symbol, and a module that can't be loaded is left out with the reason.
#ifndef GELU_BENCH_COMPARE_PEER_HPP
#define GELU_BENCH_COMPARE_PEER_HPP

#include <cstddef>
#include <type_traits>

// gelu/storage.hpp; to a peer 16 bits, which it takes for its own type of that format.
namespace gelu {
struct float16;
struct bfloat16;
}  // namespace gelu

namespace compare {

enum class form { exact, tanh, sigmoid };
enum class verb { forward, backward };

/// out = g(in), or grad * g'(in). `grad` is null for forward. n is a multiple of 64 and the arrays
/// may be read up to 64 bytes past their end, which some microkernels do.
template <class T>
using function = void (*)(const T* grad, const T* in, T* out, std::size_t n);

struct entry {
    const char* method;  // how: the functions called, in the library's own words
    compare::form form;
    compare::verb verb;
    function<float> f32 = nullptr;  // exactly one of these is set
    function<double> f64 = nullptr;
    function<gelu::bfloat16> bf16 = nullptr;
    function<gelu::float16> f16 = nullptr;
};

template <class T>
constexpr entry make_entry(const char* method, form f, verb v, function<T> work) {
    entry e{method, f, v};
    if constexpr (std::is_same<T, float>::value)
        e.f32 = work;
    else if constexpr (std::is_same<T, double>::value)
        e.f64 = work;
    else if constexpr (std::is_same<T, gelu::bfloat16>::value)
        e.bf16 = work;
    else
        e.f16 = work;
    return e;
}

struct peer {
    const char* library;
    const char* version;
    const entry* entries;
    std::size_t count;
};

// The formulas' constants, for compositions.
template <class T>
struct constants {
    static constexpr T rsqrt2 = T(0.70710678118654752440);       // 1/sqrt(2)
    static constexpr T rsqrt2pi = T(0.39894228040143267794);     // 1/sqrt(2 pi)
    static constexpr T tanh_linear = T(0.79788456080286535588);  // sqrt(2/pi)
    static constexpr T tanh_cubic = T(0.79788456080286535588 * 0.044715);
    static constexpr T slope = T(1.702);
};

// Compositions of functions on arrays work in pieces of this many elements, which stay in L1.
constexpr std::size_t piece = 512;

}  // namespace compare

#define GELU_COMPARE_EXPORT extern "C" __attribute__((visibility("default")))
/// The one symbol of a module; null where what it calls is not there.
GELU_COMPARE_EXPORT const compare::peer* gelu_compare_peer();

#endif
