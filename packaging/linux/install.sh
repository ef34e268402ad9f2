#!/bin/sh
# Installs the unpacked program below PREFIX (default ~/.local) and tells the desktop; --remove takes it away again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${PREFIX:-$HOME/.local}
home=$prefix/lib/rtms-desktop
share=$prefix/share

tell_desktop() {
    # Each of them may be missing; the desktop then finds out by itself at the next login.
    for command in "update-desktop-database $share/applications" "update-mime-database $share/mime" \
        "gtk-update-icon-cache --quiet --ignore-theme-index $share/icons/hicolor"; do
        # shellcheck disable=SC2086 # the words are ours
        if command -v "${command%% *}" >/dev/null 2>&1; then $command || true; fi
    done
}

if [ "${1-}" = "--remove" ]; then
    (cd "$home/share" 2>/dev/null && find . -type f) | while read -r file; do rm -f "$share/$file"; done
    rm -f "$prefix/bin/rtms-desktop"
    rm -rf "$home"
    tell_desktop
    echo "removed from $prefix"
    exit 0
fi

if [ -x "$home/rtms-desktop" ]; then "$home/install.sh" --remove >/dev/null; fi
mkdir -p "$prefix/bin" "$home" "$share"
cp -R "$here/." "$home/"
cp -R "$here/share/." "$share/"
ln -sf "$home/rtms-desktop" "$prefix/bin/rtms-desktop"
# The menu must find it also where PREFIX/bin is not on the path.
entry=$share/applications/rtms-desktop.desktop
sed "s|^Exec=rtms-desktop|Exec=\"$home/rtms-desktop\"|" "$here/share/applications/rtms-desktop.desktop" >"$entry"
tell_desktop
echo "installed below $prefix; start it from the menu or with $prefix/bin/rtms-desktop"
