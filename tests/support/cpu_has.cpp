// cpu_has <instruction set> [program argument...]
//
// Runs the program when this CPU and its operating system have the set; otherwise says what is
// missing and returns 77, which CTest reports as skipped. A separate program, since a test built
// for a set may use it before its main begins.
#include <cstdio>
#include <cstring>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif
#if defined(__linux__) && (defined(__aarch64__) || defined(__riscv))
#include <sys/auxv.h>
#include <sys/prctl.h>

#include <cstdlib>
#endif

namespace {

struct feature {
    const char* name;
    bool present;
};

// __builtin_cpu_supports takes a literal and includes the operating system's support (XCR0).
#if defined(__x86_64__) || defined(__i386__)
#define GELU_FEATURE(name) \
    feature { name, __builtin_cpu_supports(name) != 0 }

template <std::size_t N>
const char* first_missing(const feature (&features)[N]) {
    for (const feature& f : features) {
        if (!f.present) {
            return f.name;
        }
    }
    return nullptr;
}

// f16c is in every CPU with AVX2, and has no name for __builtin_cpu_supports before GCC 11.
const char* missing(const char* set, bool& known) {
    __builtin_cpu_init();
    known = true;
    if (std::strcmp(set, "sse2") == 0) {
        return first_missing({GELU_FEATURE("sse2")});
    }
    if (std::strcmp(set, "sse4_2") == 0) {
        return first_missing({GELU_FEATURE("sse4.2")});
    }
    if (std::strcmp(set, "avx2") == 0) {
        return first_missing({GELU_FEATURE("avx2"), GELU_FEATURE("fma")});
    }
    if (std::strcmp(set, "avx512") == 0) {
        return first_missing({GELU_FEATURE("avx512f"), GELU_FEATURE("avx512cd"),
                              GELU_FEATURE("avx512dq"), GELU_FEATURE("avx512bw"),
                              GELU_FEATURE("avx512vl"), GELU_FEATURE("fma")});
    }
    known = false;
    return nullptr;
}
#elif defined(__linux__) && (defined(__aarch64__) || defined(__riscv))
// The bits behind a set's name, 0 if it is another set's name.
unsigned long length_of(const char* set, const char* name) {
    const std::size_t n = std::strlen(name);
    return std::strncmp(set, name, n) == 0 ? std::strtoul(set + n, nullptr, 10) : 0;
}

// Code for vectors of a fixed length is right where the machine's have that length, and only there.
const char* missing(const char* set, bool& known) {
    known = true;
#if defined(__aarch64__)
    if (std::strcmp(set, "neon") == 0) return nullptr;
    if (const unsigned long bits = length_of(set, "sve")) {
        if ((getauxval(AT_HWCAP) & (1ul << 22)) == 0) return "SVE";
        const int length = prctl(51);  // PR_SVE_GET_VL: bytes, and flags above
        return length > 0 && (length & 0xffffu) * 8 == bits ? nullptr : "SVE of this length";
    }
#else
    if (const unsigned long bits = length_of(set, "rvv")) {
        if ((getauxval(AT_HWCAP) & (1ul << ('v' - 'a'))) == 0) return "vector extension";
        unsigned long bytes;
        __asm__("csrr %0, 0xc22" : "=r"(bytes));  // vlenb
        return bytes * 8 == bits ? nullptr : "vectors of this length";
    }
#endif
    known = false;
    return nullptr;
}
#else
const char* missing(const char*, bool& known) {
    known = false;
    return nullptr;
}
#endif

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: cpu_has <instruction set> [program argument...]\n");
        return 2;
    }
    bool known = false;
    const char* absent = missing(argv[1], known);
    if (!known) {
        std::fprintf(stderr, "cpu_has: unknown instruction set '%s'\n", argv[1]);
        return 2;
    }
    if (absent != nullptr) {
        std::printf("skipped: this CPU (or its operating system) has no %s, which %s needs\n",
                    absent, argv[1]);
        return 77;
    }
    if (argc == 2) {
        return 0;
    }
    execv(argv[2], argv + 2);
    std::perror(argv[2]);
    return 2;
}
