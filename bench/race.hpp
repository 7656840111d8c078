// Times of contenders that take turns.
#ifndef GELU_BENCH_RACE_HPP
#define GELU_BENCH_RACE_HPP

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <functional>
#include <vector>

namespace bench {

/// Nanoseconds of CPU time per element.
struct timing {
    double median, lower_quartile, upper_quartile;
};

struct contender {
    std::function<void()> run;
    std::size_t elements;  // in one run
};

/// Runs the contenders in turns, another one first each round, so that a change of the
/// clock rate or a busy neighbour meets all of them.
inline std::vector<timing> race(const std::vector<contender>& contenders, std::size_t rounds) {
    const auto clocked = [](const contender& c, std::size_t times) {
        const std::clock_t start = std::clock();
        for (std::size_t i = 0; i < times; ++i) c.run();
        return static_cast<double>(std::clock() - start) * 1e9 / CLOCKS_PER_SEC;
    };
    constexpr double slice = 2e6;  // 2 ms, where the clock ticks in microseconds
    std::vector<std::size_t> times;
    for (const contender& c : contenders) {
        std::size_t count = 1;
        double spent = clocked(c, count);
        while (spent < slice / 4) spent = clocked(c, count *= 2);
        const double wanted = slice * static_cast<double>(count) / spent;
        times.push_back(std::max<std::size_t>(1, static_cast<std::size_t>(wanted)));
    }
    std::vector<std::vector<double>> samples(contenders.size());
    for (std::size_t round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            const std::size_t who = (i + round) % contenders.size();
            const double spent = clocked(contenders[who], times[who]);
            samples[who].push_back(spent /
                                   static_cast<double>(times[who] * contenders[who].elements));
        }
    std::vector<timing> result;
    for (auto& s : samples) {
        std::sort(s.begin(), s.end());
        result.push_back({s[s.size() / 2], s[s.size() / 4], s[s.size() * 3 / 4]});
    }
    return result;
}

}  // namespace bench

#endif
