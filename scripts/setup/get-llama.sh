#!/usr/bin/env bash
# Puts Debian's own build of llama.cpp into a private folder, with the libraries that it needs, C library included.
# Neither the system's libraries nor apt's state are touched; needs apt, dpkg and Debian's archive keyring.
#
#   get-llama.sh FOLDER [SUITE]     programs end up in FOLDER/bin; FOLDER must not move afterwards
set -euo pipefail

prefix=${1:?usage: get-llama.sh FOLDER [SUITE]}
suite=${2:-forky}
wanted=(llama.cpp-tools patchelf)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# Only maintainer scripts need these, and we run none.
unneeded='^(debconf|debconf-2\.0|cdebconf|wget|curl|perl-base|dpkg|tar)$'

fail() {
  echo "get-llama: $*" >&2
  exit 1
}

[[ -r $keyring ]] || fail "$keyring is missing: run 'apt-get install debian-archive-keyring'."
architecture=$(dpkg --print-architecture)
# The mirror that this machine's own apt is set to use, in either format of its source lists. A fresh image has no
# indexes yet, and apt tells only of those that it has.
mirrors() {
  apt-get indextargets --format '$(SITE)' 'Origin: Debian' 'Label: Debian'
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' |
    grep -E '/debian/?$' || true
}
mapfile -t found < <(mirrors)
mirror=${DEBIAN_MIRROR:-${found[0]:-}}
[[ -n $mirror ]] || fail 'apt knows no Debian mirror: set DEBIAN_MIRROR to one.'

apt=$prefix/apt
root=$prefix/root
mkdir -p "$apt"/{state/lists/partial,cache/archives/partial,empty} "$prefix"/{debs,root,bin}
: >"$apt/status"
echo "deb [arch=$architecture signed-by=$keyring] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/empty";
Dir::Etc::preferencesparts "$apt/empty";
Dir::Etc::preferences "/dev/null";
APT::Architecture "$architecture";
APT::Architectures "$architecture";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Check-Valid-Until "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Debug::NoLocking "true";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get -q update

dependencies_of() {
  apt-cache show --no-all-versions "$1" |
    sed -nE 's/^(Pre-)?Depends: //p' | tr ',' '\n' | sed -E 's/\|.*//; s/\(.*//; s/:[a-z]+//; s/ //g'
}

declare -A chosen=()
queue=("${wanted[@]}")
while ((${#queue[@]})); do
  package=${queue[0]}
  queue=("${queue[@]:1}")
  [[ -n ${chosen[$package]:-} || $package =~ $unneeded ]] && continue
  chosen[$package]=1
  while read -r dependency; do
    [[ -n $dependency ]] && queue+=("$dependency")
  done < <(dependencies_of "$package")
done
echo "packages: ${!chosen[*]}"

(cd "$prefix/debs" && apt-get -q download "${!chosen[@]}")
for package in "$prefix"/debs/*.deb; do dpkg -x "$package" "$root"; done
rm -rf "$prefix/debs" "$apt"

# The programs must start by themselves, without a loader in front of them: llama-server's router mode starts
# itself again through /proc/self/exe, and ggml looks for its processor variants beside the program.
libraries=$(dirname "$(find "$root/usr/lib" -name 'libllama.so.*' | head -n 1)")
[[ $libraries != . ]] || fail 'the packages hold no libllama.'
loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux*.so.*' | head -n 1)
[[ -n $loader ]] || fail 'the packages hold no dynamic loader.'
search_path=$libraries:$libraries/llama
patch() {
  "$loader" --library-path "$libraries" "$root/usr/bin/patchelf" "$@"
}
for program in "$root"/usr/bin/llama-*; do
  cp "$program" "$prefix/bin/"
  patch --set-interpreter "$loader" --force-rpath --set-rpath "$search_path" "$prefix/bin/$(basename "$program")"
done
shopt -s nullglob
for library in "$libraries"/llama/*.so "$libraries"/lib{llama,mtmd,ggml}*.so.*.*; do
  [[ -L $library ]] || patch --force-rpath --set-rpath "$search_path" "$library"
done
for variant in "$libraries"/ggml/backends0/libggml-cpu-*.so; do ln -sf "$variant" "$prefix/bin/"; done

"$prefix/bin/llama-server" --version
