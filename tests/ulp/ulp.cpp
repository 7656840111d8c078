// gelu_ulp: measures the errors of the float functions, for every bit pattern or every stride-th.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "ulp/sweep.hpp"

namespace {

using namespace ulp;

void print_histogram(const report& r) {
    constexpr int per = report::bins_per_ulp, half = report::half_range;
    std::array<std::uint64_t, report::bins> h{};
    std::uint64_t total = 0, most = 1;
    for (const auto& row : r.histogram)
        for (std::size_t b = 0; b < row.size(); ++b) h[b] += row[b], total += row[b];
    const double worst = r.total(all).worst;
    const std::size_t group = worst <= 2 ? 1 : worst <= 5 ? 4 : per;  // bins a line
    for (std::size_t b = 1; b + 1 < report::bins; b += group) {
        std::uint64_t sum = 0;
        for (std::size_t k = 0; k < group; ++k) sum += h[b + k];
        most = std::max(most, sum);
    }
    const auto line = [&](const char* label, std::uint64_t n) {
        const int width = n ? 1 + int(40 * double(n) / double(most)) : 0;
        std::printf("    %-18s %12llu %9.5f %%  %.*s\n", label, static_cast<unsigned long long>(n),
                    100 * double(n) / double(std::max<std::uint64_t>(1, total)), width,
                    "#########################################");
    };
    if (h.front()) line("below -16", h.front());
    for (std::size_t b = 1; b + 1 < report::bins; b += group) {
        std::uint64_t sum = 0;
        for (std::size_t k = 0; k < group; ++k) sum += h[b + k];
        if (!sum) continue;
        char label[64];
        std::snprintf(label, sizeof label, "%+.3f to %+.3f", double(b - 1) / per - half,
                      double(b - 1 + group) / per - half);
        line(label, sum);
    }
    if (h.back()) line("16 and more", h.back());
}

void print(const subject& s, const report& r, bool regions, bool histogram) {
    const tally t = r.total(all);
    std::printf("%-40s max %.4f ULP (bound %g)%s at %a (0x%08x), got %.9g, exact %.12g\n",
                s.title().c_str(), t.worst, s.bound, r.within(s.bound) ? "" : " EXCEEDED",
                double(t.worst_at), detail::to_bits(t.worst_at), double(t.worst_got),
                t.worst_exact);
    if (regions)
        std::printf("    %-22s %12s %10s  %-28s %12s\n", "region", "inputs", "max ULP", "at",
                    "not rounded");
    for (int k = 0; regions && k <= all; ++k) {
        const tally q = r.total(region(k));
        if (!q.count) continue;
        char at[64];
        std::snprintf(at, sizeof at, "%.8a 0x%08x", double(q.worst_at),
                      detail::to_bits(q.worst_at));
        std::printf("    %-22s %12llu %10.4f  %-28s %8.4f %%\n", name(region(k)),
                    static_cast<unsigned long long>(q.count), q.worst, at,
                    100 * double(q.not_rounded) / double(q.count));
    }
    if (histogram) print_histogram(r);
    if (r.different_bits)
        std::printf("    DIFFERENT BITS from the batch verbs or forward_with_derivative: %llu\n",
                    static_cast<unsigned long long>(r.different_bits));
    if (r.violations)
        std::printf("    VIOLATIONS: %llu\n", static_cast<unsigned long long>(r.violations));
    for (const violation& v : r.examples)
        std::printf("      x = %a (0x%08x): %s, got %a\n", double(v.at), detail::to_bits(v.at),
                    v.what, double(v.got));
}

class progress_line {
    using clock = std::chrono::steady_clock;
    std::string what_;
    clock::time_point begin_ = clock::now();
    bool tty_ = isatty(2) != 0;
    double shown_ = 0;

public:
    explicit progress_line(std::string what) : what_(std::move(what)) {}
    void operator()(double share) {
        if (share <= 0) return;
        if (share - shown_ < (tty_ ? 0.002 : 0.1) && !(tty_ && share >= 1)) return;
        shown_ = share;
        const double spent = std::chrono::duration<double>(clock::now() - begin_).count();
        const int width = int(share * 40);
        if (tty_)
            std::fprintf(stderr, "\r%-10s [%.*s%.*s] %3.0f %%, %.0f s left   %s", what_.c_str(),
                         width, "########################################", 40 - width,
                         "........................................", 100 * share,
                         spent / share - spent, share >= 1 ? "\n" : "");
        else
            std::fprintf(stderr, "%s: %.0f %%, %.0f s left\n", what_.c_str(), 100 * share,
                         spent / share - spent);
    }
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Measures gelu's errors in ULP over all float bit patterns, or every stride-th, through "
        "the array verbs. Exits with 1 where an error exceeds gelu::max_ulp or a special value is "
        "wrong."};
    std::vector<std::string> verbs{"all"}, forms{"all"}, tiers{"all"};
    double constant = 0;
    plan p;
    std::int64_t offset = -1;
    p.threads = std::max(1u, std::thread::hardware_concurrency());
    bool brief = false, histogram = false, quiet = false;
    app.add_option("--verb", verbs, "forward, derivative, second_derivative, backward or all")
        ->delimiter(',')
        ->check(CLI::IsMember({"forward", "derivative", "second_derivative", "backward", "all"}));
    app.add_option("--form", forms, "erf, tanh, sigmoid or all")
        ->delimiter(',')
        ->check(CLI::IsMember({"erf", "tanh", "sigmoid", "all"}));
    app.add_option("--tier", tiers, "precise, fast or all")
        ->delimiter(',')
        ->check(CLI::IsMember({"precise", "fast", "all"}));
    app.add_option("--constant", constant, "the form's constant instead of its default")
        ->check(CLI::PositiveNumber);
    app.add_option("--stride", p.stride, "test every stride-th bit pattern")
        ->check(CLI::Range(std::uint64_t(1), std::uint64_t(1) << 32));
    app.add_option("--offset", offset, "first bit pattern; random where the stride is above 1");
    app.add_option("--threads", p.threads, "threads")->check(CLI::Range(1u, 1024u));
    app.add_flag("--compare-bits", p.compare_bits,
                 "also compare the bits of batch verbs and forward_with_derivative");
    app.add_flag("--brief", brief, "one line a function");
    app.add_flag("--histogram", histogram, "print histograms of the signed errors");
    app.add_flag("--quiet", quiet, "no progress on stderr");
    CLI11_PARSE(app, argc, argv);

    if (offset < 0) offset = p.stride == 1 ? 0 : std::int64_t(std::random_device{}() % p.stride);
    p.offset = std::uint64_t(offset);
    if (p.offset > 0xffffffffu) return app.exit(CLI::ValidationError("--offset", "above 2^32 - 1"));

    const auto chosen = [](const std::vector<std::string>& words, const std::string& word) {
        return std::find(words.begin(), words.end(), word) != words.end() ||
               std::find(words.begin(), words.end(), "all") != words.end();
    };
    std::printf("stride %llu, offset %llu, %u threads, %zu-byte batches, FMA %s\n",
                static_cast<unsigned long long>(p.stride),
                static_cast<unsigned long long>(p.offset), p.threads, sizeof(xsimd::batch<float>),
                gelu::detail::has_fma ? "yes" : "no");
    bool good = true;
    for (const oracle::kind k : {oracle::kind::erf, oracle::kind::tanh, oracle::kind::sigmoid}) {
        if (!chosen(forms, name(k))) continue;
        const oracle::function f{
            k, constant > 0 && k != oracle::kind::erf ? constant : oracle::default_constant(k)};
        std::vector<subject> subjects;
        for (const verb v :
             {verb::forward, verb::derivative, verb::second_derivative, verb::backward})
            for (const bool fast : {false, true})
                if (chosen(verbs, name(v)) && chosen(tiers, fast ? "fast" : "precise"))
                    subjects.push_back(make_subject(v, f, fast));
        if (!quiet) p.progress = progress_line(name(k));
        const std::vector<report> reports = sweep(subjects, p);
        for (std::size_t s = 0; s < subjects.size(); ++s) {
            print(subjects[s], reports[s], !brief, histogram);
            good = good && reports[s].within(subjects[s].bound);
        }
        std::fflush(stdout);
    }
    return good ? 0 : 1;
}
