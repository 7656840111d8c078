// What the float kernels are made of, each alone, in cycles a vector: the "What limits" of
// docs/performance.md. For AVX-512 and AVX2 on Linux, with GCC or Clang.
//
//   gelu_limits_bench_<instruction set> [--benchmark_...]
//
// The column `cycles` is the least of all repetitions. A cycle is the time of an addition that
// waits for the one before.
#include <benchmark/benchmark.h>
#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "cases.hpp"
#include "machine.hpp"

namespace {

using namespace bench;
namespace ops = gelu::detail::ops;

using batch = xsimd::batch<float>;
constexpr std::size_t lanes = batch::size;
constexpr bool is_wide = sizeof(batch) == 64;

double nanoseconds() {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

/// The least time of a call of f in ns, of `calls`.
template <class F>
double least(int calls, F f) {
    double best = 1e30;
    for (int i = 0; i < calls; ++i) {
        const double start = nanoseconds();
        f();
        benchmark::ClobberMemory();
        best = (std::min)(best, nanoseconds() - start);
    }
    return best;
}

double cycle() {
    constexpr int rounds = 2000;
    return least(200,
                 [] {
                     unsigned long sum = 1;
                     for (int i = 0; i < rounds; ++i)
                         __asm__ volatile("add $1,%0\n add $1,%0\n add $1,%0\n add $1,%0\n"
                                          : "+r"(sum));
                 }) /
           (4 * rounds);
}

/// A benchmark of the function that prepare() returns, which does `vectors` vectors a call.
template <class Prepare>
void add_prepared(const std::string& name, std::size_t vectors, Prepare prepare) {
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        const auto f = prepare();
        double best = 1e30;
        for (auto _ : state) best = (std::min)(best, least(20, f));
        state.counters["cycles"] = best / cycle() / static_cast<double>(vectors);
    });
}
template <class F>
void add(const std::string& name, std::size_t vectors, F f) {
    add_prepared(name, vectors, [f] { return f; });
}

/// The compiler may neither know v nor drop it.
template <class V>
void hide(V& v) {
    __asm__ volatile("" : "+v"(v));
}

// Whole kernels

template <class Verb, class FormCase, class Tier>
void add_kernel(const std::string& input) {
    using form = decltype(Tier::apply(typename FormCase::form{}));
    const std::string name = std::string(Verb::name) + '/' + FormCase::name + '/' + Tier::name;
    add_prepared(name + '/' + input, in_l1 / lanes, [input] {
        static workspace<float> memory;
        const arrays<float> a = memory.get(input, in_l1, FormCase::id, Verb::order);
        return [a] { Verb::simd(a, form{}); };
    });
}

void add_kernels() {
    for (const char* input : {"n01", "n02", "uniform8", "tail", "small", "subnormal_out", "huge"})
        for_each(list<forward, derivative, backward, forward_with_derivative>{}, [&](auto verb) {
            for_each(forms{}, [&](auto form) {
                for_each(tiers{}, [&](auto tier) {
                    add_kernel<decltype(verb), decltype(form), decltype(tier)>(input);
                });
            });
        });
}

// Inputs that a call has not met before

/// The pairs of vectors of `a` in another order in each call, so that no branch on inputs is
/// learned. The median of all calls.
template <class Form>
void add_reordered(const std::string& name, const std::string& input) {
    benchmark::RegisterBenchmark((name + '/' + input + " reordered").c_str(), [=](auto& state) {
        constexpr std::size_t step = 2 * lanes, steps = in_l1 / step;
        workspace<float> memory;
        arrays<float> a = memory.get(input, in_l1, form_id::erf, 0);
        std::vector<float> in(a.in, a.in + in_l1), before;
        std::vector<std::size_t> order(steps);
        for (std::size_t i = 0; i < steps; ++i) order[i] = i;
        a.in = in.data();
        std::vector<double> times;
        std::mt19937_64 random(1);
        for (auto _ : state) {
            std::shuffle(order.begin(), order.end(), random);
            before = in;
            for (std::size_t i = 0; i < steps; ++i)
                std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(order[i] * step), step,
                            in.begin() + static_cast<std::ptrdiff_t>(i * step));
            times.push_back(least(1, [&] { forward::simd(a, Form{}); }));
        }
        std::nth_element(times.begin(),
                         times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                         times.end());
        state.counters["cycles"] = times[times.size() / 2] / cycle() / (in_l1 / double(lanes));
    });
}

void add_reordered_ones() {
    for_each(tiers{}, [](auto tier) {
        using form = decltype(tier.apply(gelu::erf_form{}));
        for (const char* input : {"n01", "n02", "uniform8"})
            add_reordered<form>(std::string("forward/exact/") + tier.name, input);
    });
}

// Instructions that do not wait for each other

template <int Lookups, int MultiplyAdds>
void units() {
    alignas(64) static float rows[8][is_wide ? 32 : 8];
    constexpr int most = (std::max)(Lookups, MultiplyAdds);
    auto index = ops::bits(batch(0.0f)).data;
    const batch d(1.0f);
    decltype(d.data) got[most + 1], sum[most + 1] = {};
    for (int i = 0; i < 256; ++i) {
        hide(index);
        for (int k = 0; k < MultiplyAdds; ++k) hide(sum[k]);
        for (int k = 0; k < most; ++k) {
            if (k < Lookups) got[k] = ops::lookup(rows[k], xsimd::batch<std::uint32_t>(index)).data;
            if (k < MultiplyAdds) {
                const batch fresh(sum[k]);
                sum[k] = ops::fma(d, d, fresh).data;
            }
        }
        for (int k = 0; k < Lookups; ++k) hide(got[k]);
    }
}

void add_units() {
    add("units/7 lookups", 256, units<7, 0>);
    add("units/9 multiply-adds", 256, units<0, 9>);
    add("units/7 lookups, 7 multiply-adds", 256, units<7, 7>);
    if (is_wide)  // else registers are too few
        add("units/7 lookups, 9 multiply-adds", 256, units<7, 9>);
}

// Lanes set aside: a fifth of them, as uniform inputs in [-8, 8] have below -4.8

constexpr std::size_t block = 2048;

struct packing {
    alignas(64) float in[block], packed[block + 2 * lanes], out[block];
    std::uint16_t marks[block / lanes];

    std::size_t pack() {
        std::size_t n = 0;
        for (std::size_t i = 0; i < block; i += lanes) {
            const batch x = ops::load<batch>(in + i);
            const ops::marks m = ops::marks_of<batch>(x < batch(-4.8f));
            ops::store_packed<batch>(packed + n, x, m);
            marks[i / lanes] = static_cast<std::uint16_t>(m);
            n += ops::count(m);
        }
        return n;
    }
    void put_back() {
        const float* from = packed;
        for (std::size_t i = 0; i < block; i += lanes) {
            const ops::marks m = marks[i / lanes];
            ops::store<batch>(out + i, ops::load_packed<batch>(from, ops::load<batch>(out + i), m));
            from += ops::count(m);
        }
    }
};

void add_packing() {
    auto p = std::make_shared<packing>();
    workspace<float> memory;
    std::memcpy(p->in, memory.get("uniform8", block, form_id::erf, 0).in, sizeof p->in);
    std::memset(p->out, 0, sizeof p->out);
    p->pack();
    add("lanes/pack", block / lanes, [p] { benchmark::DoNotOptimize(p->pack()); });
    add("lanes/put back", block / lanes, [p] { p->put_back(); });
}

// Products

template <class Product>
void add_product(const std::string& name, const std::shared_ptr<packing>& p, Product product) {
    add(name, block / lanes, [p, product] {
        for (std::size_t i = 0; i < block; i += lanes) {
            batch x = ops::load<batch>(p->in + i), y = ops::load<batch>(p->packed + i);
            ops::store<batch>(p->out + i, product(x, y));
        }
    });
}

void add_products() {
    const auto times = [](const batch& x, const batch& y) { return x * y; };
    const auto tested = [](const batch& x, const batch& y) { return ops::times_slope(x, y); };
    for (const bool is_small : {false, true}) {
        auto p = std::make_shared<packing>();
        for (std::size_t i = 0; i < block; ++i) {
            const float x = 1 + static_cast<float>(i) / block;
            p->in[i] = is_small ? x * 1e-20f : x;
            p->packed[i] = is_small ? 1e-20f / x : x;
        }
        const std::string which = is_small ? "product/subnormal/" : "product/normal/";
        add_product(which + "multiplication", p, times);
        add_product(which + "as loops multiply slopes", p, tested);
    }
}

// Arrays larger than caches

void store_around_cache(float* p, const batch& x) {
#if defined(__AVX512F__)
    _mm512_stream_ps(p, x);
#else
    _mm256_stream_ps(p, x);
#endif
}

/// N(0, 2), and results on a cache line.
const arrays<float>& large() {
    static workspace<float> memory;
    static std::vector<float, xsimd::aligned_allocator<float, 64>> results(in_memory);
    static const arrays<float> all = [] {
        arrays<float> a = memory.get("n02", in_memory, form_id::erf, 0);
        a.out = results.data();
        return a;
    }();
    return all;
}

template <class F>
void add_large(const std::string& name, F f) {
    const auto run = [f](benchmark::State& state) {
        const arrays<float>& a = large();
        for (auto _ : state) {
            f(a);
            benchmark::ClobberMemory();
        }
    };
    benchmark::RegisterBenchmark(("16 Mi/" + name).c_str(), run)->Unit(benchmark::kMillisecond);
}

template <class Form>
void around_cache(const arrays<float>& a) {
    alignas(64) float values[block];
    for (std::size_t i = 0; i < a.n; i += block) {
        gelu::forward(a.in + i, values, block, Form{});
        for (std::size_t k = 0; k < block; k += lanes)
            store_around_cache(a.out + i + k, ops::load<batch>(values + k));
    }
    _mm_sfence();
}

void add_large_ones() {
    add_large("memcpy", [](const auto& a) { std::memcpy(a.out, a.in, a.n * sizeof(float)); });
    for_each(tiers{}, [](auto tier) {
        using form = decltype(tier.apply(gelu::erf_form{}));
        const std::string name = std::string("exact/") + tier.name;
        add_large(name, [](const auto& a) { gelu::forward(a.in, a.out, a.n, form{}); });
        add_large(name + "/stores around the cache", around_cache<form>);
    });
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    for (const auto& fact : machine_facts()) benchmark::AddCustomContext(fact.first, fact.second);
    add_units();
    add_packing();
    add_products();
    add_large_ones();
    add_kernels();
    add_reordered_ones();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
