"""What the test site answers: exact bytes for each path."""

import gzip
import zlib

import brotli
import zstandard

SCRIPT = b"document.getElementById('state').textContent += ' script';\n" * 20
STYLE = b"body { font-family: sans-serif; background: #fafafa }\n" * 40
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)

PAGE = b"""<!doctype html><meta charset=utf-8><title>Test camera \xe4\xba\xa7\xe5\x93\x81</title>
<link rel=stylesheet href=/style.css><link rel=icon href=/pixel.png>
<h1>Test camera</h1><p id=state>start</p>
<img src=/redirect/3 alt=""><img src=/pixel.png alt="">
<script src=/script.js></script>
<iframe src=/frame></iframe>
<div style="height:3000px"></div><img loading=lazy src=/lazy.png alt="">
<script>
const say = t => document.getElementById('state').textContent += ' ' + t;
(async () => {
  for (const path of ['/gzip', '/zstd', '/chunked', '/close', '/odd', '/cookies', '/chunked-gzip', '/empty', '/early'])
    say(path + (await (await fetch(path)).text()).length);
  const post = await fetch('/post', {method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({ask: 'list', items: [1, 2], name: '\\u4e2d'})});
  say('post:' + (await post.text()));
  const form = new FormData(); form.append('a', 'b c');
  say('form:' + (await (await fetch('/post?form', {method: 'POST', body: form})).text()).length);
  const big = await fetch('/post?large', {method: 'POST', body: 'x'.repeat(300000)});
  say('large:' + (await big.text()).length);
  try {
    const socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/socket');
    await new Promise((done, failed) => {
      socket.onopen = () => { socket.send('hello'); socket.send(new Uint8Array([1, 2, 255])); };
      let seen = 0;
      socket.onmessage = m => { say('ws:' + (m.data.length ?? m.data.size)); if (++seen === 3) { socket.close(); done(); } };
      socket.onerror = failed;
    });
  } catch (e) { say('no-socket') }
  if (navigator.serviceWorker && isSecureContext) {
    try {
      await navigator.serviceWorker.register('/worker.js');
      await navigator.serviceWorker.ready;
      say('worker');
    } catch (e) { say('no-worker ' + e) }
  }
  console.log('page done');
  document.title += ' done';
})();
</script>
"""
WORKER = b"""self.addEventListener('install', e => e.waitUntil(fetch('/from-worker').then(r => r.text())));
self.addEventListener('activate', e => e.waitUntil(clients.claim()));
"""


def chunked(*pieces: bytes) -> bytes:
    body = b"".join(b"%X\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return body + b"0\r\n\r\n"


def answer(body: bytes, *fields: bytes, status: bytes = b"200 OK", kind: bytes = b"text/plain") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Type: " + kind, *fields, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def deflate_raw(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


TEXT = ("Ethnic group settings 民族 " * 30).encode()

# Whole responses; the connection stays open unless CLOSES names the path.
ANSWERS: dict[str, bytes] = {
    "/": answer(
        gzip.compress(PAGE, mtime=0), b"Content-Encoding: gzip", b"X-Test: 1", kind=b"text/html; charset=utf-8"
    ),
    "/frame": answer(b"<!doctype html><title>frame</title><p>inside", kind=b"text/html"),
    "/style.css": answer(gzip.compress(STYLE, mtime=0), b"content-encoding: gzip", kind=b"text/css"),
    "/script.js": answer(brotli.compress(SCRIPT), b"Content-Encoding: br", kind=b"text/javascript"),
    "/pixel.png": answer(PIXEL, kind=b"image/png"),
    "/lazy.png": answer(PIXEL, kind=b"image/png"),
    "/favicon.ico": answer(PIXEL, kind=b"image/png"),
    "/worker.js": answer(WORKER, kind=b"text/javascript"),
    "/from-worker": answer(b"fetched by the worker"),
    "/length": answer(TEXT),
    "/gzip": answer(gzip.compress(TEXT, mtime=0), b"Content-Encoding: gzip"),
    "/br": answer(brotli.compress(TEXT), b"Content-Encoding: br"),
    "/deflate": answer(deflate_raw(TEXT), b"Content-Encoding: deflate"),
    "/zstd": answer(zstandard.compress(TEXT), b"Content-Encoding: zstd"),
    "/chunked": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"5;name=value\r\nhello\r\n"
    + chunked(b" ", TEXT, b"x" * 70_000),
    "/chunked-gzip": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n"
    + b"Transfer-Encoding: chunked\r\nTrailer: X-After\r\n\r\n"
    + chunked(
        *(gzip.compress(TEXT, mtime=0)[i : i + 40] for i in range(0, 400, 40) if gzip.compress(TEXT, mtime=0)[i:])
    )[:-2]
    + b"X-After: yes\r\n\r\n",
    "/close": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" + TEXT,
    "/cookies": answer(b"two", b"Set-Cookie: a=1; Path=/", b"Set-Cookie: b=2; HttpOnly", b"Set-Cookie: a=3; Path=/x"),
    "/odd": b"HTTP/1.1 200 Everything Is Fine\r\ncOnTeNt-TyPe:text/plain\r\nX-ODD:    spaces   \r\n"
    b"X-Empty:\r\nX-Utf8: \xe6\xb0\x91\xe6\x97\x8f\r\nX-Twice: 1\r\nx-twice: 2\r\nContent-Length: 3\r\n\r\nodd",
    "/empty": b"HTTP/1.1 204 No Content\r\nX-Nothing: here\r\n\r\n",
    "/early": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n" + answer(b"late"),
    "/missing": answer(b"gone", status=b"404 Not Found"),
    "/truncated": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n" + TEXT[:400],
    "/truncated-chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"100\r\n" + b"y" * 100,
    "/broken-chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"zz\r\nhello",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "/bad-header": b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\nok",
    "/garbage": b"\x00\x01\x02 this is no HTTP at all\r\n\r\nrest",
    "/header-bomb": b"HTTP/1.1 200 OK\r\n" + b"X-Bomb: " + b"a" * 600_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "/header-lines": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 3_000 + b"Content-Length: 0\r\n\r\n",
    "/gzip-bomb": answer(gzip.compress(b"\0" * 50_000_000, mtime=0), b"Content-Encoding: gzip"),
    "/loop": answer(b"", b"Location: /loop", status=b"302 Found"),
    "/to-private": answer(b"", b"Location: http://127.0.0.2:9/secret", status=b"302 Found"),
    "/to-metadata": answer(b"", b"Location: http://169.254.169.254/latest/meta-data/", status=b"302 Found"),
    "/to-file": answer(b"", b"Location: file:///etc/passwd", status=b"302 Found"),
    "/escape": answer(b"x", b'Content-Disposition: attachment; filename="../../../evil.sh"'),
    "/busy": answer(b"<!doctype html><title>busy</title><script>while (true) {}</script>", kind=b"text/html"),
    "/attachment": answer(
        b"PK\x05\x06" + b"\0" * 18, b"Content-Disposition: attachment; filename=sdk.zip", kind=b"application/zip"
    ),
    "/plain-page": answer(b"<!doctype html><title>plain</title><p>nothing else", kind=b"text/html"),
}
CLOSES = frozenset(
    {
        "/close",
        "/truncated",
        "/truncated-chunks",
        "/broken-chunks",
        "/two-lengths",
        "/garbage",
        "/header-bomb",
        "/header-lines",
    }
)
