// The choice of the instruction set: at the first call, by GELU_ARCH, by use(); from many threads;
// and what becomes of names that can't be served. Each in a process of its own, since a process
// chooses once: this one never does.
#include <gelu/dispatch.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "../../include/gelu/detail/dispatch/cpu.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"

#if defined(XSIMD_VERSION_MAJOR)
#error "gelu/dispatch.hpp includes xsimd"
#endif

namespace {

using gelu_tests::ContainsSubstring;
using gelu_tests::fate_of;

/// What a new process says to stderr and how it ends, given GELU_ARCH, null: unset.
template <class F>
gelu_tests::fate with_arch(const char* name, F f) {
    return fate_of([&] {
        if (name != nullptr)
            setenv("GELU_ARCH", name, 1);
        else
            unsetenv("GELU_ARCH");
        f();
    });
}

void say_active() { std::fputs(gelu::dispatch::active().data(), stderr); }

void compute() {
    float x[5] = {-1, 0, 1, 2, 3}, y[5];
    gelu::dispatch::forward(x, y, 5);
    std::fprintf(stderr, "%s", y[2] > 0.8413f && y[2] < 0.8414f ? "computed" : "wrong");
}

/// Calls f from 8 threads that start at one time.
template <class F>
void together(const F& f) {
    constexpr int count = 8;
    std::atomic<int> waiting{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] {
            ++waiting;
            while (waiting != count) std::this_thread::yield();
            f();
        });
    for (std::thread& t : threads) t.join();
}

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++n;
    return n;
}

const auto names = gelu::dispatch::supported();

}  // namespace

TEST_CASE("what is supported is what the compiler says", "[dispatch]") {
    REQUIRE(!names.empty());
#if GELU_DISPATCH_X86
    const auto has = [](const char* name) {
        for (const auto n : names)
            if (n == name) return true;
        return false;
    };
    const auto known = [](const char* name) {
        for (std::size_t i = 0; const char* n = gelu_known_arch(i); ++i)
            if (std::string(n) == name) return true;
        return false;
    };
    __builtin_cpu_init();
    CHECK(has("sse2") == (known("sse2") && __builtin_cpu_supports("sse2")));
    CHECK(has("sse4_2") == (known("sse4_2") && __builtin_cpu_supports("sse4.2")));
    CHECK(has("avx2") ==
          (known("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")));
    CHECK(has("avx512") ==
          (known("avx512") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")));
#else
    CHECK(names.size() == 1);
#endif
}

#if GELU_DISPATCH_X86
TEST_CASE("a set needs the CPU's bits and the operating system's", "[dispatch]") {
    using namespace gelu_dispatch;
    cpu c;
    c.leaf1_ecx = c.leaf1_edx = c.leaf7_ebx = 0xffffffff;
    c.xcr0 = 0xe7;
    CHECK((supports_sse2(c) && supports_sse4_2(c) && supports_avx2(c) && supports_avx512(c)));
    for (const std::uint64_t xcr0 :
         {0x07u, 0x27u, 0x67u, 0xa7u, 0xc7u}) {  // ZMM or masks aren't saved
        c.xcr0 = xcr0;
        CHECK((supports_avx2(c) && !supports_avx512(c)));
    }
    for (const std::uint64_t xcr0 : {0x0u, 0x1u, 0x3u, 0x5u, 0xe3u, 0xe5u}) {  // nor YMM
        c.xcr0 = xcr0;
        CHECK((supports_sse4_2(c) && !supports_avx2(c) && !supports_avx512(c)));
    }
    c.xcr0 = 0xe7;
    for (const int missing : {16, 17, 28, 30, 31}) {
        c.leaf7_ebx = ~bit(missing);
        CHECK((supports_avx2(c) && !supports_avx512(c)));
    }
    c.leaf7_ebx = ~bit(5);
    CHECK((supports_sse4_2(c) && !supports_avx2(c) && !supports_avx512(c)));
    c.leaf7_ebx = 0xffffffff;
    for (const int missing : {12, 26, 27, 28, 29}) {  // FMA, XSAVE, OSXSAVE, AVX, F16C
        c.leaf1_ecx = ~bit(missing);
        CHECK((supports_sse4_2(c) && !supports_avx2(c) && !supports_avx512(c)));
    }
    for (const int missing : {0, 9, 19, 20, 23}) {
        c.leaf1_ecx = ~bit(missing);
        CHECK((supports_sse2(c) && !supports_sse4_2(c) && !supports_avx2(c)));
    }
    CHECK(!supports_sse2(cpu{}));
}
#endif

TEST_CASE("without GELU_ARCH the best set is used", "[dispatch]") {
    for (const char* word : {static_cast<const char*>(nullptr), "", "auto"}) {
        const auto fate = with_arch(word, say_active);
        CHECK(fate.signal == 0);
        CHECK(fate.error == names.back());
    }
}

TEST_CASE("GELU_ARCH names the set", "[dispatch]") {
    for (const auto name : names) {
        CHECK(with_arch(name.data(), say_active).error == name);
        CHECK(with_arch(name.data(), compute).error == "computed");
    }
}

TEST_CASE("an unknown name in GELU_ARCH ends the program with one message", "[dispatch]") {
    for (const char* word : {"avx1024", "AVX2", " avx2", "avx2 ", "native,sse2", "none"}) {
        const auto check = [&](const gelu_tests::fate& fate) {
            CHECK(fate.signal == SIGABRT);
            CHECK_THAT(fate.error, ContainsSubstring("GELU_ARCH is \"" + std::string(word) + "\""));
            CHECK_THAT(fate.error, ContainsSubstring("no instruction set of this name is known"));
            CHECK_THAT(fate.error, ContainsSubstring("Unset it, or set it to auto or"));
            CHECK_THAT(fate.error, ContainsSubstring(std::string(names.back())));
            CHECK(occurrences(fate.error, "GELU_ARCH") == 1);
            CHECK(fate.error.find("computed") == std::string::npos);
        };
        check(with_arch(word, compute));
        check(with_arch(word, say_active));
    }
    // From many threads: it takes some rounds for two of them to be late enough.
    for (int round = 0; round < 200; ++round) {
        const auto fate = with_arch("avx1024", [] { together(compute); });
        CHECK(fate.signal == SIGABRT);
        CHECK(occurrences(fate.error, "GELU_ARCH") == 1);
    }
    // A word of any length.
    const auto fate = with_arch(std::string(5000, 'x').c_str(), compute);
    CHECK(fate.signal == SIGABRT);
    CHECK_THAT(fate.error, ContainsSubstring("no instruction set"));
    CHECK_THAT(fate.error, ContainsSubstring(std::string(names.back())));
}

TEST_CASE("use() comes before GELU_ARCH", "[dispatch]") {
    CHECK(with_arch("avx1024", [] {
              gelu::dispatch::use("auto");
              say_active();
          }).error == names.back());
    for (const auto name : names)
        CHECK(with_arch(names.front().data(), [&] {
                  say_active();
                  gelu::dispatch::use(name);
                  say_active();
                  compute();
              }).error == std::string(names.front()) + std::string(name) + "computed");
}

TEST_CASE("use() with an unknown name throws and changes nothing", "[dispatch]") {
    for (const std::string& word :
         {std::string("avx1024"), std::string(), std::string("sse2 "), std::string("sse2\0", 5)}) {
        const auto fate = with_arch(nullptr, [&] {
            gelu::dispatch::use(names.front());
            try {
                gelu::dispatch::use(word);
                std::fputs("nothing thrown", stderr);
            } catch (const std::invalid_argument& e) {
                std::fputs(e.what(), stderr);
            }
            std::fputs("; still ", stderr);
            say_active();
        });
        const std::string shown = word.size() == 5 && word[4] == '\0' ? "sse2\\0" : word;
        CHECK_THAT(fate.error, ContainsSubstring("unknown instruction set \"" + shown + "\""));
        CHECK_THAT(fate.error, ContainsSubstring("supported here: auto, "));
        for (const auto name : names) CHECK_THAT(fate.error, ContainsSubstring(std::string(name)));
        CHECK_THAT(fate.error, ContainsSubstring("; still " + std::string(names.front())));
    }
}

TEST_CASE("the first call may come from many threads", "[dispatch]") {
    for (int round = 0; round < 20; ++round) {
        const auto fate = with_arch(nullptr, [] {
            std::atomic<int> right{0};
            together([&] {
                std::vector<double> x(50, 1.0), y(50);
                gelu::dispatch::forward(x.data(), y.data(), x.size());
                right +=
                    y[49] > 0.84134 && y[49] < 0.84135 && gelu::dispatch::active() == names.back();
            });
            std::fprintf(stderr, "%d", right.load());
        });
        CHECK(fate.error == "8");
    }
}

TEST_CASE("use() may come while other threads compute", "[dispatch]") {
    const auto fate = with_arch(nullptr, [] {
        std::atomic<bool> done{false};
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                std::vector<float> x(50, 1.0f), y(50);
                while (!done) {
                    gelu::dispatch::forward(x, y, gelu::tanh_form{});
                    for (const float v : y) wrong += !(v > 0.84119f && v < 0.84120f);
                }
            });
        for (int round = 0; round < 300; ++round)
            for (const auto name : names) gelu::dispatch::use(name);
        done = true;
        for (std::thread& t : threads) t.join();
        std::fprintf(stderr, "%d wrong", wrong.load());
    });
    CHECK(fate.error == "0 wrong");
}
