# To be sourced. Packages of other Debian suites than the machine's own, beside what is installed:
#
#     . cmake/newer-packages.sh
#     gelu_unpack trixie "$dir/xsimd-13" libxsimd-dev   # then $dir/xsimd-13/usr/include
#     gelu_system forky builder g++ cmake
#     gelu_run_in "$(gelu_system_dir forky builder)" "$PWD" g++ --version
#
# Archive and key are those of the machine's own sources, so nothing here names a mirror. The first
# needs apt, the others root and debootstrap. Systems are kept in
# ${GELU_FRESH_DIR:-/var/tmp/gelu-fresh}; remove that for newer packages.

gelu_keep=${GELU_FRESH_DIR:-/var/tmp/gelu-fresh}

# The archive's address, as the machine's own sources give it.
gelu_archive() {
    gelu_codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    [ "$(. /etc/os-release && echo "$ID")" = debian ] || {
        echo "other suites are taken from Debian's archive, and this is not Debian" >&2
        return 1
    }
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
        sed -n "s/^$gelu_codename //p" | head -n 1 | grep .
}

# gelu_suite_apt <suite> <command> [argument...]: apt-get or apt-cache on the packages of a suite.
gelu_suite_apt() {
    gelu_state="$gelu_keep/apt/$1"
    gelu_command=$2
    if [ ! -e "$gelu_state/sources" ]; then
        mkdir -p "$gelu_state/lists/partial" "$gelu_state/cache/archives/partial"
        gelu_key=/usr/share/keyrings/debian-archive-keyring.gpg
        [ -e "$gelu_key" ] && gelu_key="[signed-by=$gelu_key] " || gelu_key=
        gelu_uri=$(gelu_archive) || return 1
        echo "deb $gelu_key$gelu_uri $1 main" >"$gelu_state/sources.new"
        mv "$gelu_state/sources.new" "$gelu_state/sources"
    fi
    shift 2
    "$gelu_command" -q -o Dir::Etc::SourceList="$gelu_state/sources" \
        -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$gelu_state" \
        -o Dir::State::status=/dev/null -o Dir::Cache="$gelu_state/cache" \
        -o APT::Sandbox::User= "$@"
}

# gelu_unpack <suite> <directory> <package>...: unpacks the packages, not what they depend on, and
# does nothing where that was done. For headers; programs and libraries want a gelu_system.
gelu_unpack() {
    gelu_suite=$1 gelu_directory=$2
    shift 2
    [ ! -e "$gelu_directory/.unpacked" ] || return 0
    rm -rf "$gelu_directory" && mkdir -p "$gelu_directory/debs" || return 1
    gelu_suite_apt "$gelu_suite" apt-get update >&2 &&
        (cd "$gelu_directory/debs" && gelu_suite_apt "$gelu_suite" apt-get download "$@" >&2) ||
        return 1
    for gelu_deb in "$gelu_directory"/debs/*.deb; do
        dpkg-deb -x "$gelu_deb" "$gelu_directory" || return 1
    done
    # What was unpacked: <package>_<version>_<architecture>.deb, a line each.
    ls "$gelu_directory/debs" >"$gelu_directory/.unpacked" && rm -r "$gelu_directory/debs"
}

gelu_system_dir() { echo "$gelu_keep/$1${2:+.$2}"; }

# gelu_base_system <suite>: a minimal system in gelu_system_dir <suite>.
gelu_base_system() {
    gelu_base=$(gelu_system_dir "$1")
    [ ! -e "$gelu_base/etc/debian_version" ] || return 0
    gelu_uri=$(gelu_archive) && mkdir -p "$gelu_keep" && rm -rf "$gelu_base.new" || return 1
    echo "=== $1: debootstrap" >&2
    # debootstrap knows the suites that there were at its time, all of which are made as sid is.
    gelu_script=/usr/share/debootstrap/scripts/$1
    [ -e "$gelu_script" ] || gelu_script=/usr/share/debootstrap/scripts/sid
    debootstrap --variant=minbase "$1" "$gelu_base.new" "$gelu_uri" "$gelu_script" \
        >"$gelu_keep/$1.debootstrap.log" || return 1
    mv "$gelu_base.new" "$gelu_base"
}

# gelu_system <suite> <name> <package>...: a system in gelu_system_dir <suite> <name> that has the
# packages, and those that it had before.
gelu_system() {
    gelu_target=$(gelu_system_dir "$1" "$2")
    gelu_base_system "$1" || return 1
    if [ ! -e "$gelu_target" ]; then
        rm -rf "$gelu_target.new" && cp -a "$gelu_base" "$gelu_target.new" &&
            mv "$gelu_target.new" "$gelu_target" || return 1
    fi
    # Fetching works there as it does here: proxies, and a mirror that stands still.
    apt-config dump | grep -E '^Acquire::(Check-|Retries|https?::)' \
        >"$gelu_target/etc/apt/apt.conf.d/90as-outside"
    shift 2
    [ $# -gt 0 ] || return 0
    gelu_run_in "$gelu_target" "" sh -c '
        dpkg-query -W -f "\${Status}\n" "$@" 2>/dev/null | grep -c " installed$" | grep -qx $# && exit
        export DEBIAN_FRONTEND=noninteractive
        apt-get -q update && apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" &&
            apt-get clean' install "$@" >&2
}

# gelu_run_in <system> <directory> <command> [argument...]: the command in a chroot, with a clean
# environment, /proc, /dev and, at its own place, the directory, unless that is empty. The mounts
# are in a namespace of their own and go with the command. Where nothing may be mounted, as in most
# containers, the system has no /proc, and a copy of the directory, without .git and build*.
gelu_run_in() {
    gelu_root=$1 gelu_shared=$2
    shift 2
    cp /etc/resolv.conf "$gelu_root/etc/resolv.conf" || return 1
    set -- chroot "$gelu_root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
    if gelu_may_mount; then
        unshare --mount --propagation private sh -c '
            root=$1 directory=$2
            shift 2
            mount --bind /proc "$root/proc" && mount --rbind /dev "$root/dev" || exit
            if [ -n "$directory" ]; then
                mkdir -p "$root$directory" && mount --bind "$directory" "$root$directory" || exit
            fi
            exec "$@"' run_in "$gelu_root" "$gelu_shared" "$@"
    else
        [ -z "$gelu_shared" ] || gelu_copy "$gelu_shared" "$gelu_root$gelu_shared" || return 1
        "$@"
    fi
}

gelu_may_mount() {
    unshare --mount --propagation private mount --bind /proc /proc 2>/dev/null
}

# What was built in the copy stays; times of files stay theirs, so that only changes are built anew.
gelu_copy() {
    mkdir -p "$2" &&
        find "$2" -mindepth 1 -maxdepth 1 ! -name 'build*' -exec rm -rf {} + &&
        tar -C "$1" --exclude=./.git --exclude='./build*' -c . | tar -C "$2" -x
}

# Why no system can be made or entered here; nothing where they can.
gelu_no_systems() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "a Debian system of another suite takes root"
    elif ! chroot / true 2>/dev/null; then
        echo "this container doesn't permit chroot"
    elif ! { mkdir -p "$gelu_keep" && rm -f "$gelu_keep/node" &&
        mknod "$gelu_keep/node" c 1 3 && : >"$gelu_keep/node"; } 2>/dev/null; then
        echo "this container doesn't permit devices"
    fi
    rm -f "$gelu_keep/node"
}
