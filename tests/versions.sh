#!/bin/sh
# The tests on another set of versions than the locked one, in an environment of its own: RESOLUTION=... versions.sh UV
set -eu
uv=$1
folder=.venv-$RESOLUTION
mkdir -p build
"$uv" pip compile --quiet --resolution "$RESOLUTION" --python-version 3.11 --all-extras --no-header --no-annotate \
    --no-emit-index-url pyproject.toml -o "build/$RESOLUTION.txt"
test -x "$folder/bin/python" || "$uv" venv --quiet --python 3.11 "$folder"
"$uv" pip sync --quiet --python "$folder/bin/python" "build/$RESOLUTION.txt"
"$uv" pip install --quiet --python "$folder/bin/python" --no-deps --no-build-isolation -e .
PATH="$PWD/$folder/bin:$PATH" "$folder/bin/python" -m pytest -n 2 --dist loadfile tests alignment_lib
