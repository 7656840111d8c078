// What a call leaves alone: the heap, errno, the floating-point control bits, other threads.
#include <cerrno>
#include <cfenv>
#include <cstdlib>
#include <new>
#include <thread>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/subject.hpp"
#include "support/values.hpp"

namespace {
thread_local long allocations = 0;
}

// Not inline: GCC would see malloc's memory go to delete, or new's to free, and warn. The nothrow
// form as well, which the address sanitizer has of its own.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (void* p = operator new(size, std::nothrow)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

using namespace gelu_tests;

/// Every verb of a subject, on pointers, ranges and batches.
template <class T>
class workload {
public:
    explicit workload(std::vector<T> in)
        : in_(std::move(in)), out_(in_.size()), slope_(in_.size()) {}

    void operator()(const subject<T>& s) {
        const std::size_t n = in_.size();
        for (int order = 0; order < 3; ++order) {
            s.map(order, in_.data(), out_.data(), n);
            s.map(order, in_, out_);
            for (std::size_t i = 0; i + lanes<T>() <= n; i += lanes<T>())
                s.map_batch(order, &in_[i], &out_[i]);
        }
        s.backward(in_.data(), in_.data(), out_.data(), n);
        s.backward(in_, in_, out_);
        for (std::size_t i = 0; i + lanes<T>() <= n; i += lanes<T>())
            s.backward_batch(&in_[i], &in_[i], &out_[i]);
        s.both(in_.data(), out_.data(), slope_.data(), n);
        s.both(in_, out_, slope_);
    }

private:
    std::vector<T> in_, out_, slope_;
};

#if defined(__SSE2__)
/// The control bits of MXCSR: DAZ, the exception masks, rounding, FTZ. Its flags are not these.
unsigned control_bits() { return _mm_getcsr() & 0xffc0u; }

/// The default MXCSR (round to nearest, exceptions masked) with some bits set, as long as it lives.
class control {
public:
    explicit control(unsigned set) : before_(_mm_getcsr()) { _mm_setcsr(0x1f80u | set); }
    ~control() { _mm_setcsr(before_); }
    control(const control&) = delete;
    control& operator=(const control&) = delete;

private:
    unsigned before_;
};
constexpr unsigned ftz = 0x8000, daz = 0x0040;
#endif

}  // namespace

TEMPLATE_TEST_CASE("arrays and batches do not allocate", "[environment]", float, double) {
    using T = TestType;
    workload<T> work(mixed_values<T>(5000, 41));
    for (const auto& s : subjects<T>()) {
        const long before = allocations;
        work(*s);
        const long made = allocations - before;
        INFO(s->name);
        CHECK(made == 0);
    }
    CHECK(allocations > 0);  // the counter counts
}

TEMPLATE_TEST_CASE("arrays and batches leave errno alone", "[environment]", float, double) {
    using T = TestType;
    workload<T> work(mixed_values<T>(5000, 42));
    for (const auto& s : subjects<T>())
        for (const int value : {0, ENOENT}) {
            errno = value;
            work(*s);
            const int now = errno;
            INFO(s->name);
            CHECK(now == value);
        }
}

TEMPLATE_TEST_CASE("arrays and batches leave the rounding direction alone", "[environment]", float,
                   double) {
    using T = TestType;
    workload<T> work(mixed_values<T>(1000, 43));
    const int before = std::fegetround();
    for (const auto& s : subjects<T>())
        for (const int direction : {FE_TONEAREST, FE_UPWARD, FE_TOWARDZERO}) {
            std::fesetround(direction);
            if (std::fegetround() != direction) continue;  // WebAssembly has one only
            work(*s);
            const int now = std::fegetround();
            std::fesetround(before);
            INFO(s->name);
            CHECK(now == direction);
        }
}

#if defined(__SSE2__)
TEMPLATE_TEST_CASE("arrays and batches leave FTZ, DAZ, rounding and exception masks alone",
                   "[environment]", float, double) {
    using T = TestType;
    workload<T> work(mixed_values<T>(1000, 44));
    for (const auto& s : subjects<T>())
        for (const unsigned set : {0u, ftz, daz, ftz | daz, ftz | 0x2000u}) {
            unsigned before, after;
            {
                const control with(set);
                before = control_bits();
                work(*s);
                after = control_bits();
            }
            INFO(s->name << " with MXCSR |= " << set);
            CHECK(before == (0x1f80u | set));
            CHECK(after == before);
        }
}

TEMPLATE_TEST_CASE("with FTZ and DAZ set by the caller, subnormals alone follow the setting",
                   "[environment]", float, double) {
    using T = TestType;
    using limits = std::numeric_limits<T>;
    std::vector<T> in = mixed_values<T>(5000, 45);
    for (const T x : special_values<T>()) in.push_back(x);
    const std::size_t n = in.size();
    std::vector<T> plain(n), flushed(n);
    for (const auto& s : subjects<T>()) {
        failures wrong;
        for (int order = 0; order < 3; ++order) {
            s->map(order, in.data(), plain.data(), n);
            {
                const control with(ftz | daz);
                s->map(order, in.data(), flushed.data(), n);
            }
            for (std::size_t i = 0; i < n; ++i) {
                const T x = in[i], y = plain[i], f = flushed[i];
                if (std::isnan(x) || std::isinf(x) || x == 0) {
                    if (!(same(f, y) || (f == 0 && y == 0 && order > 0)))
                        wrong.add("order ", order, " of ", x, " is ", f, " instead of ", y);
                    continue;
                }
                const bool floored =
                    order > 0 && std::fabs(x) < 2 && (s->is_fast || !s->has_default_constant);
                const T unit = spacing(floored ? std::max(std::fabs(y), T(0.0625)) : y);
                const T bound = 2 * static_cast<T>(s->max_ulp[order]) * unit;
                // A result at or below the smallest normal number may go to zero.
                const bool may_vanish =
                    std::fabs(y) <= (limits::min)() + bound || std::fabs(x) < (limits::min)();
                if (!(std::fabs(f - y) <= bound) && !(may_vanish && f == 0))
                    wrong.add("order ", order, " of ", x, " is ", f, " instead of ", y);
            }
        }
        INFO(s->name);
        CHECK(wrong.text() == "");
    }
}
#endif

TEMPLATE_TEST_CASE("every thread gets the same results at the same time", "[environment]", float,
                   double) {
    using T = TestType;
    const std::size_t n = 3001;
    const std::vector<T> in = mixed_values<T>(n, 46);
    const std::vector<verb<T>> all = verbs<T>();
    const auto run = [&] {
        std::vector<T> results;
        std::vector<T> out(n), slope(n);
        for (const auto& verb : all) {
            verb(in.data(), in.data(), out.data(), slope.data(), n);
            results.insert(results.end(), out.begin(), out.end());
            results.insert(results.end(), slope.begin(), slope.end());
        }
        return results;
    };
    std::vector<T> at_once[4];
    {
        std::vector<std::thread> threads;
        for (auto& results : at_once) threads.emplace_back([&results, &run] { results = run(); });
        for (auto& thread : threads) thread.join();
    }
    const std::vector<T> want = run();
    for (const auto& results : at_once)
        CHECK(std::equal(want.begin(), want.end(), results.begin(), results.end(), same<T>));
}
