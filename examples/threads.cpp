// One array in chunks on several threads. An element's result depends on that element alone, so the
// chunks may be cut anywhere: the bits are those of one call.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <gelu/gelu.hpp>
#include <thread>
#include <vector>

int main() {
    constexpr std::size_t n = 1000003;  // no multiple of anything
    std::vector<float> x(n), one_call(n), chunks(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = 12.0f * std::sin(static_cast<float>(i) * 0.7f);

    gelu::forward(x, one_call);

    const std::size_t workers = std::max(2u, std::thread::hardware_concurrency());
    const std::size_t chunk = (n + workers - 1) / workers;
    std::vector<std::thread> threads;
    for (std::size_t begin = 0; begin < n; begin += chunk)
        threads.emplace_back([&, begin] {
            const std::size_t count = std::min(chunk, n - begin);
            gelu::forward(x.data() + begin, chunks.data() + begin, count);
        });
    for (std::thread& thread : threads) thread.join();

    const bool same = std::memcmp(one_call.data(), chunks.data(), n * sizeof(float)) == 0;
    std::printf("%zu elements in %zu chunks of %zu: %s bits as in one call\n", n, threads.size(),
                chunk, same ? "the same" : "DIFFERENT");
    return same ? 0 : 1;
}
