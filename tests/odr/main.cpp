// Calls the same verbs as compiled for each instruction set, linked into one program, and compares
// them: each is right by itself (the other tests say so), so they differ by their bounds at most.
// Sets that the CPU lacks are not called, but they are linked: if the linker gave their code to
// another set, this would be an illegal instruction.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <vector>

#include "odr_sets.hpp"

#define GELU_ODR_DECLARE(set) \
    void verbs_##set(const float*, float*, const double*, double*, std::size_t, std::size_t);
GELU_ODR_SETS(GELU_ODR_DECLARE)

namespace {

// The widest bound of any verb and tier, of both sides, counted as for the fast tier's derivatives.
template <class T>
int compare(const char* set, const std::vector<T>& a, const std::vector<T>& b) {
    int wrong = 0;
    for (std::size_t i = 0; i != a.size(); ++i) {
        const T size = std::fmax(std::fabs(a[i]), T(0.0625));
        if (!(std::fabs(a[i] - b[i]) <= 20 * std::numeric_limits<T>::epsilon() * size)) {
            std::printf("%s, result %zu: %.17g, the first set's %.17g\n", set, i,
                        static_cast<double>(a[i]), static_cast<double>(b[i]));
            ++wrong;
        }
    }
    return wrong;
}

}  // namespace

int main() {
    const std::size_t n = 64, stride = 12 * n;
    std::vector<float> x(n);
    std::vector<double> xd(n);
    for (std::size_t i = 0; i != n; ++i) {
        xd[i] = -6.0 + 0.19 * static_cast<double>(i);
        x[i] = static_cast<float>(xd[i]);
    }
    std::vector<float> first;
    std::vector<double> first_d;
    int wrong = 0, sets = 0;
#define GELU_ODR_CALL(set)                                                     \
    if (__builtin_cpu_supports(GELU_ODR_NEEDS_##set)) {                        \
        std::vector<float> y(7 * stride);                                      \
        std::vector<double> yd(7 * stride);                                    \
        verbs_##set(x.data(), y.data(), xd.data(), yd.data(), n, stride);      \
        if (sets++ == 0) {                                                     \
            first = y;                                                         \
            first_d = yd;                                                      \
        }                                                                      \
        wrong += compare(#set, y, first);                                      \
        wrong += compare(#set, yd, first_d);                                   \
    } else {                                                                   \
        std::printf("not called: this CPU has no %s\n", GELU_ODR_NEEDS_##set); \
    }
#define GELU_ODR_NEEDS_sse2 "sse2"
#define GELU_ODR_NEEDS_sse4_2 "sse4.2"
#define GELU_ODR_NEEDS_avx2 "fma"
#define GELU_ODR_NEEDS_avx512 "avx512vl"
    GELU_ODR_SETS(GELU_ODR_CALL)
    std::printf("%d instruction sets called, %d results differ\n", sets, wrong);
    return wrong == 0 && sets > 0 ? 0 : 1;
}
