import os
import re

from conan import ConanFile
from conan.tools.build import can_run, check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class GeluConan(ConanFile):
    name = "gelu"
    description = (
        "GELU in three forms with derivatives and backward pass, for scalars, SIMD and arrays"
    )
    license = "MIT"
    topics = ("gelu", "activation-function", "simd", "neural-network", "header-only")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    # dispatch is the one part that is compiled; shared and fPIC are there only with it.
    options = {
        "eigen": [True, False],
        "dispatch": [True, False],
        "shared": [True, False],
        "fPIC": [True, False],
    }
    default_options = {"eigen": False, "dispatch": False, "shared": False, "fPIC": True}
    no_copy_source = True
    exports_sources = (
        "CMakeLists.txt",
        "LICENSE",
        "README.md",
        "cmake/*",
        "include/*",
        "tests/*",
        "tools/*",
    )

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include/gelu/version.hpp"))
        self.version = re.search(r'GELU_VERSION_STRING "([^"]+)"', header)[1]

    def configure(self):
        if not self.options.dispatch:
            self.package_type = "header-library"
            del self.options.shared
        else:
            self.package_type = "shared-library" if self.options.shared else "static-library"
        if self.options.get_safe("shared", True) or self.settings.os == "Windows":
            del self.options.fPIC

    @property
    def _tests(self):
        return not self.conf.get("tools.build:skip_test", default=True, check_type=bool)

    def requirements(self):
        self.requires("xsimd/[>=13 <15]")
        if self.options.eigen:
            self.requires("eigen/[>=3.4 <6]")

    def build_requirements(self):
        if self._tests:
            self.test_requires("catch2/[>=3 <4]")
            self.test_requires("cli11/[>=2 <3]")
            self.test_requires("mpfr/[>=4 <5]")
            if not self.options.eigen:
                self.test_requires("eigen/[>=3.4 <6]")

    def validate(self):
        check_min_cppstd(self, 17)

    def generate(self):
        if self._tests or self.options.dispatch:
            CMakeDeps(self).generate()
            toolchain = CMakeToolchain(self)
            toolchain.cache_variables["GELU_BUILD_DISPATCH"] = bool(self.options.dispatch)
            toolchain.cache_variables["GELU_BUILD_TESTS"] = self._tests
            toolchain.cache_variables["GELU_BUILD_BENCHMARKS"] = False
            toolchain.cache_variables["GELU_BUILD_EXAMPLES"] = False
            toolchain.user_presets_path = False  # the exported sources stay as they are
            toolchain.generate()

    def build(self):
        if self._tests or self.options.dispatch:
            cmake = CMake(self)
            cmake.configure()
            cmake.build()
            if self._tests and can_run(self):
                # Without those of the repository, which isn't here, and those that take long. A shell
                # reads the arguments.
                cmake.ctest(["--output-on-failure", "--no-tests=error", "-LE",
                             '"long|exhaustive|network|consumers|documentation"'])

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        if self.options.dispatch:
            CMake(self).install()
            # Conan's own generators describe the package.
            rmdir(self, os.path.join(self.package_folder, "share"))
            rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        else:
            for pattern in ("*.hpp", "*.h"):
                copy(self, pattern, os.path.join(self.source_folder, "include"),
                     os.path.join(self.package_folder, "include"),
                     excludes="gelu/detail/dispatch/*")

    def package_id(self):
        if not self.info.options.dispatch:
            self.info.clear()

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "gelu")
        gelu = self.cpp_info.components["gelu"]
        gelu.set_property("cmake_target_name", "gelu::gelu")
        gelu.set_property("pkg_config_name", "gelu")
        gelu.requires = ["xsimd::xsimd"]
        components = [gelu]
        if self.options.eigen:
            eigen = self.cpp_info.components["eigen"]
            eigen.set_property("cmake_target_name", "gelu::eigen")
            eigen.set_property("pkg_config_name", "gelu-eigen")
            eigen.requires = ["gelu", "eigen::eigen"]
            components.append(eigen)
        for component in components:
            component.bindirs = []
            component.libdirs = []
        if self.options.dispatch:
            dispatch = self.cpp_info.components["dispatch"]
            dispatch.set_property("cmake_target_name", "gelu::dispatch")
            dispatch.set_property("pkg_config_name", "gelu-dispatch")
            dispatch.libs = ["gelu_dispatch"]
            if self.settings.os in ("Linux", "FreeBSD"):
                dispatch.system_libs = ["m"]
