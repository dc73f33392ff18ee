#!/usr/bin/env bash
# Renders the documentation to target/docs: the pages of docs/SUMMARY.md, the C header as a page, and rustdoc of both packages. Any
# warning, and any link that leads nowhere, fails. mdBook is installed into target/tools the first time (about two minutes).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mdbook_version=0.5.4
target=${CARGO_TARGET_DIR:-target}
tools=$target/tools book=$target/docs-book
site=$target/docs
mdbook=$tools/bin/mdbook

if [ "$("$mdbook" --version 2>/dev/null)" != "mdbook v$mdbook_version" ]; then
    echo "docs.sh: installing mdBook $mdbook_version into $tools"
    CARGO_TARGET_DIR=$target/tools-build cargo install --quiet mdbook --version "$mdbook_version" --locked --no-default-features \
        --features search --root "$tools"
    rm -rf "$target/tools-build"
fi

RUSTDOCFLAGS='-D warnings' cargo doc --quiet --no-deps --package earwig --package earwig-core
rm -rf "$book" "$site"
scripts/docs_stage.py "$book"
"$mdbook" build "$book" 2>&1 | tee "$book/log"
if grep -E 'WARN|ERROR' "$book/log"; then
    exit 1
fi
mv "$book/site" "$site"
cp -r "$target/doc" "$site/rust"
scripts/docs_stage.py --check "$site"
echo "$site/index.html"
