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
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

#include "../inputs.hpp"
#include "../machine.hpp"
#include "peer.hpp"

namespace {
using namespace compare;
namespace fs = std::filesystem;

constexpr const char* form_names[] = {"exact", "tanh", "sigmoid"};
constexpr const char* verb_names[] = {"forward", "backward"};

struct options {
    std::string isa = "avx512";
    std::vector<std::string> forms = {"exact", "tanh", "sigmoid"};
    std::vector<std::string> verbs = {"forward", "backward"};
    std::vector<std::string> types = {"f32"};
    std::vector<std::string> inputs = {"n01", "n02", "uniform8"};
    std::vector<std::size_t> sizes = {4096, 65536};
    std::string only;  // regular expression on "library method"
    int repetitions = 9;
    double seconds = 0.001;       // of one repetition
    std::uint32_t stride = 1021;  // of the accuracy sweep; 0: none
    int cpu = -1;
    std::string json;
    fs::path modules;
};

const char* const usage =
    R"(gelu_compare [--option=value...]
  --isa=avx512|avx2         whose modules to load (avx512); restricts the peers that choose by
                            themselves to the same set where they let us
  --form=exact,tanh,sigmoid --verb=forward,backward --type=f32,f64
  --input=n01,n02,uniform8  see bench/inputs.hpp; "all": every kind; "file:PATH": raw float32
  --n=4096,65536
  --only=REGEX              entries whose "library method" matches; gelu and memcpy always run
  --repetitions=9 --seconds=0.001
  --stride=1021             accuracy over every stride-th float (f64: as many points); 0: skip
  --cpu=N                   the processor to run on (default: the last one allowed)
  --json=PATH               everything measured, for the pictures
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
    bool finite = true;  // no NaN or infinity from a finite input
};

struct candidate {
    std::string library, version, method;
    entry work;
    std::map<std::string, statistics> time;  // by "input/n"
    accuracy error;
    bool measured_error = false;

    bool f64() const { return work.f64 != nullptr; }
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

/// Loads the modules named gelu_compare_<library>.<isa>.so. They stay loaded.
std::vector<candidate> load(const options& o) {
    std::vector<candidate> all;
    for (int f = 0; f < 3; ++f)
        for (int v = 0; v < 2; ++v) {
            const form form = static_cast<compare::form>(f);
            const verb verb = static_cast<compare::verb>(v);
            all.push_back(
                {"memcpy", "", "", {"", form, verb, copy<float>, nullptr}, {}, {}, false});
            all.push_back(
                {"memcpy", "", "", {"", form, verb, nullptr, copy<double>}, {}, {}, false});
        }
    std::vector<fs::path> paths;
    for (const auto& file : fs::directory_iterator(o.modules)) {
        const std::string name = file.path().filename().string();
        if (name.rfind("gelu_compare_", 0) == 0 && file.path().extension() == ".so" &&
            file.path().stem().extension() == "." + o.isa)
            paths.push_back(file.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
        void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!module) {
            left_out.push_back(dlerror());
            continue;
        }
        void* symbol = dlsym(module, "gelu_compare_peer");
        if (!symbol) throw std::runtime_error(dlerror());
        const peer* p = reinterpret_cast<const peer* (*)()>(symbol)();
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
            !has(o.types, c.f64() ? "f64" : "f32"))
            continue;
        if (!c.ours() && !c.copy() && !std::regex_search(c.library + " " + c.method, only))
            continue;
        chosen.push_back(std::move(c));
    }
    return chosen;
}

// --- Time ----------------------------------------------------------------------------------------

/// An array on whole pages, with room behind it for kernels that read past their end.
template <class T>
class array {
public:
    explicit array(std::size_t n) : array(std::vector<T>(n, T(0))) {}
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

void time_all(std::vector<candidate>& all, const options& o, const char* program) {
    std::size_t id = 0;
    struct key {
        std::size_t index;
        std::string column;
        std::size_t n;
    };
    std::map<std::string, key> keys;
    for (std::size_t i = 0; i < all.size(); ++i)
        for (const std::size_t n : o.sizes)
            for (const std::string& kind : o.inputs) {
                const entry& e = all[i].work;
                const std::string name = std::to_string(id++);
                keys[name] = {i, kind + '/' + std::to_string(n), n};
                const bool f64 = all[i].f64();
                // Once now: libraries prepare things on their first call, and from the first
                // timing Google Benchmark derives how many calls make a repetition.
                if (f64)
                    call<double>(e.f64, kind, n, e.form, e.verb);
                else
                    call<float>(e.f32, kind, n, e.form, e.verb);
                benchmark::RegisterBenchmark(
                    name.c_str(),
                    [=](benchmark::State& state) {
                        if (f64)
                            call<double>(e.f64, kind, n, e.form, e.verb, &state);
                        else
                            call<float>(e.f32, kind, n, e.form, e.verb, &state);
                    })
                    ->MinTime(o.seconds)
                    ->Repetitions(o.repetitions)
                    ->Unit(benchmark::kNanosecond);
            }
    std::string name = program, shuffle = "--benchmark_enable_random_interleaving=true";
    char* arguments[] = {name.data(), shuffle.data(), nullptr};
    int count = 2;
    benchmark::Initialize(&count, arguments);
    collector c(id);
    benchmark::RunSpecifiedBenchmarks(&c);
    for (const auto& [id_name, times] : c.times) {
        const key& k = keys.at(id_name);
        std::vector<double> per_element(times);
        for (double& t : per_element) t /= static_cast<double>(k.n);
        all[k.index].time[k.column] = summarise(std::move(per_element));
    }
}

// --- Accuracy ------------------------------------------------------------------------------------
// float is judged by double arithmetic: std::erfc's argument and x^2 are off by 2^-53, which the
// condition number (about x^2 < 207) makes 2^-45 at worst, far below float's 2^-24. double is
// judged by long double in the same way, with 11 bits to spare but for the tail's condition number
// of 1480: errors there are known to about 1 ULP.

template <class W>
W exact_value(form f, verb v, W x) {
    const W k = W(1.5957691216057307117597842397375L), c = W(0.044715L), a = W(1.702L);
    if (f == form::exact) {
        const W rsqrt2 = W(0.70710678118654752440084436210485L);
        const W gate = std::erfc(-x * rsqrt2) / 2;
        if (v == verb::forward) return x * gate;
        return gate + x * W(0.39894228040143267793994605993438L) * std::exp(-x * x / 2);
    }
    const W u = f == form::tanh ? k * (x + W(c) * x * x * x) : a * x;
    // sigma(u) with its relative accuracy on both sides, never inf / inf
    const W e = std::exp(-std::fabs(u)), gate = u >= 0 ? 1 / (1 + e) : e / (1 + e);
    if (v == verb::forward) return x * gate;
    const W u1 = f == form::tanh ? k * (1 + 3 * c * x * x) : a;
    const W rest = u >= 0 ? e / (1 + e) : 1 / (1 + e);
    return e == 0 ? gate : gate + x * gate * rest * u1;
}

template <class T, class W>
double ulp_error(T got, W exact, double floor) {
    if (std::isnan(exact)) return std::isnan(got) ? 0 : HUGE_VAL;
    if (std::isnan(got) || std::isinf(got))
        return std::isinf(static_cast<T>(exact)) && got == static_cast<T>(exact) ? 0 : HUGE_VAL;
    const W magnitude = std::max(std::fabs(exact), static_cast<W>(floor));
    const int exponent = std::max(std::ilogb(magnitude), std::numeric_limits<T>::min_exponent - 1);
    return static_cast<double>(std::fabs(
        std::ldexp(static_cast<W>(got) - exact, std::numeric_limits<T>::digits - 1 - exponent)));
}

/// Finite inputs spread over the whole type, and what is exact there.
template <class T, class W>
struct sweep {
    std::vector<T> x;
    std::vector<W> exact;
};

template <class T, class W>
sweep<T, W> make_sweep(form f, verb v, std::uint32_t stride) {
    sweep<T, W> s;
    const std::size_t points = (std::size_t(1) << 32) / stride;
    s.x.reserve(points);
    if constexpr (sizeof(T) == 4) {
        for (std::uint64_t bits = 1; bits < (std::uint64_t(1) << 32); bits += stride) {
            const auto b = static_cast<std::uint32_t>(bits);
            T x;
            std::memcpy(&x, &b, sizeof x);
            if (std::isfinite(x)) s.x.push_back(x);
        }
    } else {
        // Half of the points where something happens, half over all bit patterns.
        std::mt19937_64 bits(1);
        while (s.x.size() < points / 2) {
            const std::uint64_t b = bits();
            T x;
            std::memcpy(&x, &b, sizeof x);
            if (std::isfinite(x)) s.x.push_back(x);
        }
        for (std::size_t i = 0; i < points / 2; ++i)
            s.x.push_back(static_cast<T>(bits() >> 11) * 0x1p-53 * 60.0 - 45.0);
    }
    // Kernels may treat a whole vector by its neighbours: mixed inputs, as users have them.
    std::mt19937_64 order(2);
    std::shuffle(s.x.begin(), s.x.end(), order);
    s.exact.resize(s.x.size());
    const auto part = [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            s.exact[i] = exact_value<W>(f, v, static_cast<W>(s.x[i]));
    };
    std::thread other(part, std::size_t(0), s.x.size() / 2);
    part(s.x.size() / 2, s.x.size());
    other.join();
    return s;
}

template <class T, class W>
accuracy judge(function<T> work, verb v, const sweep<T, W>& s) {
    constexpr std::size_t block = 65536;
    accuracy a;
    array<T> in(block), out(block), one(std::vector<T>(block, T(1)));
    for (std::size_t i = 0; i < s.x.size(); i += block) {
        const std::size_t m = std::min(block, s.x.size() - i);
        std::memcpy(in.data(), s.x.data() + i, m * sizeof(T));
        work(v == verb::backward ? one.data() : nullptr, in.data(), out.data(), block);
        for (std::size_t j = 0; j < m; ++j) {
            const T x = s.x[i + j], got = out.data()[j];
            const W exact = s.exact[i + j];
            const bool near = v == verb::backward && std::fabs(x) < 2;
            const double e = ulp_error(got, exact, near ? 0.0625 : 0);
            double& worst = x >= 0 ? a.positive : x >= T(-5.5) ? a.middle : a.tail;
            worst = std::max(worst, e);
            if (near) a.root = std::max(a.root, ulp_error(got, exact, 0));
            if (e == HUGE_VAL) a.finite = false;
        }
    }
    std::fill_n(in.data(), block, -std::numeric_limits<T>::infinity());
    work(v == verb::backward ? one.data() : nullptr, in.data(), out.data(), block);
    a.at_minus_inf = static_cast<double>(out.data()[0]);
    return a;
}

template <class T, class W>
void judge_all(std::vector<candidate>& all, const options& o, function<T> entry::*work) {
    for (int f = 0; f < 3; ++f)
        for (int v = 0; v < 2; ++v) {
            const auto wanted = [&](const candidate& c) {
                return c.work.*work && !c.copy() && static_cast<int>(c.work.form) == f &&
                       static_cast<int>(c.work.verb) == v;
            };
            if (std::none_of(all.begin(), all.end(), wanted)) continue;
            const auto s = make_sweep<T, W>(static_cast<form>(f), static_cast<verb>(v), o.stride);
            for (candidate& c : all) {
                if (!wanted(c)) continue;
                c.error = judge<T, W>(c.work.*work, c.work.verb, s);
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

/// "n02/4096" as a heading.
std::vector<std::string> columns(const options& o) {
    std::vector<std::string> c;
    for (const std::size_t n : o.sizes)
        for (const std::string& kind : o.inputs) c.push_back(kind + '/' + std::to_string(n));
    return c;
}

void print_group(std::vector<const candidate*> group, const options& o) {
    const std::vector<std::string> cols = columns(o);
    std::stable_sort(group.begin(), group.end(), [&](const candidate* a, const candidate* b) {
        return a->time.at(cols[0]).median < b->time.at(cols[0]).median;
    });
    const candidate& first = *group[0];
    const bool backward = first.work.verb == verb::backward;
    std::printf("\n%s %s, %s, ns per element\n", form_names[static_cast<int>(first.work.form)],
                verb_names[static_cast<int>(first.work.verb)], first.f64() ? "f64" : "f32");
    std::printf("%-40s", "");
    for (const std::string& c : cols)
        std::printf(" %*s", std::max(8, static_cast<int>(c.size())), c.c_str());
    if (o.stride)
        std::printf(" | max ULP %7s %9s %7s%s %8s", "x >= 0", "[-5.5,0)", "tail",
                    backward ? "    root" : "", "at -inf");
    std::printf("\n");
    for (const candidate* c : group) {
        std::printf("%-40.40s", c->name().c_str());
        for (const std::string& col : cols)
            std::printf(" %*.3f", std::max(8, static_cast<int>(col.size())),
                        c->time.at(col).median);
        if (c->measured_error) {
            std::printf(" |         %7s %9s %7s", ulp_text(c->error.positive).c_str(),
                        ulp_text(c->error.middle).c_str(), ulp_text(c->error.tail).c_str());
            if (backward) std::printf(" %7s", ulp_text(c->error.root).c_str());
            std::printf(" %8s", special(c->error.at_minus_inf).c_str());
        }
        std::printf("\n");
    }
    // What the table is read for: our time over the best other library's, and over a copy's.
    for (const candidate* mine : group) {
        if (!mine->ours()) continue;
        for (const bool to_copy : {false, true}) {
            std::printf("%-40.40s",
                        ("  " + mine->method + (to_copy ? " / memcpy" : " / best other")).c_str());
            std::set<std::string> best;
            for (const std::string& col : cols) {
                const candidate* other = nullptr;
                for (const candidate* c : group)
                    if (!c->ours() && c->copy() == to_copy &&
                        (!other || c->time.at(col).median < other->time.at(col).median))
                        other = c;
                if (!other) continue;
                best.insert(other->library + " " + other->method);
                std::printf(" %*.2f", std::max(8, static_cast<int>(col.size())),
                            mine->time.at(col).median / other->time.at(col).median);
            }
            if (!to_copy) {
                std::printf("  best:");
                for (const std::string& b : best) std::printf(" %s;", b.c_str());
            }
            std::printf("\n");
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
    return std::isfinite(x) ? text("%.6g", x) : std::isnan(x) ? "\"nan\"" : "\"inf\"";
}

void write_json(const std::vector<candidate>& all, const options& o,
                const std::vector<std::pair<std::string, std::string>>& facts) {
    std::ofstream out(o.json);
    out << "{\n \"facts\": {";
    for (std::size_t i = 0; i < facts.size(); ++i)
        out << (i ? ",\n  " : "\n  ") << quoted(facts[i].first) << ": " << quoted(facts[i].second);
    out << "\n },\n \"left_out\": [";
    for (std::size_t i = 0; i < left_out.size(); ++i) out << (i ? ", " : "") << quoted(left_out[i]);
    out << "],\n \"entries\": [";
    const char* separator = "\n  ";
    for (const candidate& c : all) {
        out << separator << "{\"library\": " << quoted(c.library)
            << ", \"version\": " << quoted(c.version) << ", \"method\": " << quoted(c.method)
            << ", \"form\": " << quoted(form_names[static_cast<int>(c.work.form)])
            << ", \"verb\": " << quoted(verb_names[static_cast<int>(c.work.verb)])
            << ", \"type\": " << quoted(c.f64() ? "f64" : "f32") << ",\n   \"ns\": {";
        const char* comma = "";
        for (const auto& [column, t] : c.time) {
            out << comma << quoted(column) << ": [" << number(t.median) << ", " << number(t.low)
                << ", " << number(t.high) << "]";
            comma = ", ";
        }
        out << "}";
        if (c.measured_error) {
            out << ",\n   \"ulp\": {\"positive\": " << number(c.error.positive)
                << ", \"middle\": " << number(c.error.middle)
                << ", \"tail\": " << number(c.error.tail) << ", \"root\": " << number(c.error.root)
                << "}, \"at_minus_inf\": " << quoted(special(c.error.at_minus_inf));
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
    for (const std::size_t n : o.sizes)
        if (n == 0 || n % 64 != 0) throw std::invalid_argument("--n: multiples of 64 only");
    if (o.inputs == std::vector<std::string>{"all"}) {
        o.inputs.clear();
        for (const auto& kind : bench::input_kinds) o.inputs.push_back(kind.name);
    }
    return o;
}

int compare_all(int argc, char** argv) {
    bool list = false;
    options o = parse(argc, argv, list);
    o.cpu = pin(o.cpu);
    // One thread, and for the libraries that choose an instruction set by themselves, the same one.
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("MKL_NUM_THREADS", "1", 1);
    if (o.isa == "avx2") {
        setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
        setenv("MKL_ENABLE_INSTRUCTIONS", "AVX2", 1);
    }
    std::vector<candidate> all = load(o);

    auto facts = bench::machine_facts();
    for (auto& fact : facts)
        if (fact.first == "instruction_set") fact.second = o.isa;
#if defined(__GLIBC__)
    facts.emplace_back("glibc", gnu_get_libc_version());
#endif
    facts.emplace_back("processor", std::to_string(o.cpu));
    std::map<std::string, std::string> versions;
    for (const candidate& c : all)
        if (!c.copy()) versions[c.library + " " + c.version];
    std::string joined;
    for (const auto& v : versions) joined += (joined.empty() ? "" : ", ") + v.first;
    facts.emplace_back("libraries", joined);
    for (const auto& fact : facts)
        std::printf("%-16s %s\n", fact.first.c_str(), fact.second.c_str());
    for (const std::string& line : left_out) std::printf("left out: %s\n", line.c_str());
    if (list) {
        for (const candidate& c : all)
            std::printf("%-8s %-9s %s %s\n", form_names[static_cast<int>(c.work.form)],
                        verb_names[static_cast<int>(c.work.verb)], c.f64() ? "f64" : "f32",
                        c.name().c_str());
        return 0;
    }
    std::fflush(stdout);

    time_all(all, o, argv[0]);
    if (o.stride) {
        judge_all<float, double>(all, o, &entry::f32);
        judge_all<double, long double>(all, o, &entry::f64);
    }
    for (const bool f64 : {false, true})
        for (int f = 0; f < 3; ++f)
            for (int v = 0; v < 2; ++v) {
                std::vector<const candidate*> group;
                for (const candidate& c : all)
                    if (c.f64() == f64 && static_cast<int>(c.work.form) == f &&
                        static_cast<int>(c.work.verb) == v)
                        group.push_back(&c);
                if (!group.empty()) print_group(group, o);
            }
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
