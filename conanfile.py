import os
import re

from conan import ConanFile
from conan.tools.build import can_run, check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class GeluConan(ConanFile):
    name = "gelu"
    description = (
        "GELU in three forms with derivatives and backward pass, for scalars, SIMD and arrays"
    )
    license = "MIT"
    topics = ("gelu", "activation-function", "simd", "neural-network", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"eigen": [True, False]}
    default_options = {"eigen": False}
    no_copy_source = True
    exports_sources = (
        "CMakeLists.txt",
        "LICENSE",
        "README.md",
        "cmake/*",
        "include/*",
        "tests/*",
    )

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include/gelu/version.hpp"))
        self.version = re.search(r'GELU_VERSION_STRING "([^"]+)"', header)[1]

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
            self.test_requires("mpfr/[>=4 <5]")

    def validate(self):
        check_min_cppstd(self, 17)

    def generate(self):
        if self._tests:
            CMakeDeps(self).generate()
            toolchain = CMakeToolchain(self)
            toolchain.cache_variables["GELU_BUILD_BENCHMARKS"] = False
            toolchain.cache_variables["GELU_BUILD_EXAMPLES"] = False
            toolchain.generate()

    def build(self):
        if self._tests:
            cmake = CMake(self)
            cmake.configure()
            cmake.build()
            if can_run(self):
                cmake.test()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"),
             os.path.join(self.package_folder, "include"))

    def package_id(self):
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
