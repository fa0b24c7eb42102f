#!/bin/sh
# Rebuild samples/built/ from samples/source/: the SDK in a zip, in a 7z, in a squashfs firmware image.
# Needs gcc, iconv, python3, zip, 7z and mksquashfs. The same tools give the same bytes: all dates are set to one day.
set -eu
cd "$(dirname "$0")"
export TZ=UTC LC_ALL=C SOURCE_DATE_EPOCH=1577836800 # 2020-01-01
DAY=202001010000.00
for version in 1.0 2.0; do
    work=$(mktemp -d)
    sdk=$work/examplia-sdk-$version
    mkdir -p "$sdk/include" "$sdk/lib" "$sdk/idcard" "$sdk/locale" "$sdk/doc" "$work/root/opt/exv" "$work/root/etc"
    for header in include/exv_face_sdk.h idcard/exv_idcard.h; do
        iconv -f UTF-8 -t GB18030 "source/$version/$header" > "$sdk/$header"
    done
    cp "source/$version/locale/languages.json" "$sdk/locale/"
    gcc -shared -fPIC -Os -fno-ident -fno-asynchronous-unwind-tables -finput-charset=UTF-8 -fexec-charset=GB18030 \
        -Wl,--build-id=none -Wl,-s -o "$sdk/lib/libexvface.so" "source/$version/src/exv_face.c"
    python3 source/make_manual.py "$version" "$sdk/doc/manual.pdf"
    printf 'EXV-F200\nfirmware %s\n' "$version" > "$work/root/etc/release"
    find "$work" -exec touch -h -t "$DAY" {} +
    (cd "$work" && find "examplia-sdk-$version" | sort | zip -X -9 -q "sdk.zip" -@)
    touch -t "$DAY" "$work/sdk.zip"
    (cd "$work" && 7z a -bd -bso0 -mx=9 -mtc=off -mta=off "root/opt/exv/sdk.7z" sdk.zip)
    find "$work/root" -exec touch -h -t "$DAY" {} +
    rm -f "built/examplia-firmware-$version.bin"
    mksquashfs "$work/root" "built/examplia-firmware-$version.bin" -comp xz -all-root -noappend -no-progress -quiet \
        -no-xattrs
    cp "$sdk/lib/libexvface.so" "built/libexvface-$version.so"
    rm -rf "$work"
done
(cd built && sha256sum examplia-firmware-*.bin libexvface-*.so > SHA256SUMS)
