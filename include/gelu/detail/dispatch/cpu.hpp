// Which instruction sets a CPU and its operating system support. Part of the sources of the library
// gelu_dispatch, not installed.
#ifndef GELU_DETAIL_DISPATCH_CPU_HPP
#define GELU_DETAIL_DISPATCH_CPU_HPP

#include <stdint.h>

#if defined(__x86_64__) || defined(__i386__)
#define GELU_DISPATCH_X86 1
#include <cpuid.h>
#else
#define GELU_DISPATCH_X86 0
#endif

namespace gelu_dispatch {

#if GELU_DISPATCH_X86

/// What CPUID reports, and which registers the operating system saves (XCR0). Intel 64 and IA-32
/// Architectures Software Developer's Manual, volume 2, CPUID; volume 1, 13.2 and 15.2.
struct cpu {
    uint32_t leaf1_ecx = 0, leaf1_edx = 0, leaf7_ebx = 0;
    uint64_t xcr0 = 0;

    static cpu running() noexcept {
        cpu c;
        unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
        if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
            c.leaf1_ecx = ecx;
            c.leaf1_edx = edx;
        }
        if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) c.leaf7_ebx = ebx;
        if (c.leaf1_ecx >> 27 & 1) {  // OSXSAVE: XGETBV may be executed
            __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
            c.xcr0 = uint64_t{edx} << 32 | eax;
        }
        return c;
    }
};

inline bool all_bits(uint64_t value, uint64_t bits) noexcept { return (value & bits) == bits; }
constexpr uint32_t bit(int i) noexcept { return uint32_t{1} << i; }

inline bool supports_sse2(const cpu& c) noexcept { return all_bits(c.leaf1_edx, bit(26)); }
inline bool supports_sse4_2(const cpu& c) noexcept {
    // SSE3, SSSE3, SSE4.1, SSE4.2, POPCNT, which compilers add to it
    return supports_sse2(c) && all_bits(c.leaf1_ecx, bit(0) | bit(9) | bit(19) | bit(20) | bit(23));
}
inline bool supports_avx2(const cpu& c) noexcept {
    // FMA, XSAVE, OSXSAVE, AVX, F16C; the operating system saves XMM and YMM; AVX2
    return supports_sse4_2(c) &&
           all_bits(c.leaf1_ecx, bit(12) | bit(26) | bit(27) | bit(28) | bit(29)) &&
           all_bits(c.xcr0, 0x6) && all_bits(c.leaf7_ebx, bit(5));
}
inline bool supports_avx512(const cpu& c) noexcept {
    // AVX-512 F, DQ, CD, BW, VL; the operating system saves the masks and ZMM
    return supports_avx2(c) && all_bits(c.xcr0, 0xe6) &&
           all_bits(c.leaf7_ebx, bit(16) | bit(17) | bit(28) | bit(30) | bit(31));
}

#else

struct cpu {
    static cpu running() noexcept { return {}; }
};

#endif

// What every processor of a family has, or what the compiler targets by default.
inline bool supports_neon(const cpu&) noexcept { return true; }
inline bool supports_scalar(const cpu&) noexcept { return true; }
inline bool supports_wasm(const cpu&) noexcept { return true; }
inline bool supports_native(const cpu&) noexcept { return true; }

}  // namespace gelu_dispatch

#endif
