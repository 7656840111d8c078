# To be sourced. Used by tests/run, bench/run and .ci/run:
#
#     . "$root/cmake/install-packages.sh"
#     gelu_install_packages cmake ninja-build g++ libxsimd-dev libbenchmark-dev
#
# On Debian and Ubuntu installs those of the packages that are missing, through sudo when not root,
# and touches nothing when all are there. Where that can't be done it says what to install and goes
# on: CMake finds libraries that came another way, and names what it lacks. Returns 1 only when
# there is no CMake or no C++ compiler to go on with.

gelu_say() { printf '%s\n' "$*" >&2; }

gelu_install_packages() {
    if command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1; then
        gelu_missing=
        for gelu_package in "$@"; do
            dpkg-query -W -f '${Status}' "$gelu_package" 2>/dev/null |
                grep -q ' installed$' || gelu_missing="$gelu_missing $gelu_package"
        done
        if [ -n "$gelu_missing" ]; then
            gelu_apt_install $gelu_missing ||
                gelu_say "These packages are missing; install them with:" \
                    "apt-get install$gelu_missing"
        fi
    elif ! command -v cmake >/dev/null 2>&1 || ! command -v "${CXX:-c++}" >/dev/null 2>&1; then
        gelu_say_other_systems
    fi
    for gelu_command in cmake "${CXX:-c++}"; do
        if ! command -v "$gelu_command" >/dev/null 2>&1; then
            gelu_say "$gelu_command is not on the PATH; gelu can't be built without it."
            return 1
        fi
    done
}

# A mirror drops old files, so package lists from some time ago may not serve: they are fetched anew
# when they don't know a package or the installation fails.
gelu_apt_install() {
    gelu_sudo=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || return 1
        gelu_sudo=sudo
    fi
    gelu_say "Installing:$(printf ' %s' "$@")"
    gelu_get="$gelu_sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0"
    if apt-get -q --simulate install "$@" >/dev/null 2>&1; then
        $gelu_get install --no-install-recommends "$@" </dev/null >&2 && return 0
    fi
    $gelu_get update </dev/null >&2 &&
        $gelu_get install --no-install-recommends "$@" </dev/null >&2
}

gelu_say_other_systems() {
    gelu_say "gelu is built with CMake 3.23 or later, GCC 11 or Clang 14 or later, and xsimd 8.1 or
later; its tests with Catch2, MPFR, CLI11 and Eigen, its benchmarks with Google Benchmark:
    Fedora:   dnf install cmake ninja-build gcc-c++ xsimd-devel catch-devel mpfr-devel cli11-devel eigen3-devel google-benchmark-devel
    Arch:     pacman -S cmake ninja gcc xsimd catch2 mpfr cli11 eigen benchmark
    Homebrew: brew install cmake ninja xsimd catch2 mpfr cli11 eigen google-benchmark"
}

# Ninja where it is, the default generator elsewhere; a build directory keeps the one it has.
gelu_configure() {
    gelu_source=$1
    gelu_build=$2
    shift 2
    gelu_generator=
    if [ ! -e "$gelu_build/CMakeCache.txt" ] && command -v ninja >/dev/null 2>&1; then
        gelu_generator=-GNinja
    fi
    cmake -S "$gelu_source" -B "$gelu_build" $gelu_generator "$@"
}

gelu_cores() { nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }
