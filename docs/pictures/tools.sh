#!/bin/sh
# What pictures of chats need beside Python: a browser, node with npm, and fonts. Installs what is missing where it may
# (Debian and its like, as root); says in one line what to install where it may not.
set -eu

missing=""
has() { command -v "$1" >/dev/null 2>&1; }
has chromium || has chromium-browser || has google-chrome || missing="$missing chromium"
has node || missing="$missing nodejs"
has npm || missing="$missing npm"
fonts=$(has fc-list && fc-list || true)
case $fonts in *NotoColorEmoji*) ;; *) missing="$missing fonts-noto-color-emoji" ;; esac
case $fonts in *NotoSansHebrew*) ;; *) missing="$missing fonts-noto-core fonts-liberation" ;; esac
[ -n "$missing" ] || exit 0

if has apt-get && [ "$(id -u)" = 0 ]; then
  echo "Installing$missing ..." >&2
  apt-get update -qq >/dev/null
  # shellcheck disable=SC2086  # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fontconfig $missing >/dev/null
else
  echo "make: pictures need$missing: install them (Debian, Ubuntu: sudo apt-get install$missing) and try again" >&2
  exit 1
fi
