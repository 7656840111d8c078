"""run.py <way> <work directory> [--cxx <compiler>] [--cc <compiler>] [--xsimd <include directory>]
       [--eigen] [--dispatch <instruction set>]

Uses gelu the way a project would, in a fresh directory, and runs what it built:

    plain             -I include
    add_subdirectory  a copy below the project
    fetch_content     FetchContent from a git repository
    find_package      from an install tree that was moved after installing
    pkg_config        from an install tree that was moved after installing
    meson             as a subproject, and from an install tree
    conan             conan create, with the system's xsimd and Eigen in place of Conan's (network:
                      conan itself comes from PyPI unless it is on the PATH)
    vcpkg             the port, with stand-ins for vcpkg's functions
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def need(program):
    if not shutil.which(program):
        print(f"skipped: this way needs {program}, which isn't installed")
        sys.exit(77)  # CTest's SKIP_RETURN_CODE


def run(*command, cwd=None, env=None, quiet=False):
    command = [str(part) for part in command]
    print("$", *command, flush=True)
    done = subprocess.run(command, cwd=cwd, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **(env or {})})
    if not quiet or done.returncode != 0:
        print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        sys.exit(f"exit status {done.returncode}")
    return done.stdout


def version():
    text = (ROOT / "include/gelu/version.hpp").read_text()
    return re.search(r'GELU_VERSION_STRING "([^"]+)"', text)[1]


def copy_of_the_source(target):
    """What a commit of the working tree would hold, without build directories and other litter."""
    if (ROOT / ".git").exists():
        names = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "-co",
                                "--exclude-standard"], cwd=ROOT, check=True,
                               capture_output=True, text=True).stdout.split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target / name)
    else:
        shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns("build*"))
    return target


class Consumer:
    def __init__(self, options):
        self.work = options.work
        self.cxx = options.cxx
        self.xsimd = options.xsimd
        self.eigen = options.eigen
        self.cc = options.cc
        self.dispatch = options.dispatch
        # One instruction set and little optimisation, for time.
        self.dispatch_options = self.dispatch and [
            "-DGELU_BUILD_DISPATCH=ON", f"-DGELU_DISPATCH_INSTRUCTION_SETS={self.dispatch}",
            "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG"] or []
        self.cmake_options = [f"-DCMAKE_CXX_COMPILER={self.cxx}", f"-DCMAKE_C_COMPILER={self.cc}",
                              "-DCMAKE_BUILD_TYPE=Release"]
        if shutil.which("ninja"):
            self.cmake_options.append("-GNinja")
        if self.xsimd and self.xsimd != "/usr/include":
            self.cmake_options.append(f"-DGELU_XSIMD_INCLUDE_DIR={self.xsimd}")

    def compile(self, source, flags, output="consumer"):
        target = self.work / output
        run(self.cxx, "-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", HERE / source, *flags,
            "-o", target)
        run(target)

    def xsimd_flags(self):
        return [] if self.xsimd == "/usr/include" else ["-isystem", self.xsimd]

    def xsimd_pc(self):
        """A directory for PKG_CONFIG_PATH; the system's xsimd needs nothing in it."""
        if self.xsimd != "/usr/include":
            (self.work / "xsimd.pc").write_text(
                f"Name: xsimd\nDescription: xsimd\nVersion: 99\nCflags: -I{self.xsimd}\n")
        return self.work

    def build_project(self, name, *options, programs=None):
        build = self.work / f"build-{name}"
        shutil.rmtree(build, ignore_errors=True)
        run("cmake", "-S", HERE / name, "-B", build, *self.cmake_options, *options)
        for program in programs or ["consumer"] + ["consumer_eigen"] * self.eigen:
            run("cmake", "--build", build, "--target", program)
            run(build / program)

    def build_dispatch(self, prefix):
        """Of an installation, the one component that needs no xsimd, where there is none."""
        self.build_project(
            "dispatch", f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_DISABLE_FIND_PACKAGE_xsimd=ON",
            "-DCMAKE_IGNORE_PATH=/usr/include", "-DGELU_XSIMD_INCLUDE_DIR=",
            programs=["consumer_dispatch", "consumer_c"])

    def install(self, prefix, *options):
        """Installs, checks what was installed, and moves it to prefix."""
        build, first = self.work / "gelu-build", self.work / "installed-here-first"
        run("cmake", "-S", ROOT, "-B", build, *self.cmake_options, "-DGELU_BUILD_TESTS=OFF",
            "-DGELU_BUILD_BENCHMARKS=OFF", "-DGELU_BUILD_EXAMPLES=OFF", "-DGELU_INSTALL=ON",
            f"-DCMAKE_INSTALL_PREFIX={first}", *self.dispatch_options, *options, quiet=True)
        run("cmake", "--build", build, quiet=True)
        run("cmake", "--install", build, quiet=True)
        for path in filter(pathlib.Path.is_file, first.rglob("*")):
            content = path.read_bytes()
            for place in (ROOT, self.work, first):
                if str(place).encode() in content:
                    sys.exit(f"{path} names {place}, a directory of the machine that built it")
        first.rename(prefix)
        shutil.rmtree(build)

    def plain(self):
        self.compile("main.cpp", ["-I", ROOT / "include", *self.xsimd_flags()])

    def add_subdirectory(self):
        self.build_project(
            "add_subdirectory", f"-DGELU_SOURCE={copy_of_the_source(self.work / 'gelu')}",
            *self.dispatch_options,
            programs=["consumer"] + ["consumer_eigen"] * self.eigen +
            ["consumer_dispatch"] * bool(self.dispatch))

    def fetch_content(self):
        need("git")
        repository = copy_of_the_source(self.work / "repository")
        git = ["git", "-c", "user.name=consumer", "-c", "user.email=consumer@localhost"]
        run(*git, "init", "-q", cwd=repository)
        run(*git, "add", "-A", "-f", cwd=repository, quiet=True)
        run(*git, "commit", "-q", "-m", "release", cwd=repository)
        run(*git, "tag", f"v{version()}", cwd=repository)
        self.build_project("fetch_content", f"-DGELU_REPOSITORY={repository.as_uri()}",
                           f"-DGELU_TAG=v{version()}")

    def find_package(self):
        prefix = self.work / "moved/prefix"
        prefix.parent.mkdir()
        self.install(prefix)
        components = "eigen" if self.eigen else ""
        major_minor = version().rsplit(".", 1)[0]
        self.build_project("find_package", f"-DCMAKE_PREFIX_PATH={prefix}",
                           f"-DGELU_VERSION={major_minor}", f"-DGELU_COMPONENTS={components}")
        if self.dispatch:
            self.build_dispatch(prefix)
        self.refuses(prefix, "9.9", "", "compatible with requested")
        self.refuses(prefix, major_minor, "no_such_component", "no_such_component")

    def refuses(self, prefix, wanted, components, message):
        """find_package fails, and the message says why."""
        build = self.work / "refused"
        shutil.rmtree(build, ignore_errors=True)
        done = subprocess.run(
            ["cmake", "-S", HERE / "find_package", "-B", build, *self.cmake_options,
             f"-DCMAKE_PREFIX_PATH={prefix}", f"-DGELU_VERSION={wanted}",
             f"-DGELU_COMPONENTS={components}"],
            text=True, capture_output=True)
        if done.returncode == 0 or message not in " ".join(done.stderr.split()):
            sys.exit(f"find_package(gelu {wanted} {components}) should fail, naming "
                     f"'{message}':\n{done.stdout}{done.stderr}")

    def pkg_config(self):
        need("pkg-config")
        prefix = self.work / "moved/prefix"
        prefix.parent.mkdir()
        self.install(prefix, "-DBUILD_SHARED_LIBS=ON")
        env = {"PKG_CONFIG_PATH": f"{prefix}/share/pkgconfig:{self.xsimd_pc()}"}
        if run("pkg-config", "--modversion", "gelu", env=env).strip() != version():
            sys.exit(f"gelu.pc doesn't say {version()}")
        flags = run("pkg-config", "--cflags", "--libs", "gelu", env=env).split()
        self.compile("main.cpp", flags)
        if self.eigen:
            flags = run("pkg-config", "--cflags", "--libs", "gelu-eigen", env=env).split()
            self.compile("eigen.cpp", flags, "consumer_eigen")
        if self.dispatch:
            library = next(prefix.glob("lib*/**/libgelu_dispatch.so")).parent
            env["PKG_CONFIG_PATH"] = f"{library}/pkgconfig"  # no xsimd
            os.environ["LD_LIBRARY_PATH"] = str(library)
            flags = run("pkg-config", "--cflags", "--libs", "gelu-dispatch", env=env).split()
            self.compile("dispatch.cpp", flags, "consumer_dispatch")
            run(self.cc, "-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                HERE / "dispatch.c", *flags, "-o", self.work / "consumer_c")
            run(self.work / "consumer_c")

    def meson(self):
        need("meson")
        project = self.work / "project"
        shutil.copytree(HERE / "meson", project)
        for source in ("main.cpp", "eigen.cpp"):
            shutil.copy(HERE / source, project)
        subproject = copy_of_the_source(project / "subprojects/gelu")
        prefix = self.work / "prefix"
        env = {"CXX": self.cxx, "PKG_CONFIG_PATH": f"{prefix}/share/pkgconfig:{self.xsimd_pc()}"}

        def build(name, *options):
            run("meson", "setup", self.work / name, project, f"-Deigen={str(self.eigen).lower()}",
                *options, env=env)
            run("meson", "compile", "-C", self.work / name, env=env)
            for program in ["consumer"] + ["consumer_eigen"] * self.eigen:
                run(self.work / name / program)

        build("with-subproject", "--force-fallback-for=gelu")
        run("meson", "setup", self.work / "gelu-build", subproject, f"--prefix={prefix}",
            f"-Deigen={'enabled' if self.eigen else 'disabled'}", env=env)
        run("meson", "install", "-C", self.work / "gelu-build", env=env, quiet=True)
        if run("pkg-config", "--modversion", "gelu", env=env).strip() != version():
            sys.exit(f"gelu.pc doesn't say {version()}")
        shutil.rmtree(project / "subprojects")
        build("installed")

    def conan(self):
        conan = shutil.which("conan")
        if not conan:
            run(sys.executable, "-m", "venv", self.work / "venv")
            run(self.work / "venv/bin/pip", "--quiet", "install", "conan>=2,<3")
            conan = self.work / "venv/bin/conan"
        env = {"CONAN_HOME": str(self.work / "conan"), "GELU_SYSTEM_XSIMD": self.xsimd}
        profile = self.work / "conan/profiles/default"
        run(conan, "profile", "detect", env=env, quiet=True)
        run(conan, "remote", "disable", "*", env=env)
        # The recipe asks for Conan's versions; the profile puts the system's in their place.
        replace = "[replace_requires]\nxsimd/*: xsimd/system\neigen/*: eigen/system\n"
        text = re.sub(r"compiler.cppstd=.*", "compiler.cppstd=17", profile.read_text())
        profile.write_text(f"{text}\n{replace}")
        for name in ("xsimd", "eigen"):
            run(conan, "export", HERE / "conan", f"--name={name}", "--version=system", env=env)
        source = copy_of_the_source(self.work / "gelu")
        for eigen in ["False"] + ["True"] * self.eigen:
            run(conan, "create", source, "--build=missing", "-o", f"gelu/*:eigen={eigen}", env=env)
        listed = json.loads(run(conan, "list", f"gelu/{version()}:*", "--format=json", env=env,
                                quiet=True))
        recipe = listed["Local Cache"][f"gelu/{version()}"]
        packages = [p for r in recipe["revisions"].values() for p in r["packages"]]
        if len(packages) != 1:
            sys.exit(f"a header-only library is one package, whatever the settings: {packages}")
        if self.dispatch:
            # For time, as dispatch_options.
            sets = json.dumps({"GELU_DISPATCH_INSTRUCTION_SETS": self.dispatch})
            for shared in ("False", "True"):
                run(conan, "create", source, "--build=missing", "-o", "gelu/*:dispatch=True", "-o",
                    f"gelu/*:shared={shared}", "-c", 'tools.build:cxxflags=["-O1"]', "-c",
                    f"tools.cmake.cmaketoolchain:extra_variables={sets}", env=env)

    def vcpkg(self):
        manifest = json.loads((ROOT / "ports/gelu/vcpkg.json").read_text())
        if manifest["version"] != version():
            sys.exit(f"ports/gelu/vcpkg.json says {manifest['version']}, version.hpp {version()}")
        packages = self.work / "packages"

        def port(packages, features, options):
            run("cmake", f"-DCURRENT_PACKAGES_DIR={packages}", f"-DVERSION={manifest['version']}",
                f"-DGELU_SOURCE={ROOT}", f"-DCURRENT_PORT_DIR={ROOT / 'ports/gelu'}",
                f"-DGELU_BUILD={self.work}/build-{packages.name}", f"-DFEATURES={features}",
                f"-DGELU_CMAKE_OPTIONS={';'.join(self.cmake_options + options)}",
                "-P", HERE / "vcpkg.cmake")

        port(packages, "", [])
        components = "eigen" if self.eigen else ""
        self.build_project("find_package", f"-DCMAKE_PREFIX_PATH={packages}",
                           f"-DGELU_VERSION={version()}", f"-DGELU_COMPONENTS={components}")
        self.refuses(packages, version(), "dispatch", "has no component 'dispatch'")
        if self.dispatch:
            port(self.work / "packages-dispatch", "dispatch", self.dispatch_options[1:])
            self.build_dispatch(self.work / "packages-dispatch")


WAYS = ["plain", "add_subdirectory", "fetch_content", "find_package", "pkg_config", "meson", "conan", "vcpkg"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--xsimd", default="/usr/include")
    parser.add_argument("--eigen", action="store_true", help="the eigen component too")
    parser.add_argument("--dispatch", help="the dispatch component too, for this instruction set")
    options = parser.parse_args()
    options.work = options.work.resolve()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    getattr(Consumer(options), options.way)()
    print(f"{options.way}: works")


main()
