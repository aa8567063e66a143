#!/bin/sh
# Creates .venv where there is none that works, and installs one extra of this project into it:
#   tools/setup.sh <extra>
set -eu
cd "$(dirname "$0")/.."
extra=$1
venv_python=.venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1

# Every name is tried, not only looked up: a shim of a version manager may lead nowhere.
is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3 python; do
        if is_new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    echo "Expected Python 3.11 or newer on PATH, but there is none." >&2
    echo "Install it, or name it: make PYTHON=/path/to/python3 ..." >&2
    return 1
}

find_uv() {
    for name in uv .venv/bin/uv; do
        if "$name" --version >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
}

create_venv() {
    python=$(find_python)
    echo "Creating .venv with $python"
    rm -rf .venv
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        "$python" -m venv .venv
    elif [ -n "$(find_uv)" ]; then
        uv venv --quiet --seed --python "$python" .venv
    else
        echo "Expected $python to create virtual environments, but it lacks venv or ensurepip." >&2
        echo "On Debian and Ubuntu: apt-get install python3-venv" >&2
        return 1
    fi
}

# uv is several times as fast, but it does not read pip's settings: it is told the index, and pip
# has the last word.
install() {
    uv=$(find_uv)
    if [ -z "$uv" ]; then
        "$venv_python" -m pip install --quiet uv -c constraints.txt || true
        uv=$(find_uv)
    fi
    index=$("$venv_python" -m pip config get global.index-url 2>/dev/null || true)
    index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$index}}
    if [ -n "$uv" ]; then
        [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
        # Without --python it would take an activated environment rather than .venv.
        "$uv" pip install --quiet --python "$venv_python" -e ".[$extra]" -c constraints.txt &&
            return
        echo "uv could not install; trying with pip" >&2
    fi
    "$venv_python" -m pip install --quiet -e ".[$extra]" -c constraints.txt
}

if ! is_new_enough "$venv_python" ||
    { [ -z "$(find_uv)" ] && ! "$venv_python" -m pip --version >/dev/null 2>&1; }; then
    create_venv
fi
echo "Installing Flowyard with [$extra] into .venv"
install
