// gelu_compare: the same work by this library and by others, in one process, on the same arrays,
// repetitions of everything in random order (Google Benchmark), thread CPU time, medians.
// bench/run --peers builds and runs it; --help lists the options.
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

#include <gelu/storage.hpp>

#include "../inputs.hpp"
#include "../machine.hpp"
#include "oracle/double_oracle.hpp"
#include "peer.hpp"
#if GELU_COMPARE_HAS_MPFR
#include <gelu/forms.hpp>

#include "oracle/mpfr_oracle.hpp"
#endif

namespace {
using namespace compare;
namespace fs = std::filesystem;

constexpr const char* form_names[] = {"exact", "tanh", "sigmoid"};
constexpr const char* verb_names[] = {"forward", "backward"};
constexpr const char* type_names[] = {"f32", "f64", "bf16", "f16"};

struct options {
    std::string isa = "avx512";
    std::vector<std::string> forms = {"exact", "tanh", "sigmoid"};
    std::vector<std::string> verbs = {"forward", "backward"};
    std::vector<std::string> types = {"f32"};
    std::vector<std::string> inputs = {"n01", "n02", "uniform8"};
    std::vector<std::size_t> sizes = {4096, 65536};
    std::vector<std::string> also;    // further columns, "input/n"
    std::vector<std::string> stress;  // inputs at the first size, reported as the slowest of them
    std::string only;                 // regular expression on "library method"
    int repetitions = 9;
    double seconds = 0.001;       // of one repetition
    std::uint32_t stride = 1021;  // of the accuracy sweep; 0: none
    int cpu = -1;
    std::string json, revision;
    fs::path modules;
};

const char* const usage =
    R"(gelu_compare [--option=value...]
  --isa=avx512|avx2         whose modules to load (avx512); restricts the peers that choose by
                            themselves to the same set where they let us
  --form=exact,tanh,sigmoid --verb=forward,backward --type=f32,f64,bf16,f16
  --input=n01,n02,uniform8  see bench/inputs.hpp; "all": every kind; "file:PATH": raw float32
  --n=4096,65536
  --also=n02/16777216       columns besides input x n
  --stress=tail,huge        inputs of which the table tells the slowest, at the first n; "all"
  --only=REGEX              entries whose "library method" matches; gelu and memcpy always run
  --repetitions=9 --seconds=0.001
  --stride=1021             accuracy over every stride-th float (f64: 2^27 / stride points; 16 bits:
                            all values); 0: skip
  --cpu=N                   the processor to run on (default: the last one allowed)
  --json=PATH               everything measured, for the pictures
  --revision=TEXT           of the source, for the JSON
  --modules=DIRECTORY       where the peers' modules are (default: beside the program)
  --list                    the entries, and what was left out
)";

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> words;
    std::stringstream s(text);
    for (std::string word; std::getline(s, word, ',');) words.push_back(word);
    return words;
}

// --- The entries ---------------------------------------------------------------------------------

struct statistics {
    double median = 0, low = 0, high = 0;  // ns per element; low and high: the quartiles
};

struct accuracy {
    // Largest errors in ULP: x >= 0, [-5.5, 0), below -5.5. Of a derivative, abs(x) < 2 counts the
    // spacing of max(abs(exact), 2^-4), and `root` the largest error there without that floor.
    double positive = 0, middle = 0, tail = 0, root = 0;
    double at_minus_inf = 0;
    std::vector<double> curve;  // the largest error by the intervals of `curve_range`
};

/// Intervals of x for the picture of errors: as far as a form has a tail.
struct range {
    double start, end, step;
    std::size_t index(double x) const { return static_cast<std::size_t>((x - start) / step); }
};
range curve_range(form f) { return f == form::sigmoid ? range{-68, 8, 1} : range{-16, 8, 0.25}; }

struct candidate {
    std::string library, version, method;
    entry work;
    std::map<std::string, statistics> time;  // by "input/n"
    accuracy error;
    bool measured_error = false;

    int type() const { return work.f32 ? 0 : work.f64 ? 1 : work.bf16 ? 2 : 3; }
    const char* type_name() const { return type_names[type()]; }
    bool ours() const { return library == "gelu"; }
    bool copy() const { return library == "memcpy"; }
    std::string name() const {
        return library + (version.empty() ? "" : " " + version) + (method.empty() ? "" : " ") +
               method;
    }
};

template <class T>
void copy(const T*, const T* in, T* out, std::size_t n) {
    std::memcpy(out, in, n * sizeof(T));
}

std::vector<std::string> left_out;

/// Loads the modules that the build lists. They stay loaded.
std::vector<candidate> load(const options& o) {
    std::vector<candidate> all;
    for (int f = 0; f < 3; ++f)
        for (int v = 0; v < 2; ++v) {
            const form form = static_cast<compare::form>(f);
            const verb verb = static_cast<compare::verb>(v);
            for (const entry& e :
                 {make_entry<float>("", form, verb, copy), make_entry<double>("", form, verb, copy),
                  make_entry<gelu::bfloat16>("", form, verb, copy),
                  make_entry<gelu::float16>("", form, verb, copy)})
                all.push_back({"memcpy", "", "", e, {}, {}, false});
        }
    std::ifstream modules(o.modules / ("gelu_compare_modules." + o.isa + ".txt"));
    if (!modules) throw std::runtime_error("no list of modules in " + o.modules.string());
    for (std::string name; std::getline(modules, name);) {
        const fs::path path = o.modules / (name + ".so");
        if (!fs::exists(path)) {
            left_out.push_back(name + ": not built");
            continue;
        }
        void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!module) {
            left_out.push_back(dlerror());
            continue;
        }
        void* symbol = dlsym(module, "gelu_compare_peer");
        if (!symbol) throw std::runtime_error(dlerror());
        const peer* p = reinterpret_cast<const peer* (*)()>(symbol)();
        if (!p) {
            left_out.push_back(name + ": what it calls is not there");
            continue;
        }
        for (std::size_t i = 0; i < p->count; ++i)
            all.push_back(
                {p->library, p->version, p->entries[i].method, p->entries[i], {}, {}, false});
    }
    std::ifstream absent(o.modules / ("gelu_compare_left_out." + o.isa + ".txt"));
    for (std::string line; std::getline(absent, line);)
        if (!line.empty()) left_out.push_back(line);

    const auto has = [](const std::vector<std::string>& words, const std::string& word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    const std::regex only(o.only.empty() ? "." : o.only, std::regex::icase);
    std::vector<candidate> chosen;
    for (candidate& c : all) {
        if (!has(o.forms, form_names[static_cast<int>(c.work.form)]) ||
            !has(o.verbs, verb_names[static_cast<int>(c.work.verb)]) ||
            !has(o.types, c.type_name()))
            continue;
        if (!c.ours() && !c.copy() && !std::regex_search(c.library + " " + c.method, only))
            continue;
        chosen.push_back(std::move(c));
    }
    return chosen;
}

// --- The columns ---------------------------------------------------------------------------------

struct column {
    std::string kind;
    std::size_t n;

    /// "n02", or of a file its name.
    std::string name() const {
        if (kind.rfind("file:", 0) != 0) return kind;
        const std::string file = kind.substr(kind.find_last_of(":/") + 1);
        return file.substr(0, file.find('.'));
    }
    std::string key() const { return name() + '/' + std::to_string(n); }
    std::string heading() const {
        return name() + '/' +
               (n % (1 << 20) == 0 ? std::to_string(n >> 20) + "Mi" : std::to_string(n));
    }
};

/// Arrays from here on take milliseconds, so fewer repetitions will do.
constexpr std::size_t large = std::size_t(1) << 20;

std::vector<column> shown_columns(const options& o) {
    std::vector<column> columns;
    for (const std::size_t n : o.sizes)
        for (const std::string& kind : o.inputs) columns.push_back({kind, n});
    for (const std::string& text : o.also) {
        const std::size_t slash = text.find_last_of('/');
        if (slash == std::string::npos) throw std::invalid_argument("--also: input/n");
        columns.push_back({text.substr(0, slash), std::stoul(text.substr(slash + 1))});
    }
    return columns;
}
std::vector<column> measured_columns(const options& o) {
    std::vector<column> columns = shown_columns(o);
    for (const std::string& kind : o.stress) {
        const column c{kind, o.sizes.at(0)};
        if (std::none_of(columns.begin(), columns.end(),
                         [&](const column& other) { return other.key() == c.key(); }))
            columns.push_back(c);
    }
    return columns;
}

// --- Time ----------------------------------------------------------------------------------------

/// An array on whole pages, with room behind it for kernels that read past their end.
template <class T>
class array {
public:
    explicit array(std::size_t n) : array(std::vector<T>(n)) {}
    explicit array(const std::vector<T>& values)
        : size_(values.size()),
          p_(static_cast<T*>(
                 std::aligned_alloc(4096, (size_ * sizeof(T) + 4096 + 4095) / 4096 * 4096)),
             &std::free) {
        if (!p_) throw std::bad_alloc();
        std::memcpy(p_.get(), values.data(), size_ * sizeof(T));
    }
    T* data() { return p_.get(); }
    const T* data() const { return p_.get(); }
    std::size_t size() const { return size_; }

private:
    std::size_t size_;
    std::unique_ptr<T, void (*)(void*)> p_;
};

/// One array per key for everybody, so that all work on the same addresses.
template <class T>
const array<T>& input(const std::string& kind, std::size_t n, form f, verb v) {
    static std::map<std::string, array<T>> made;
    // Only these two kinds depend on what is computed.
    const bool placed = kind == "tail" || kind == "subnormal_out";
    const std::string key =
        kind + '/' + std::to_string(n) +
        (placed ? '/' + std::to_string(static_cast<int>(f) * 2 + static_cast<int>(v)) : "");
    auto at = made.find(key);
    if (at == made.end())
        at = made.emplace(key, array<T>(bench::make_input<T>(
                                   kind, n, static_cast<bench::form_id>(static_cast<int>(f)),
                                   v == verb::backward ? 1 : 0)))
                 .first;
    return at->second;
}
template <class T>
const array<T>& gradient(std::size_t n) {
    static std::map<std::size_t, array<T>> made;
    auto at = made.find(n);
    if (at == made.end()) at = made.emplace(n, array<T>(bench::make_gradient<T>(n))).first;
    return at->second;
}
template <class T>
array<T>& output(std::size_t n) {
    static std::map<std::size_t, array<T>> made;
    auto at = made.find(n);
    if (at == made.end()) at = made.emplace(n, array<T>(n)).first;
    return at->second;
}

template <class T>
void call(function<T> work, const std::string& kind, std::size_t n, form f, verb v,
          benchmark::State* state = nullptr) {
    const T* in = input<T>(kind, n, f, v).data();
    const T* grad = v == verb::backward ? gradient<T>(n).data() : nullptr;
    T* out = output<T>(n).data();
    if (!state) return work(grad, in, out, n);
    for (auto _ : *state) {
        work(grad, in, out, n);
        benchmark::ClobberMemory();
    }
}

/// Collects ns per element of each repetition, and says how far it is.
class collector : public benchmark::BenchmarkReporter {
public:
    explicit collector(std::size_t total) : total_(total) {}
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& r : runs) {
            if (r.run_type != Run::RT_Iteration) continue;
            times[r.run_name.function_name].push_back(r.cpu_accumulated_time /
                                                      static_cast<double>(r.iterations) * 1e9);
        }
        if (isatty(STDERR_FILENO))
            std::fprintf(stderr, "\r%zu of %zu ", std::min(++done_, total_), total_);
    }
    void Finalize() override {
        if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r                \r");
    }
    std::map<std::string, std::vector<double>> times;

private:
    std::size_t total_, done_ = 0;
};

statistics summarise(std::vector<double> t) {
    std::sort(t.begin(), t.end());
    const auto at = [&](double q) {
        const double i = q * static_cast<double>(t.size() - 1);
        const auto k = static_cast<std::size_t>(i);
        const double next = t[std::min(k + 1, t.size() - 1)];
        return t[k] + (i - static_cast<double>(k)) * (next - t[k]);
    };
    return {at(0.5), at(0.25), at(0.75)};
}

/// How many calls fill a repetition. Left to itself, Google Benchmark decides by wall time too, and
/// on a busy machine settles for one call, which finds cold caches in every repetition.
template <class F>
benchmark::IterationCount calls_in(double seconds, const F& once) {
    const auto now = [] {
        timespec t;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
    };
    once(nullptr);  // libraries prepare things on their first call
    double shortest = HUGE_VAL;
    for (int i = 0; i < 3; ++i) {
        const double start = now();
        once(nullptr);
        shortest = std::min(shortest, now() - start);
        if (shortest > seconds) break;
    }
    return std::max<benchmark::IterationCount>(
        1, static_cast<benchmark::IterationCount>(seconds / std::max(shortest, 1e-8)));
}

void time_all(std::vector<candidate>& all, const options& o, const char* program) {
    struct place {
        std::size_t index;
        column at;
    };
    std::vector<place> places;
    for (std::size_t i = 0; i < all.size(); ++i)
        for (const column& at : measured_columns(o)) {
            const entry& e = all[i].work;
            const auto once = [=](benchmark::State* state) {
                const auto run = [&](auto work) {
                    if (work) call(work, at.kind, at.n, e.form, e.verb, state);
                };
                run(e.f32), run(e.f64), run(e.bf16), run(e.f16);
            };
            benchmark::RegisterBenchmark(std::to_string(places.size()).c_str(),
                                         [=](benchmark::State& state) { once(&state); })
                ->Iterations(calls_in(o.seconds, once))
                ->Repetitions(at.n < large ? o.repetitions : std::min(o.repetitions, 3))
                ->Unit(benchmark::kNanosecond);
            places.push_back({i, at});
        }
    std::string name = program, shuffle = "--benchmark_enable_random_interleaving=true";
    char* arguments[] = {name.data(), shuffle.data(), nullptr};
    int count = 2;
    benchmark::Initialize(&count, arguments);
    collector c(places.size());
    benchmark::RunSpecifiedBenchmarks(&c);
    for (const auto& [id, times] : c.times) {
        const place& p = places.at(std::stoul(id));
        std::vector<double> per_element(times);
        for (double& t : per_element) t /= static_cast<double>(p.at.n);
        all[p.index].time[p.at.key()] = summarise(std::move(per_element));
    }
}

// --- Accuracy ------------------------------------------------------------------------------------

template <class T>
double value(T x) {
    if constexpr (std::is_same<T, double>::value)
        return x;
    else  // 16-bit types convert to float
        return static_cast<double>(static_cast<float>(x));
}

template <class T>
double error_of(T got, double exact, bool floored) {
    using limits = bench::type_range<T>;
    static const double normal = static_cast<double>(limits::min_normal()),
                        largest = static_cast<double>(limits::largest());
    static const int digits = std::ilogb(limits::min_normal() / limits::smallest());
    const double y = value(got);
    if (std::isnan(y)) return HUGE_VAL;
    if (std::isinf(y))
        return std::fabs(exact) < largest + std::ldexp(0.5, std::ilogb(largest) - digits) ? HUGE_VAL
                                                                                          : 0;
    const double magnitude = std::max({std::fabs(exact), floored ? 0.0625 : 0, normal});
    return std::fabs(std::ldexp(y - exact, digits - std::ilogb(magnitude)));
}
template <class T>
std::vector<double> exact_values(const std::vector<T>& values, form f, verb v) {
    std::vector<float> x;
    for (const T xi : values) x.push_back(static_cast<float>(xi));
    const auto kind = static_cast<oracle::kind>(static_cast<int>(f));
    const oracle::function function{kind, oracle::default_constant(kind)};
    std::vector<double> results[3];
    for (auto& r : results) r.resize(x.size());
    const auto part = [&](std::size_t begin, std::size_t end) {
        oracle::evaluate(function, x.data() + begin, end - begin, results[0].data() + begin,
                         results[1].data() + begin, results[2].data() + begin);
    };
    std::thread other(part, std::size_t(0), x.size() / 2);
    part(x.size() / 2, x.size());
    other.join();
    return std::move(results[v == verb::backward]);
}

#if GELU_COMPARE_HAS_MPFR
double error_of(double got, const oracle::real& exact, bool floored) {
    return floored ? oracle::ulp_error(got, exact, oracle::format_of<double>::value, -4)
                   : oracle::ulp_error(got, exact);
}
std::vector<oracle::real> exact_values(const std::vector<double>& x, form f, verb v) {
    std::vector<oracle::real> exact;
    exact.reserve(x.size());
    const auto all = [&](auto form) {
        for (const double xi : x)
            exact.push_back(v == verb::forward ? oracle::exact<0>(xi, form)
                                               : oracle::exact<1>(xi, form));
    };
    if (f == form::exact)
        all(gelu::erf_form{});
    else if (f == form::tanh)
        all(gelu::tanh_form{});
    else
        all(gelu::sigmoid_form{});
    return exact;
}
#endif

/// Finite inputs spread over all bit patterns: for float every stride-th, of 16 bits all, for
/// double 2^26 / stride random ones and as many where the forms are neither 0 nor 1.
template <class T>
std::vector<T> sweep_inputs(std::uint32_t stride) {
    std::vector<T> x;
    std::mt19937_64 random(1);
    if constexpr (sizeof(T) <= 4) {
        using pattern = std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint32_t>;
        if (sizeof(T) == 2) stride = 1;
        for (std::uint64_t bits = stride > 1; bits < (std::uint64_t(1) << (8 * sizeof(T)));
             bits += stride) {
            const auto b = static_cast<pattern>(bits);
            T xi;
            std::memcpy(&xi, &b, sizeof xi);
            if (std::isfinite(value(xi))) x.push_back(xi);
        }
    } else {
        const std::size_t half = (std::size_t(1) << 26) / stride;
        while (x.size() < half) {
            const std::uint64_t b = random();
            T value;
            std::memcpy(&value, &b, sizeof value);
            if (std::isfinite(value)) x.push_back(value);
        }
        while (x.size() < 2 * half)
            x.push_back(static_cast<T>(random() >> 11) * T(0x1p-53) * T(60) - T(45));
    }
    // Kernels may treat a whole vector by its neighbours: mixed inputs, as users have them.
    std::shuffle(x.begin(), x.end(), random);
    return x;
}

template <class T, class Exact>
accuracy judge(function<T> work, form f, verb v, const std::vector<T>& x, const Exact& exact) {
    constexpr std::size_t block = 65536;
    const range shown = curve_range(f);
    accuracy a;
    a.curve.assign(shown.index(shown.end), 0);
    array<T> in(block), out(block), one(std::vector<T>(block, static_cast<T>(1.0)));
    const T* grad = v == verb::backward ? one.data() : nullptr;
    for (std::size_t i = 0; i < x.size(); i += block) {
        const std::size_t m = std::min(block, x.size() - i);
        std::memcpy(in.data(), x.data() + i, m * sizeof(T));
        work(grad, in.data(), out.data(), block);
        for (std::size_t j = 0; j < m; ++j) {
            const double xj = value(in.data()[j]);
            const bool near = v == verb::backward && std::fabs(xj) < 2;
            const double e = error_of(out.data()[j], exact[i + j], near);
            double& worst = xj >= 0 ? a.positive : xj >= -5.5 ? a.middle : a.tail;
            worst = std::max(worst, e);
            if (xj >= shown.start && xj < shown.end) {
                double& there = a.curve[shown.index(xj)];
                there = std::max(there, e);
            }
            if (near) a.root = std::max(a.root, error_of(out.data()[j], exact[i + j], false));
        }
    }
    std::fill_n(in.data(), block, static_cast<T>(-HUGE_VAL));
    work(grad, in.data(), out.data(), block);
    a.at_minus_inf = value(out.data()[0]);
    return a;
}

template <class T>
void judge_all(std::vector<candidate>& all, const options& o, function<T> entry::*work) {
    std::vector<T> x;
    for (int f = 0; f < 3; ++f)
        for (int v = 0; v < 2; ++v) {
            const auto wanted = [&](const candidate& c) {
                return c.work.*work && !c.copy() && static_cast<int>(c.work.form) == f &&
                       static_cast<int>(c.work.verb) == v;
            };
            if (std::none_of(all.begin(), all.end(), wanted)) continue;
            if (x.empty()) x = sweep_inputs<T>(o.stride);
            const auto exact = exact_values(x, static_cast<form>(f), static_cast<verb>(v));
            for (candidate& c : all) {
                if (!wanted(c)) continue;
                c.error = judge<T>(c.work.*work, c.work.form, c.work.verb, x, exact);
                c.measured_error = true;
            }
        }
}

// --- The report ----------------------------------------------------------------------------------

std::string text(const char* format, double value) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}
std::string ulp_text(double e) {
    if (std::isinf(e)) return "NaN/inf";
    return e < 10 ? text("%.2f", e) : e < 9999 ? text("%.0f", e) : text("%.1e", e);
}

std::string special(double x) { return std::isnan(x) ? "nan" : text("%g", x); }

using group = std::vector<const candidate*>;

std::string cell(const char* format, double value, const column& c) {
    const std::string t = text(format, value);
    const std::size_t width = std::max<std::size_t>(8, c.heading().size()) + 1;
    return std::string(width > t.size() ? width - t.size() : 1, ' ') + t;
}
std::string headings(const std::vector<column>& columns) {
    std::string line;
    for (const column& c : columns) {
        const std::string h = c.heading();
        line += std::string(std::max<std::size_t>(8, h.size()) + 1 - h.size(), ' ') + h;
    }
    return line;
}

/// Entries worse than this for x >= 0, where nothing cancels, are approximations of another kind
/// (MKL's EP: half of the digits) and no rivals. In 16 bits, where 0 for a subnormal number is more
/// than that, there are none.
constexpr double rival_ulp[] = {100, 100, HUGE_VAL, HUGE_VAL};  // by type

/// Rivals beyond this somewhere have lost half of their digits: mostly 0 for the tail.
constexpr double lost_ulp[] = {4096, 4096, 16, 32};  // by type

enum class against { anyone, accurate, copy };

/// The fastest at a column of those that we compare ourselves with.
const candidate* best_other(const group& g, const column& at, against whom) {
    const candidate* best = nullptr;
    for (const candidate* c : g) {
        const accuracy& e = c->error;
        if (c->ours() || c->copy() != (whom == against::copy)) continue;
        if (std::isfinite(e.positive) && e.positive > rival_ulp[c->type()]) continue;
        if (whom == against::accurate &&
            (!c->measured_error || std::max({e.positive, e.middle, e.tail}) > lost_ulp[c->type()]))
            continue;
        if (!best || c->time.at(at.key()).median < best->time.at(at.key()).median) best = c;
    }
    return best;
}

/// The slowest of the stress inputs as a ratio to the second shown column, N(0, 2) by default.
std::pair<double, std::string> slowest_input(const candidate& c, const options& o) {
    const std::string reference = column{"n02", o.sizes.at(0)}.key();
    std::pair<double, std::string> worst{0, ""};
    if (!c.time.count(reference)) return worst;
    for (const std::string& kind : o.stress) {
        const double ratio =
            c.time.at(column{kind, o.sizes.at(0)}.key()).median / c.time.at(reference).median;
        if (ratio > worst.first) worst = {ratio, kind};
    }
    return worst;
}

std::string title(const candidate& c) {
    return std::string(form_names[static_cast<int>(c.work.form)]) + " " +
           verb_names[static_cast<int>(c.work.verb)] + " " + c.type_name();
}

void print_group(group g, const options& o) {
    const std::vector<column> columns = shown_columns(o);
    std::stable_sort(g.begin(), g.end(), [&](const candidate* a, const candidate* b) {
        return a->time.at(columns[0].key()).median < b->time.at(columns[0].key()).median;
    });
    const bool backward = g[0]->work.verb == verb::backward;
    const bool errors =
        std::any_of(g.begin(), g.end(), [](const candidate* c) { return c->measured_error; });
    std::printf("\n%-40s%s", (title(*g[0]) + ", ns per element").c_str(),
                headings(columns).c_str());
    if (!o.stress.empty()) std::printf("  %-18s", "slowest / N(0,2)");
    if (errors)
        std::printf(" | max ULP %7s %9s %7s%s %8s", "x >= 0", "[-5.5,0)", "tail",
                    backward ? "    root" : "", "at -inf");
    std::printf("\n");
    for (const candidate* c : g) {
        std::printf("%-40.40s", c->name().c_str());
        for (const column& at : columns)
            std::printf("%s", cell("%.3f", c->time.at(at.key()).median, at).c_str());
        if (!o.stress.empty()) {
            const auto worst = slowest_input(*c, o);
            std::printf("  %-18s", (text("%.1f ", worst.first) + worst.second).c_str());
        }
        if (c->measured_error) {
            std::printf(" |         %7s %9s %7s", ulp_text(c->error.positive).c_str(),
                        ulp_text(c->error.middle).c_str(), ulp_text(c->error.tail).c_str());
            if (backward) std::printf(" %7s", ulp_text(c->error.root).c_str());
            std::printf(" %8s", special(c->error.at_minus_inf).c_str());
        }
        std::printf("\n");
    }
}

/// What the tables are read for: our time over the best other library's, and over a copy's.
void print_summary(const std::vector<group>& groups, const options& o) {
    const std::vector<column> columns = shown_columns(o);
    const std::pair<against, const char*> tables[] = {
        {against::anyone, "Time over the best other library's"},
        {against::accurate, "Over the best with half its digits"},
        {against::copy, "Time over memcpy's"}};
    for (const auto& [whom, heading] : tables) {
        if (whom == against::accurate && !o.stride) continue;
        std::printf("\n%-40s%s\n", heading, headings(columns).c_str());
        for (const group& g : groups)
            for (const candidate* c : g) {
                if (!c->ours()) continue;
                std::string line, names;
                for (const column& at : columns) {
                    const candidate* other = best_other(g, at, whom);
                    if (!other) continue;
                    line += cell("%.2f",
                                 c->time.at(at.key()).median / other->time.at(at.key()).median, at);
                    const std::string name = other->library + " " + other->method;
                    if (whom != against::copy && names.find(name) == std::string::npos)
                        names += (names.empty() ? "   " : "; ") + name;
                }
                if (!line.empty())
                    std::printf("%-40s%s%s\n", (title(*c) + " " + c->method).c_str(), line.c_str(),
                                names.c_str());
            }
    }
}

std::string quoted(const std::string& s) {
    std::string q = "\"";
    for (const char c : s) {
        if (c == '"' || c == '\\') q += '\\';
        q += c == '\n' ? ' ' : c;
    }
    return q + '"';
}
std::string number(double x) {
    return std::isfinite(x) ? text("%.4g", x) : std::isnan(x) ? "\"nan\"" : "\"inf\"";
}

void write_json(const std::vector<candidate>& all, const options& o,
                const std::vector<std::pair<std::string, std::string>>& facts) {
    std::ofstream out(o.json);
    out << "{\n \"facts\": {";
    for (std::size_t i = 0; i < facts.size(); ++i)
        out << (i ? ",\n  " : "\n  ") << quoted(facts[i].first) << ": " << quoted(facts[i].second);
    out << "\n },\n \"left_out\": [";
    for (std::size_t i = 0; i < left_out.size(); ++i) out << (i ? ", " : "") << quoted(left_out[i]);
    out << "],\n \"columns\": [";
    const char* between = "";
    for (const column& c : shown_columns(o)) {
        out << between << quoted(c.key());
        between = ", ";
    }
    out << "],\n \"curve_x\": {";
    for (int f = 0; f < 3; ++f) {
        const range r = curve_range(static_cast<form>(f));
        out << (f ? ", " : "") << quoted(form_names[f]) << ": [" << r.start << ", " << r.end << ", "
            << r.step << "]";
    }
    out << "},\n \"entries\": [";
    const char* separator = "\n  ";
    for (const candidate& c : all) {
        out << separator << "{\"library\": " << quoted(c.library)
            << ", \"version\": " << quoted(c.version) << ", \"method\": " << quoted(c.method)
            << ", \"form\": " << quoted(form_names[static_cast<int>(c.work.form)])
            << ", \"verb\": " << quoted(verb_names[static_cast<int>(c.work.verb)])
            << ", \"type\": " << quoted(c.type_name()) << ",\n   \"ns\": {";
        const char* comma = "";
        for (const auto& [at, t] : c.time) {
            out << comma << quoted(at) << ": [" << number(t.median) << ", " << number(t.low) << ", "
                << number(t.high) << "]";
            comma = ", ";
        }
        out << "}";
        if (c.measured_error) {
            out << ",\n   \"ulp\": {\"positive\": " << number(c.error.positive)
                << ", \"middle\": " << number(c.error.middle)
                << ", \"tail\": " << number(c.error.tail) << ", \"root\": " << number(c.error.root)
                << "}, \"at_minus_inf\": " << quoted(special(c.error.at_minus_inf));
            if (c.work.verb == verb::forward && c.work.f32) {
                out << ",\n   \"curve\": [";
                for (std::size_t i = 0; i < c.error.curve.size(); ++i)
                    out << (i ? ", " : "")
                        << (std::isfinite(c.error.curve[i]) ? text("%.3g", c.error.curve[i])
                                                            : "\"inf\"");
                out << "]";
            }
        }
        out << "}";
        separator = ",\n  ";
    }
    out << "\n ]\n}\n";
    if (!out) throw std::runtime_error("cannot write " + o.json);
}

int pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (cpu < 0) {
        sched_getaffinity(0, sizeof set, &set);
        for (int i = 0; i < CPU_SETSIZE; ++i)
            if (CPU_ISSET(i, &set)) cpu = i;
    }
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        throw std::runtime_error("cannot run on processor " + std::to_string(cpu));
    return cpu;
}

options parse(int argc, char** argv, bool& list) {
    options o;
    o.modules = fs::read_symlink("/proc/self/exe").parent_path();
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const std::size_t equals = argument.find('=');
        const std::string name = argument.substr(0, equals),
                          value = equals == std::string::npos ? "" : argument.substr(equals + 1);
        if (name == "--isa")
            o.isa = value;
        else if (name == "--form")
            o.forms = split(value);
        else if (name == "--verb")
            o.verbs = split(value);
        else if (name == "--type")
            o.types = split(value);
        else if (name == "--input")
            o.inputs = split(value);
        else if (name == "--only")
            o.only = value;
        else if (name == "--repetitions")
            o.repetitions = std::stoi(value);
        else if (name == "--seconds")
            o.seconds = std::stod(value);
        else if (name == "--stride")
            o.stride = static_cast<std::uint32_t>(std::stoul(value));
        else if (name == "--cpu")
            o.cpu = std::stoi(value);
        else if (name == "--also")
            o.also = split(value);
        else if (name == "--stress")
            o.stress = split(value);
        else if (name == "--revision")
            o.revision = value;
        else if (name == "--json")
            o.json = value;
        else if (name == "--modules")
            o.modules = value;
        else if (name == "--list")
            list = true;
        else if (name == "--n") {
            o.sizes.clear();
            for (const std::string& n : split(value)) o.sizes.push_back(std::stoul(n));
        } else {
            std::fputs(usage, name == "--help" ? stdout : stderr);
            std::exit(name == "--help" ? 0 : 2);
        }
    }
    for (const column& c : measured_columns(o))
        if (c.n == 0 || c.n % 64 != 0) throw std::invalid_argument("sizes: multiples of 64 only");
    for (auto* kinds : {&o.inputs, &o.stress})
        if (*kinds == std::vector<std::string>{"all"}) {
            kinds->clear();
            for (const auto& kind : bench::input_kinds) kinds->push_back(kind.name);
        }
    return o;
}

int compare_all(int argc, char** argv) {
    bool list = false;
    options o = parse(argc, argv, list);
    o.cpu = pin(o.cpu);
    // One thread, and for the libraries that choose an instruction set by themselves, the same one.
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("MKL_THREADING_LAYER", "SEQUENTIAL", 1);
    if (o.isa == "avx2") {
        setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
        setenv("MKL_ENABLE_INSTRUCTIONS", "AVX2", 1);
        setenv("ATEN_CPU_CAPABILITY", "avx2", 1);
    }
    std::vector<candidate> all = load(o);

    auto facts = bench::machine_facts();
    for (auto& fact : facts)
        if (fact.first == "instruction_set") fact.second = o.isa;
#if defined(__GLIBC__)
    facts.emplace_back("glibc", gnu_get_libc_version());
#endif
    facts.emplace_back("processor", std::to_string(o.cpu));
    if (!o.revision.empty()) facts.emplace_back("revision", o.revision);
    std::map<std::string, std::string> versions;
    for (const candidate& c : all)
        if (!c.copy()) versions[c.library + (c.version.empty() ? "" : " " + c.version)];
    std::string joined;
    for (const auto& v : versions) joined += (joined.empty() ? "" : ", ") + v.first;
    facts.emplace_back("libraries", joined);
    for (const auto& fact : facts)
        std::printf("%-16s %s\n", fact.first.c_str(), fact.second.c_str());
    for (const std::string& line : left_out) std::printf("left out: %s\n", line.c_str());
    if (list) {
        for (const candidate& c : all)
            std::printf("%-8s %-9s %s %s\n", form_names[static_cast<int>(c.work.form)],
                        verb_names[static_cast<int>(c.work.verb)], c.type_name(), c.name().c_str());
        return 0;
    }
    std::fflush(stdout);

    time_all(all, o, argv[0]);
    if (o.stride) {
        judge_all(all, o, &entry::f32);
        judge_all(all, o, &entry::bf16);
        judge_all(all, o, &entry::f16);
#if GELU_COMPARE_HAS_MPFR
        judge_all(all, o, &entry::f64);
#endif
    }
    std::vector<group> groups;
    for (int type = 0; type < 4; ++type)
        for (int f = 0; f < 3; ++f)
            for (int v = 0; v < 2; ++v) {
                group g;
                for (const candidate& c : all)
                    if (c.type() == type && static_cast<int>(c.work.form) == f &&
                        static_cast<int>(c.work.verb) == v)
                        g.push_back(&c);
                if (!g.empty()) groups.push_back(std::move(g));
            }
    for (const group& g : groups) print_group(g, o);
    print_summary(groups, o);
    if (!o.json.empty()) write_json(all, o, facts);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return compare_all(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "gelu_compare: %s\n", e.what());
        return 2;
    }
}
