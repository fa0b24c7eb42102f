#!/bin/sh
# Check a sealed bundle with ordinary tools: sh, find, sort, comm, awk, sed, od, sha256sum, openssl, ssh-keygen.
#
#   sh verify.sh [FOLDER] [ALLOWED_SIGNERS]     check an unpacked bundle
#   sh verify.sh FILE.zip ALLOWED_SIGNERS       check a packed bundle against FILE.zip.sha256 and its signature
#
# Take this script, and the ALLOWED_SIGNERS file, from somewhere you trust: a forged bundle can bring its own.
# Exit: 0 everything holds, 2 cannot run, 3 something was changed, added or is missing.
set -u
LC_ALL=C
export LC_ALL
umask 077
bad=0
for tool in sha256sum openssl ssh-keygen; do
  command -v "$tool" >/dev/null 2>&1 || { echo "verify.sh needs $tool, which is not installed" >&2; exit 2; }
done
ok() { echo "  holds   $1"; }
wrong() { echo "  WRONG   $1"; bad=1; }
absolute() { case $1 in /*) echo "$1" ;; *) echo "$(pwd)/$1" ;; esac; }

# The signature file must be exactly what ssh-keygen writes: same line breaks, same base64, nothing more.
exact() {
  text=$(sed '1d;$d' "$1" | tr -d '\n')
  again=$(printf '%s' "$text" | openssl base64 -d -A 2>/dev/null | openssl base64 -A)
  [ -n "$text" ] && [ "$text" = "$again" ] &&
    { echo '-----BEGIN SSH SIGNATURE-----'; printf '%s' "$text" | fold -w 70; echo; echo '-----END SSH SIGNATURE-----'; } |
    cmp -s - "$1"
}
# A security key says whether somebody touched it: the first bit of the fifth byte from the end. ssh-keygen does not ask.
decoded() { sed '1d;$d' "$1" | tr -d '\n' | openssl base64 -d -A 2>/dev/null; }
touched() {
  decoded "$1" | head -c 60 | tr -d '\0' | grep -aq 'sk-.*@openssh\.com' || return 0
  case $(decoded "$1" | tail -c 5 | od -An -tu1 -N1) in *[13579]) return 0 ;; esac
  return 1
}
signed() { # file, signature
  if exact "$2" && touched "$2" && ssh-keygen -Y verify -f "$signers" -I witnessmark -n witnessmark-seal -s "$2" <"$1" >/dev/null 2>&1
  then ok "signature $2 of $1"; else wrong "signature $2 of $1"; fi
}
# A list must name files of the bundle only: never something above or beside it, a device, or an option.
inside() { # manifest
  if cut -c67- "$1" | grep -Eq '[^A-Za-z0-9._/-]|^[/-]|(^|/)\.\.(/|$)'; then
    wrong "$1 lists a name that does not belong there"
    exit 3
  fi
}
hashes() { # manifest
  inside "$1"
  report=$(sha256sum -c "$1" 2>&1) && [ -s "$1" ] && ok "$(grep -c . "$1") files as listed in $1" && return
  wrong "files listed in $1:"
  echo "$report" | grep -v ': OK$' | sed 's/^/            /'
}

target=${1:-$(dirname "$0")}
if [ -f "$target" ]; then
  [ $# -ge 2 ] || { echo "name the ALLOWED_SIGNERS file: a packed bundle is checked against a key you already have" >&2; exit 2; }
  signers=$(absolute "$2")
  cd "$(dirname "$target")" || exit 2
  target=$(basename "$target")
  echo "1. The packed file is the one that was signed"
  signed "$target.sha256" "$target.sha256.sig"
  [ "$(sha256sum "$target")" = "$(cat "$target.sha256")" ] && ok "$target" || wrong "$target was changed"
  [ $bad = 0 ] || exit 3
  echo "Now unpack it and run: sh verify.sh FOLDER ALLOWED_SIGNERS"
  exit 0
fi
[ -d "$target" ] || { echo "there is no bundle at $target" >&2; exit 2; }
signers=$(absolute "${2:-$target/allowed_signers}")
cd "$target" || exit 2
work=${TMPDIR:-/tmp}/witnessmark-verify.$$
mkdir "$work" || exit 2
trap 'rm -rf "$work"' EXIT

echo "1. The seal: which files close the bundle, under whose key"
for part in seal/SEAL seal/SEAL.sig tagmanifest-sha256.txt tagmanifest-sha512.txt manifest-sha256.txt manifest-sha512.txt \
  seal/tagmanifest-sha256.txt.sig allowed_signers; do
  [ -f "$part" ] && [ ! -L "$part" ] || wrong "$part is missing"
done
[ $bad = 0 ] || exit 3
signed seal/SEAL seal/SEAL.sig
hashes seal/SEAL
echo "   Proves that the key's holder closed exactly this bundle. Does not prove who that is."

echo "2. The tag manifest, whose signature is timestamped"
signed tagmanifest-sha256.txt seal/tagmanifest-sha256.txt.sig
hashes tagmanifest-sha256.txt

echo "3. Every file of the case, by SHA-256 and by SHA-512"
hashes manifest-sha256.txt
for name in manifest tagmanifest; do
  if cut -c67- $name-sha256.txt | xargs openssl dgst -sha512 -r 2>/dev/null | sed 's/ \*/  /' | cmp -s - $name-sha512.txt; then
    ok "$name-sha512.txt"
  else
    wrong "$name-sha512.txt, or a file that it lists"
  fi
done
echo "   Proves that no file was changed since it was sealed."

echo "4. Nothing is missing, nothing was added"
{ cut -c67- manifest-sha256.txt; cut -c67- tagmanifest-sha256.txt; cut -c67- seal/SEAL; echo seal/SEAL; echo seal/SEAL.sig; } |
  sort -u >"$work/listed"
{ echo .; awk -F/ '{ path = "."; for (i = 1; i < NF; i++) { path = path "/" $i; print path } }' "$work/listed"; } |
  sort -u >"$work/folders"
find . ! -type d | sed 's|^\./||' | sort >"$work/found"
find . -type d | sort | comm -23 - "$work/folders" >"$work/added"
comm -13 "$work/listed" "$work/found" >>"$work/added"
comm -23 "$work/listed" "$work/found" >"$work/missing"
find . -type l >"$work/links"
for kind in added missing links; do
  if [ -s "$work/$kind" ]; then wrong "$kind:"; sed 's/^/            /' "$work/$kind"; fi
done
[ -s "$work/added" ] || [ -s "$work/missing" ] || ok "$(grep -c . "$work/listed") files, all listed, all there"

echo "5. The time, by authorities that do not know us"
find seal -name '*.tsr' | sort >"$work/tokens"
[ -s "$work/tokens" ] || echo "  none    this bundle carries no timestamp: nobody else vouches for its time"
while read -r token; do
  covered=${token%.tsr}
  name=${covered##*.}
  covered=${covered%.*}
  text=$(openssl ts -reply -in "$token" -text 2>/dev/null | sed -n 's/^Time stamp: //p')
  if openssl ts -verify -in "$token" -data "$covered" -CAfile "seal/$name.ca.pem" >/dev/null 2>&1; then
    ok "$name: $covered existed at $text"
  elif at=$(date -u -d "$text" +%s 2>/dev/null) &&
    openssl ts -verify -attime "$at" -in "$token" -data "$covered" -CAfile "seal/$name.ca.pem" >/dev/null 2>&1; then
    ok "$name: $covered existed at $text (the authority's certificate has expired since)"
  else
    wrong "$token"
  fi
done <"$work/tokens"
echo "   Proves that the signature existed at that time. Does not prove when the contents were made."
echo "   The roots in seal/*.ca.pem came with the bundle: compare them with the authorities' own."

echo
if [ $bad = 0 ]; then
  echo "Everything holds under the key(s) in $signers:"
  sed -n 's/.*[ ",]\(sk-ssh-ed25519@openssh.com \|sk-ecdsa-sha2-nistp256@openssh.com \|ssh-ed25519 \)/\1/p' "$signers" | ssh-keygen -lf - 2>/dev/null | sed 's/^/  /'
  echo "Keys inside a bundle prove nothing by themselves: compare the fingerprint with one from somewhere else."
  echo "The custody log's own chain and tree are checked by verify.py."
  exit 0
fi
echo "This bundle does NOT hold."
exit 3
