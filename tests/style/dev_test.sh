#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ./dev itself: what it lists, and what it does on a machine that lacks cmake, with and without root.
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
fail() { printf 'dev_test: %s\n%s\n' "$1" "$output" >&2; exit 1; }

output=$("$root/dev") || fail "alone it does not exit 0"
for command in deps build install demo test check bench fuzz sim corpus differential hostile-histories samples clean; do
    [[ $output == *"  $command "* ]] || fail "does not list $command"
done
# Each command is a function that is there, or more than one word.
while read -r name; do
    output=$name
    grep -qE "^$name\\(\\) (\\{|\\()" "$root/dev" || fail "has no function for a command"
done < <(sed -n 's/^[a-z-]*) \([a-z_]*\) "\$@" ;;$/\1/p' "$root/dev")
# A function is defined once, and what a command needs is there.
defined=$(sed -n 's/^\([a-z_]*\)() .*/\1/p' "$root/dev" | sort)
output=$(uniq -d <<<"$defined")
[ -z "$output" ] || fail "defines a function twice"
output=$(comm -13 <(echo "$defined") <(grep -oE '\bneed_[a-z]+' "$root/dev" | sort -u))
[ -z "$output" ] || fail "calls a function that is not there"
output=$("$root/dev" nonsense 2>&1) && fail "takes an unknown command"
output=$("$root/dev" deps 2>&1) || fail "deps fails where the build works"

# A machine where all is there but cmake; apt-get only writes down what it is asked.
mkdir "$work/bin" "$work/tree"
for tool in bash dirname readlink cat env mkdir pkg-config gcc ninja python3; do
    ln -s "$(command -v $tool)" "$work/bin/$tool"
done
cp "$root/dev" "$work/tree/dev"
printf '#!/bin/bash\necho "$*" >>"%s/asked"\n' "$work" >"$work/bin/apt-get"
chmod +x "$work/bin/apt-get"
as() {
    printf '#!/bin/bash\necho %s\n' "$1" >"$work/bin/id"
    chmod +x "$work/bin/id"
    output=$(PATH=$work/bin "$work/tree/dev" deps 2>&1 </dev/null)
}

as 1000 && fail "goes on without cmake and without root"
[[ $output == *"apt-get install -y --no-install-recommends cmake"* ]] || fail "does not say what to install"
[ ! -e "$work/asked" ] || fail "calls apt-get without root"
as 0 || fail "deps fails as root"
[[ $(cat "$work/asked") == *"install -y --no-install-recommends cmake -qq"* ]] || fail "installs something else"
