"""A made-up capture of a page that tries to run, to fetch and to leave."""

import gzip

from witnessmark.case import Case
from witnessmark.model.evidence import Event, EventKind, NetworkFacts
from witnessmark.model.fact import UntrustedText

SITE = "https://vendor.example/cam/"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)
PAGE = """<!doctype html><html><head><meta charset="gb2312"><base href="/cam/"><title>摄像机</title>
<meta http-equiv="refresh" content="0;url=https://evil.example/">
<link rel="stylesheet" href="style.css"><link rel="preconnect" href="https://evil.example/">
<style>@import "https://evil.example/more.css"; h1 { background: url('bg.png') }</style>
<script>document.title = "script ran"; top.location = "https://evil.example/"</script></head>
<body onload="document.title='handler ran'"><h1>人脸属性: 维族</h1>
<img id="here" src="bg.png" alt="here"><img id="gone" src="/gone.png" srcset="bg.png 1x, //cdn.example/x.png 2x" alt="">
<a id="link" href="/buy" ping="https://evil.example/ping" target="_top">buy</a>
<form action="https://evil.example/form" method="post"><button id="send" formaction="https://evil.example/x">send</button></form>
<iframe id="inner" src="inner.html"></iframe><iframe srcdoc="<script>top.location='https://evil.example/'</script>"></iframe>
<object data="https://evil.example/o"></object><svg width="9" height="9"><image href="bg.png"/><a xlink:href="/z"><text>z</text></a></svg>
</body></html>"""


def archive(page: str = PAGE) -> bytes:
    """The bytes of a WARC file with the page, a style sheet, an image, an inner page, a redirect and a script."""
    out: list[bytes] = []

    def record(kind: str, uri: str, media_type: str, block: bytes) -> None:
        fields = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{len(out):012}>",
            "WARC-Date": "2020-11-28T09:00:00Z",
            "WARC-Target-URI": uri,
            "Content-Type": media_type,
            "Content-Length": str(len(block)),
        }
        head = "WARC/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
        out.append(gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0))

    def put(path: str, body: bytes, kind: str, status: str = "200 OK", more: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        record("response", SITE + path, "application/http; msgtype=response", head.encode() + body)

    put("", page.encode("gb2312"), "text/html")
    put("style.css", b"body { background: url(bg.png) } h1 { color: rgb(1, 2, 3) }", "text/css")
    put("bg.png", b"", "text/html", "302 Found", "Location: real.png\r\n")
    put("real.png", PIXEL, "image/png")
    put("inner.html", b"<script>parent.document.title='inner'</script><p>inner</p>", "text/html; charset=utf-8")
    put("app.js", b"alert(1)", "application/javascript")
    built = page.replace("维族", "维族 built").encode()
    record("resource", f"urn:witnessmark:dom:{SITE}", "text/html;charset=utf-8", built)
    return b"".join(out)


def capture(case: Case, data: bytes) -> Event:
    """Put an archive into a case as a capture does."""
    item = case.item(case.put(data), name="capture.warc.gz", role="warc")
    url = UntrustedText(SITE)
    return case.append(
        EventKind.CAPTURED, outputs=(item,), network=NetworkFacts(requested_url=url, final_url=url, status=200)
    )
