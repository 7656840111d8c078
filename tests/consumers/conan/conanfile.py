"""The system's xsimd or Eigen as a Conan package, so that gelu's recipe can be tried without a
remote: conan export . --name=xsimd --version=system. GELU_SYSTEM_XSIMD says where xsimd's headers
are."""

import os

from conan import ConanFile


class SystemPackage(ConanFile):
    package_type = "header-library"

    def package_id(self):
        self.info.clear()

    def package_info(self):
        names = {
            "xsimd": ("xsimd", "xsimd", os.environ.get("GELU_SYSTEM_XSIMD", "/usr/include")),
            "eigen": ("Eigen3", "Eigen3::Eigen", "/usr/include/eigen3"),
        }
        file_name, target, include = names[self.name]
        self.cpp_info.set_property("cmake_file_name", file_name)
        self.cpp_info.set_property("cmake_target_name", target)
        self.cpp_info.includedirs = [include]
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
