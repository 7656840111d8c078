// gelu_ulp: measures the errors of the array verbs in ULP, for every input or a part of them.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ulp/report.hpp"
#include "ulp/sample.hpp"
#include "ulp/subject.hpp"
#include "ulp/sweep.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

#define ULP_TEXT_(x) #x
#define ULP_TEXT(x) ULP_TEXT_(x)  // expands x

namespace {

using namespace ulp;

const char* const instruction_set = ULP_TEXT(GELU_ABI);  // gelu's name of the flags

// A bar with the time left on a terminal, elsewhere a line for every tenth, at
// most every other second.
class progress_bar {
public:
    explicit progress_bar(std::string what) : what_(std::move(what)) {}
    void operator()(double share) {
        if (share <= 0) return;
        const double spent = std::chrono::duration<double>(clock::now() - begin_).count();
        const double left = spent / share - spent;
        if (terminal_) {
            const int width = int(40 * share);
            std::fprintf(stderr, "\r%-16s [%.*s%*s] %3.0f %%, %.0f s left  %s", what_.c_str(),
                         width, "########################################", 40 - width, "",
                         100 * share, left, share >= 1 ? "\r\033[K" : "");
        } else if (share >= shown_ + 0.1 && spent >= shown_at_ + 2) {
            shown_ = share;
            shown_at_ = spent;
            std::fprintf(stderr, "%s: %.0f %%, %.0f s spent, %.0f s left\n", what_.c_str(),
                         100 * share, spent, left);
        }
    }

private:
    using clock = std::chrono::steady_clock;
    std::string what_;
    clock::time_point begin_ = clock::now();
#if defined(__unix__) || defined(__APPLE__)
    bool terminal_ = isatty(2) != 0;
#else
    bool terminal_ = false;
#endif
    double shown_ = 0, shown_at_ = 0;
};

// --- Text ----------------------------------------------------------------------------------------

template <class T>
std::string show(double x) {
    char text[64];
    std::snprintf(text, sizeof text, "%a (0x%0*" PRIx64 ")", x, int(2 * sizeof(T)),
                  std::uint64_t(detail::copy_bits<typename element<T>::bits>(static_cast<T>(x))));
    return text;
}

double percent(std::uint64_t part, std::uint64_t whole) {
    return 100 * double(part) / double(std::max<std::uint64_t>(whole, 1));
}

void print_histogram(const report& r) {
    const report::histogram h = r.errors();
    const double worst = r.total().worst;
    // Lines of an eighth, a half or a whole ULP, outwards from the exact results.
    const std::size_t group = worst <= 2 ? 1 : worst <= 5 ? 4 : report::bins_per_ulp;
    const std::size_t lines = report::bins_per_ulp * report::half_range / group;
    const auto sum = [&](std::size_t line, bool below) {
        std::uint64_t n = 0;
        for (std::size_t k = (line - 1) * group + 1; k <= line * group; ++k)
            n += h[below ? report::center - k : report::center + k];
        return n;
    };
    std::uint64_t most = std::max({h.front(), h[report::center], h.back()});
    for (std::size_t l = 1; l <= lines; ++l) most = std::max({most, sum(l, true), sum(l, false)});
    const std::uint64_t count = r.total().count;
    const auto bar = [&](const std::string& label, std::uint64_t n) {
        if (n == 0) return;
        std::printf("    %-22s %11" PRIu64 " %9.5f %% %s\n", label.c_str(), n, percent(n, count),
                    std::string(1 + std::size_t(40 * double(n) / double(most)), '#').c_str());
    };
    const auto label = [&](double inner, double outer) {
        char text[64];
        std::snprintf(text, sizeof text, "%+.3f to %+.3f", inner, outer);
        return std::string(text);
    };
    const double width = double(group) / report::bins_per_ulp;
    bar("below -16", h.front());
    for (std::size_t l = lines; l >= 1; --l)
        bar(label(-double(l) * width, -double(l - 1) * width), sum(l, true));
    bar("exact", h[report::center]);
    for (std::size_t l = 1; l <= lines; ++l)
        bar(label(double(l - 1) * width, double(l) * width), sum(l, false));
    bar("above +16", h.back());
}

template <class T>
void print(const subject<T>& s, const report& r, bool by_region, bool histogram) {
    const tally t = r.total();
    std::printf("%-42s %s%.4f ULP of %g, at %s: %.17g, exactly %.17g\n", s.title().c_str(),
                s.kept_by(r) ? "" : "FAILED ", t.worst, s.bound, show<T>(t.at).c_str(), t.got,
                t.exact);
    if (by_region) {
        std::printf("    %-22s %11s %9s  %-46s %11s\n", "region", "inputs", "max ULP", "at",
                    "not rounded");
        for (int k = 0; k < regions; ++k) {
            const tally q = r.total(region(k));
            if (q.count)
                std::printf("    %-22s %11" PRIu64 " %9.4f  %-46s %9.4f %%\n", name(region(k)),
                            q.count, q.worst, show<T>(q.at).c_str(),
                            percent(q.not_rounded, q.count));
        }
    }
    if (histogram) print_histogram(r);
    if (r.different_bits())
        std::printf("    FAILED: %" PRIu64
                    " results differ in bits from the batch verb or forward_with_derivative\n",
                    r.different_bits());
    if (r.violations())
        std::printf("    FAILED: %" PRIu64 " wrong special values or signs\n", r.violations());
    for (const violation& v : r.examples())
        std::printf("      %s at %s, got %a\n", v.what, show<T>(v.at).c_str(), v.got);
}

// --- JSON ----------------------------------------------------------------------------------------

struct close_file {
    void operator()(std::FILE* f) const { std::fclose(f); }
};
using file = std::unique_ptr<std::FILE, close_file>;

void json_number(std::FILE* f, const char* key, double v) {
    if (std::isfinite(v))
        std::fprintf(f, "\"%s\": %.17g", key, v);
    else
        std::fprintf(f, "\"%s\": \"%s\"", key, std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
}

void json_tally(std::FILE* f, const tally& t) {
    std::fprintf(f, "\"inputs\": %" PRIu64 ", \"not_rounded\": %" PRIu64 ", ", t.count,
                 t.not_rounded);
    json_number(f, "max_ulp", t.worst);
    std::fprintf(f, ", \"at\": \"%a\", ", t.at);
    json_number(f, "got", t.got);
    std::fprintf(f, ", ");
    json_number(f, "exact", t.exact);
}

// One object per function; the array around them is opened and closed by main.
template <class T>
void json(std::FILE* f, bool first, const subject<T>& s, const report& r) {
    std::fprintf(f, "%s\n  {\"type\": \"%s\", \"verb\": \"%s\", \"form\": \"%s\", ",
                 first ? "" : ",", element<T>::name, name(s.what), name(s.form.form));
    json_number(f, "constant", s.form.constant);
    std::fprintf(f, ", \"tier\": \"%s\", ", s.fast ? "fast" : "precise");
    json_number(f, "bound", s.bound);
    std::fprintf(f, ", \"within\": %s,\n   ", s.kept_by(r) ? "true" : "false");
    json_tally(f, r.total());
    std::fprintf(f,
                 ",\n   \"special_inputs\": %" PRIu64 ", \"violations\": %" PRIu64
                 ", \"different_bits\": %" PRIu64 ",\n   \"regions\": {",
                 r.special_inputs(), r.violations(), r.different_bits());
    bool comma = false;
    for (int k = 0; k < all; ++k) {
        const tally t = r.total(region(k));
        if (t.count == 0) continue;
        std::fprintf(f, "%s\n    \"%s\": {", comma ? "," : "", name(region(k)));
        json_tally(f, t);
        std::fprintf(f, "}");
        comma = true;
    }
    std::fprintf(f, "},\n   \"histogram\": {\"bins_per_ulp\": %zu, \"center\": %zu, \"counts\": [",
                 report::bins_per_ulp, report::center);
    const report::histogram h = r.errors();
    for (std::size_t b = 0; b < report::bins; ++b)
        std::fprintf(f, "%s%" PRIu64, b ? "," : "", h[b]);
    std::fprintf(f, "]}}");
}

// --- Command line --------------------------------------------------------------------------------

struct options {
    std::vector<std::string> verbs{"all"}, forms{"all"}, tiers{"all"}, types{"float"};
    double constant = 0;
    std::uint64_t stride = 1, samples = 100000;
    std::int64_t offset = -1, seed = -1;
    unsigned search = 8, threads = std::max(1u, std::thread::hardware_concurrency());
    bool compare_bits = false, brief = false, histogram = false, quiet = false;
    std::string json;
};

bool chosen(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end() ||
           std::find(words.begin(), words.end(), "all") != words.end();
}

template <class T>
std::vector<report> measure(const std::vector<subject<T>>& subjects, const options& o,
                            std::function<void(double)> progress) {
    sweep_plan plan;
    if (sizeof(T) > 2) {  // 16-bit types are swept in no time
        plan.stride = o.stride;
        plan.offset = std::uint64_t(o.offset) % o.stride;
    }
    plan.threads = o.threads;
    plan.compare_bits = o.compare_bits;
    plan.progress = std::move(progress);
    return sweep(subjects, plan);
}
template <>
std::vector<report> measure(const std::vector<subject<double>>& subjects, const options& o,
                            std::function<void(double)> progress) {
    sample_plan plan;
    plan.samples = o.samples;
    plan.search = o.search;
    plan.seed = std::uint64_t(o.seed);
    plan.threads = o.threads;
    plan.compare_bits = o.compare_bits;
    plan.progress = std::move(progress);
    return sample(subjects, plan);
}

/// Whether all chosen functions on T keep their bounds.
template <class T>
bool run(const options& o, std::FILE* json_file, bool& first) {
    if (!chosen(o.types, element<T>::name)) return true;
    bool good = true;
    for (const oracle::kind k : {oracle::kind::erf, oracle::kind::tanh, oracle::kind::sigmoid}) {
        if (!chosen(o.forms, name(k))) continue;
        oracle::function f{k, oracle::default_constant(k)};
        if (o.constant > 0 && k != oracle::kind::erf) f.constant = o.constant;
        std::vector<subject<T>> subjects;
        for (const verb v : verbs)
            for (const bool fast : {false, true})
                if (chosen(o.verbs, name(v)) && chosen(o.tiers, fast ? "fast" : "precise"))
                    subjects.push_back(make_subject<T>(v, f, fast));
        std::function<void(double)> progress;
        if (!o.quiet) progress = progress_bar(std::string(element<T>::name) + " " + name(k));
        const std::vector<report> reports = measure<T>(subjects, o, progress);
        for (std::size_t s = 0; s < subjects.size(); ++s) {
            print(subjects[s], reports[s], !o.brief, o.histogram);
            good = good && subjects[s].kept_by(reports[s]);
            if (json_file) json(json_file, first, subjects[s], reports[s]);
            first = false;
        }
        std::fflush(stdout);
    }
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app{
        "Measures the errors of gelu's array verbs in ULP: float for every bit pattern, or every "
        "stride-th, and 16-bit types for every one, against a double oracle; double at sampled "
        "points, and around the worst of them, against MPFR. Exits with 1 where an error exceeds "
        "gelu::max_ulp or a special value is wrong."};
    const auto words = [&](const char* option, std::vector<std::string>& to, const char* help,
                           std::vector<std::string> known) {
        app.add_option(option, to, help)->delimiter(',')->check(CLI::IsMember(std::move(known)));
    };
    words("--verb", o.verbs, "any of these, separated by commas",
          {"forward", "derivative", "second_derivative", "backward", "all"});
    words("--form", o.forms, "any of these", {"erf", "tanh", "sigmoid", "all"});
    words("--tier", o.tiers, "any of these", {"precise", "fast", "all"});
    words("--type", o.types, "any of these; float by default",
          {"float", "half", "bfloat16", "double", "all"});
    app.add_option("--constant", o.constant, "the form's constant instead of its default")
        ->check(CLI::PositiveNumber);
    app.add_option("--stride", o.stride, "run every stride-th float (1)")
        ->check(CLI::Range(std::uint64_t{1}, patterns<float>));
    app.add_option("--offset", o.offset,
                   "bit pattern of the first float, below stride (random, printed)");
    app.add_option("--samples", o.samples, "points for double (100000)");
    app.add_option("--search", o.search,
                   "rounds of the search for double's worst points from the worst samples (8)");
    app.add_option("--seed", o.seed, "of the points for double (random, printed)");
    app.add_option("--threads", o.threads, "threads (one per core)")->check(CLI::Range(1u, 1024u));
    app.add_flag("--compare-bits", o.compare_bits,
                 "also compare bits with the batch verbs and forward_with_derivative");
    app.add_flag("--brief", o.brief, "one line per function");
    app.add_flag("--histogram", o.histogram, "print histograms of the signed errors");
    app.add_flag("--quiet", o.quiet, "no progress on stderr");
    app.add_option("--json", o.json, "write the reports to this file");
    CLI11_PARSE(app, argc, argv);

    std::random_device random;
    if (o.offset < 0) o.offset = std::int64_t(random() % o.stride);
    if (o.seed < 0) o.seed = std::int64_t(random());
    std::printf("instruction set %s, stride %" PRIu64 ", offset %" PRId64 ", seed %" PRId64
                ", search %u, threads %u\n"
                "The oracle's own error is below 2^-40 of the result: 0.00002 ULP of float.\n",
                instruction_set, o.stride, o.offset, o.seed, o.search, o.threads);
    file json_file;
    if (!o.json.empty()) {
        json_file.reset(std::fopen(o.json.c_str(), "w"));
        if (!json_file) {
            std::perror(o.json.c_str());
            return 2;
        }
        std::fprintf(json_file.get(),
                     "{\"instruction_set\": \"%s\", \"stride\": %" PRIu64 ", \"offset\": %" PRId64
                     ", \"samples\": %" PRIu64 ", \"search\": %u, \"seed\": %" PRId64
                     ", \"functions\": [",
                     instruction_set, o.stride, o.offset, o.samples, o.search, o.seed);
    }
    bool first = true, good = true;
    good = run<float>(o, json_file.get(), first) && good;
    good = run<gelu::float16>(o, json_file.get(), first) && good;
    good = run<gelu::bfloat16>(o, json_file.get(), first) && good;
    good = run<double>(o, json_file.get(), first) && good;
    if (json_file) std::fprintf(json_file.get(), "]}\n");
    return good ? 0 : 1;
}
