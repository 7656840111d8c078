"""The version number and the list of dependencies are the same wherever a package states them."""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def text(path):
    return (ROOT / path).read_text()


def dependencies(manifest):
    return {d if isinstance(d, str) else d["name"] for d in manifest["dependencies"]
            if isinstance(d, str) or not d.get("host")}


problems = []


def agree(what, **values):
    if len(set(map(str, values.values()))) != 1:
        problems.append(f"{what}: " + ", ".join(f"{k} has {v}" for k, v in values.items()))


header = text("include/gelu/version.hpp")
parts = [re.search(rf"GELU_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH")]
version = re.search(r'GELU_VERSION_STRING "([^"]+)"', header)[1]
port = json.loads(text("ports/gelu/vcpkg.json"))
manifest = json.loads(text("vcpkg.json"))
conan = text("conanfile.py")
cmake = text("CMakeLists.txt")
meson = text("meson.build")

newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", text("CHANGELOG.md"), re.M)
agree("version", string=version, numbers=".".join(parts), vcpkg=port["version"],
      changelog=newest and newest[1])
agree("dependencies", vcpkg_port=sorted(dependencies(port)), vcpkg=sorted(dependencies(manifest)),
      conan=re.findall(r'^        self\.requires\("([^/]+)/', conan, re.M))
agree("description", vcpkg=port["description"],
      conan=re.search(r'description = \(\s*"([^"]+)"', conan)[1],
      cmake=re.search(r'DESCRIPTION "([^"]+)"', cmake)[1],
      meson=re.search(r"description: '([^']+)'", meson)[1])
agree("oldest xsimd", cmake=re.search(r"XSIMD_MINIMUM ([0-9.]+)", text("cmake/gelu-xsimd.cmake"))[1],
      **{f"meson_{i}": v for i, v in enumerate(re.findall(r"xsimd.*>= ?([0-9.]+)", meson))})
agree("components", vcpkg=sorted(port["features"]),
      conan=sorted(re.findall(r'components\["(\w+)"\]', conan))[:-1],
      cmake=sorted(set(re.findall(r"gelu-(\w+)-targets", text("cmake/install.cmake")))))

# A release is dated, and then the port is one that the registry takes.
portfile = text("ports/gelu/portfile.cmake")
repository = re.search(r"^ +REPO (\S+)", portfile, re.M)[1]
sha512 = re.search(r"^ +SHA512 (\w+)", portfile, re.M)[1]
if re.search(r"^## .*unreleased", text("CHANGELOG.md"), re.M):
    if sha512 != "0":
        problems.append("portfile.cmake has a hash, and there is no release")
else:
    if not re.fullmatch("[0-9a-f]{128}", sha512):
        problems.append("portfile.cmake needs the SHA512 of the release's archive")
    agree("homepage", port=f"https://github.com/{repository}", vcpkg=port.get("homepage"),
          conan=(re.search(r'homepage = "([^"]+)"', conan) or [None] * 2)[1])
order = ["name", "version", "description", "homepage", "license", "dependencies", "features"]
if list(port) != [key for key in order if key in port]:
    problems.append(f"ports/gelu/vcpkg.json: the keys' order is {order}")

# As vcpkg's format-manifest writes it.
for path, data in (("vcpkg.json", manifest), ("ports/gelu/vcpkg.json", port)):
    if text(path) != json.dumps(data, indent=2) + "\n":
        problems.append(f"{path} isn't formatted as vcpkg format-manifest would")
    for what in (data, *data.get("features", {}).values()):
        names = [d if isinstance(d, str) else d["name"] for d in what.get("dependencies", [])]
        if names != sorted(names):
            problems.append(f"{path}: dependencies are in alphabetical order")
    for feature in data.get("features", {}).values():
        if not feature.get("description"):
            problems.append(f"{path}: a feature has no description")

print("\n".join(problems) or f"version {version} and dependencies agree")
sys.exit(bool(problems))
