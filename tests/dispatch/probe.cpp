// dispatch_probe [<set>]: prints the set in use, the best or the one that is named, and g(1).
#include <cstdio>
#include <gelu/dispatch.hpp>

int main(int argc, char** argv) {
    try {
        if (argc > 1) gelu::dispatch::use(argv[1]);
    } catch (const std::invalid_argument& e) {
        std::puts(e.what());
        return 1;
    }
    float x[19] = {}, y[19];
    x[18] = 1.0f;
    gelu::dispatch::forward(x, y, 19);
    std::printf("%s %.9g\n", gelu::dispatch::active().data(), static_cast<double>(y[18]));
    return 0;
}
